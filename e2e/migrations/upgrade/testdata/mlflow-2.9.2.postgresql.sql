SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.datasets (
    dataset_uuid character varying(36) NOT NULL,
    experiment_id integer NOT NULL,
    name character varying(500) NOT NULL,
    digest character varying(36) NOT NULL,
    dataset_source_type character varying(36) NOT NULL,
    dataset_source text NOT NULL,
    dataset_schema text,
    dataset_profile text
);
CREATE TABLE public.experiment_tags (
    key character varying(250) NOT NULL,
    value character varying(5000),
    experiment_id integer NOT NULL
);
CREATE TABLE public.experiments (
    experiment_id integer NOT NULL,
    name character varying(256) NOT NULL,
    artifact_location character varying(256),
    lifecycle_stage character varying(32),
    creation_time bigint,
    last_update_time bigint,
    CONSTRAINT experiments_lifecycle_stage CHECK (((lifecycle_stage)::text = ANY ((ARRAY['active'::character varying, 'deleted'::character varying])::text[])))
);
CREATE SEQUENCE public.experiments_experiment_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.experiments_experiment_id_seq OWNED BY public.experiments.experiment_id;
CREATE TABLE public.input_tags (
    input_uuid character varying(36) NOT NULL,
    name character varying(255) NOT NULL,
    value character varying(500) NOT NULL
);
CREATE TABLE public.inputs (
    input_uuid character varying(36) NOT NULL,
    source_type character varying(36) NOT NULL,
    source_id character varying(36) NOT NULL,
    destination_type character varying(36) NOT NULL,
    destination_id character varying(36) NOT NULL
);
CREATE TABLE public.latest_metrics (
    key character varying(250) NOT NULL,
    value double precision NOT NULL,
    "timestamp" bigint,
    step bigint NOT NULL,
    is_nan boolean NOT NULL,
    run_uuid character varying(32) NOT NULL
);
CREATE TABLE public.metrics (
    key character varying(250) NOT NULL,
    value double precision NOT NULL,
    "timestamp" bigint NOT NULL,
    run_uuid character varying(32) NOT NULL,
    step bigint DEFAULT '0'::bigint NOT NULL,
    is_nan boolean DEFAULT false NOT NULL
);
CREATE TABLE public.model_version_tags (
    key character varying(250) NOT NULL,
    value character varying(5000),
    name character varying(256) NOT NULL,
    version integer NOT NULL
);
CREATE TABLE public.model_versions (
    name character varying(256) NOT NULL,
    version integer NOT NULL,
    creation_time bigint,
    last_updated_time bigint,
    description character varying(5000),
    user_id character varying(256),
    current_stage character varying(20),
    source character varying(500),
    run_id character varying(32),
    status character varying(20),
    status_message character varying(500),
    run_link character varying(500),
    storage_location character varying(500)
);
CREATE TABLE public.params (
    key character varying(250) NOT NULL,
    value character varying(8000) NOT NULL,
    run_uuid character varying(32) NOT NULL
);
CREATE TABLE public.registered_model_aliases (
    alias character varying(256) NOT NULL,
    version integer NOT NULL,
    name character varying(256) NOT NULL
);
CREATE TABLE public.registered_model_tags (
    key character varying(250) NOT NULL,
    value character varying(5000),
    name character varying(256) NOT NULL
);
CREATE TABLE public.registered_models (
    name character varying(256) NOT NULL,
    creation_time bigint,
    last_updated_time bigint,
    description character varying(5000)
);
CREATE TABLE public.runs (
    run_uuid character varying(32) NOT NULL,
    name character varying(250),
    source_type character varying(20),
    source_name character varying(500),
    entry_point_name character varying(50),
    user_id character varying(256),
    status character varying(9),
    start_time bigint,
    end_time bigint,
    source_version character varying(50),
    lifecycle_stage character varying(20),
    artifact_uri character varying(200),
    experiment_id integer,
    deleted_time bigint,
    CONSTRAINT runs_lifecycle_stage CHECK (((lifecycle_stage)::text = ANY ((ARRAY['active'::character varying, 'deleted'::character varying])::text[]))),
    CONSTRAINT runs_status_check CHECK (((status)::text = ANY ((ARRAY['SCHEDULED'::character varying, 'FAILED'::character varying, 'FINISHED'::character varying, 'RUNNING'::character varying, 'KILLED'::character varying])::text[]))),
    CONSTRAINT source_type CHECK (((source_type)::text = ANY ((ARRAY['NOTEBOOK'::character varying, 'JOB'::character varying, 'LOCAL'::character varying, 'UNKNOWN'::character varying, 'PROJECT'::character varying])::text[])))
);
CREATE TABLE public.tags (
    key character varying(250) NOT NULL,
    value character varying(5000),
    run_uuid character varying(32) NOT NULL
);
ALTER TABLE ONLY public.experiments ALTER COLUMN experiment_id SET DEFAULT nextval('public.experiments_experiment_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('acf3f17fdcc7');
INSERT INTO public.experiment_tags VALUES ('team', 'a', 1);
INSERT INTO public.experiments VALUES (0, 'Default', '/tmp/lc/mlruns/0', 'active', 1795454371982, 1795454371982);
INSERT INTO public.experiments VALUES (1, 'Größe und Gewicht', 'mlflow-artifacts:/1', 'active', 1795454371984, 1795454371984);
INSERT INTO public.latest_metrics VALUES ('loss', 0.05, 1700000000019, 19, false, '425cdf4658c94dd2ac4e6c3307934ee1');
INSERT INTO public.latest_metrics VALUES ('nan', 0, 1700000000000, 0, true, '425cdf4658c94dd2ac4e6c3307934ee1');
INSERT INTO public.latest_metrics VALUES ('loss', 0.05, 1700000000019, 19, false, '58cf405e925347898d81dae2a0c378fb');
INSERT INTO public.latest_metrics VALUES ('nan', 0, 1700000000000, 0, true, '58cf405e925347898d81dae2a0c378fb');
INSERT INTO public.latest_metrics VALUES ('loss', 0.05, 1700000000019, 19, false, '51f078de370142a786e461165dd4950a');
INSERT INTO public.latest_metrics VALUES ('nan', 0, 1700000000000, 0, true, '51f078de370142a786e461165dd4950a');
INSERT INTO public.metrics VALUES ('loss', 1, 1700000000000, '425cdf4658c94dd2ac4e6c3307934ee1', 0, false);
INSERT INTO public.metrics VALUES ('loss', 0.5, 1700000000001, '425cdf4658c94dd2ac4e6c3307934ee1', 1, false);
INSERT INTO public.metrics VALUES ('loss', 0.3333333333333333, 1700000000002, '425cdf4658c94dd2ac4e6c3307934ee1', 2, false);
INSERT INTO public.metrics VALUES ('loss', 0.25, 1700000000003, '425cdf4658c94dd2ac4e6c3307934ee1', 3, false);
INSERT INTO public.metrics VALUES ('loss', 0.2, 1700000000004, '425cdf4658c94dd2ac4e6c3307934ee1', 4, false);
INSERT INTO public.metrics VALUES ('loss', 0.16666666666666666, 1700000000005, '425cdf4658c94dd2ac4e6c3307934ee1', 5, false);
INSERT INTO public.metrics VALUES ('loss', 0.14285714285714285, 1700000000006, '425cdf4658c94dd2ac4e6c3307934ee1', 6, false);
INSERT INTO public.metrics VALUES ('loss', 0.125, 1700000000007, '425cdf4658c94dd2ac4e6c3307934ee1', 7, false);
INSERT INTO public.metrics VALUES ('loss', 0.1111111111111111, 1700000000008, '425cdf4658c94dd2ac4e6c3307934ee1', 8, false);
INSERT INTO public.metrics VALUES ('loss', 0.1, 1700000000009, '425cdf4658c94dd2ac4e6c3307934ee1', 9, false);
INSERT INTO public.metrics VALUES ('loss', 0.09090909090909091, 1700000000010, '425cdf4658c94dd2ac4e6c3307934ee1', 10, false);
INSERT INTO public.metrics VALUES ('loss', 0.08333333333333333, 1700000000011, '425cdf4658c94dd2ac4e6c3307934ee1', 11, false);
INSERT INTO public.metrics VALUES ('loss', 0.07692307692307693, 1700000000012, '425cdf4658c94dd2ac4e6c3307934ee1', 12, false);
INSERT INTO public.metrics VALUES ('loss', 0.07142857142857142, 1700000000013, '425cdf4658c94dd2ac4e6c3307934ee1', 13, false);
INSERT INTO public.metrics VALUES ('loss', 0.06666666666666667, 1700000000014, '425cdf4658c94dd2ac4e6c3307934ee1', 14, false);
INSERT INTO public.metrics VALUES ('loss', 0.0625, 1700000000015, '425cdf4658c94dd2ac4e6c3307934ee1', 15, false);
INSERT INTO public.metrics VALUES ('loss', 0.058823529411764705, 1700000000016, '425cdf4658c94dd2ac4e6c3307934ee1', 16, false);
INSERT INTO public.metrics VALUES ('loss', 0.05555555555555555, 1700000000017, '425cdf4658c94dd2ac4e6c3307934ee1', 17, false);
INSERT INTO public.metrics VALUES ('loss', 0.05263157894736842, 1700000000018, '425cdf4658c94dd2ac4e6c3307934ee1', 18, false);
INSERT INTO public.metrics VALUES ('loss', 0.05, 1700000000019, '425cdf4658c94dd2ac4e6c3307934ee1', 19, false);
INSERT INTO public.metrics VALUES ('nan', 0, 1700000000000, '425cdf4658c94dd2ac4e6c3307934ee1', 0, true);
INSERT INTO public.metrics VALUES ('loss', 1, 1700000000000, '58cf405e925347898d81dae2a0c378fb', 0, false);
INSERT INTO public.metrics VALUES ('loss', 0.5, 1700000000001, '58cf405e925347898d81dae2a0c378fb', 1, false);
INSERT INTO public.metrics VALUES ('loss', 0.3333333333333333, 1700000000002, '58cf405e925347898d81dae2a0c378fb', 2, false);
INSERT INTO public.metrics VALUES ('loss', 0.25, 1700000000003, '58cf405e925347898d81dae2a0c378fb', 3, false);
INSERT INTO public.metrics VALUES ('loss', 0.2, 1700000000004, '58cf405e925347898d81dae2a0c378fb', 4, false);
INSERT INTO public.metrics VALUES ('loss', 0.16666666666666666, 1700000000005, '58cf405e925347898d81dae2a0c378fb', 5, false);
INSERT INTO public.metrics VALUES ('loss', 0.14285714285714285, 1700000000006, '58cf405e925347898d81dae2a0c378fb', 6, false);
INSERT INTO public.metrics VALUES ('loss', 0.125, 1700000000007, '58cf405e925347898d81dae2a0c378fb', 7, false);
INSERT INTO public.metrics VALUES ('loss', 0.1111111111111111, 1700000000008, '58cf405e925347898d81dae2a0c378fb', 8, false);
INSERT INTO public.metrics VALUES ('loss', 0.1, 1700000000009, '58cf405e925347898d81dae2a0c378fb', 9, false);
INSERT INTO public.metrics VALUES ('loss', 0.09090909090909091, 1700000000010, '58cf405e925347898d81dae2a0c378fb', 10, false);
INSERT INTO public.metrics VALUES ('loss', 0.08333333333333333, 1700000000011, '58cf405e925347898d81dae2a0c378fb', 11, false);
INSERT INTO public.metrics VALUES ('loss', 0.07692307692307693, 1700000000012, '58cf405e925347898d81dae2a0c378fb', 12, false);
INSERT INTO public.metrics VALUES ('loss', 0.07142857142857142, 1700000000013, '58cf405e925347898d81dae2a0c378fb', 13, false);
INSERT INTO public.metrics VALUES ('loss', 0.06666666666666667, 1700000000014, '58cf405e925347898d81dae2a0c378fb', 14, false);
INSERT INTO public.metrics VALUES ('loss', 0.0625, 1700000000015, '58cf405e925347898d81dae2a0c378fb', 15, false);
INSERT INTO public.metrics VALUES ('loss', 0.058823529411764705, 1700000000016, '58cf405e925347898d81dae2a0c378fb', 16, false);
INSERT INTO public.metrics VALUES ('loss', 0.05555555555555555, 1700000000017, '58cf405e925347898d81dae2a0c378fb', 17, false);
INSERT INTO public.metrics VALUES ('loss', 0.05263157894736842, 1700000000018, '58cf405e925347898d81dae2a0c378fb', 18, false);
INSERT INTO public.metrics VALUES ('loss', 0.05, 1700000000019, '58cf405e925347898d81dae2a0c378fb', 19, false);
INSERT INTO public.metrics VALUES ('nan', 0, 1700000000000, '58cf405e925347898d81dae2a0c378fb', 0, true);
INSERT INTO public.metrics VALUES ('loss', 1, 1700000000000, '51f078de370142a786e461165dd4950a', 0, false);
INSERT INTO public.metrics VALUES ('loss', 0.5, 1700000000001, '51f078de370142a786e461165dd4950a', 1, false);
INSERT INTO public.metrics VALUES ('loss', 0.3333333333333333, 1700000000002, '51f078de370142a786e461165dd4950a', 2, false);
INSERT INTO public.metrics VALUES ('loss', 0.25, 1700000000003, '51f078de370142a786e461165dd4950a', 3, false);
INSERT INTO public.metrics VALUES ('loss', 0.2, 1700000000004, '51f078de370142a786e461165dd4950a', 4, false);
INSERT INTO public.metrics VALUES ('loss', 0.16666666666666666, 1700000000005, '51f078de370142a786e461165dd4950a', 5, false);
INSERT INTO public.metrics VALUES ('loss', 0.14285714285714285, 1700000000006, '51f078de370142a786e461165dd4950a', 6, false);
INSERT INTO public.metrics VALUES ('loss', 0.125, 1700000000007, '51f078de370142a786e461165dd4950a', 7, false);
INSERT INTO public.metrics VALUES ('loss', 0.1111111111111111, 1700000000008, '51f078de370142a786e461165dd4950a', 8, false);
INSERT INTO public.metrics VALUES ('loss', 0.1, 1700000000009, '51f078de370142a786e461165dd4950a', 9, false);
INSERT INTO public.metrics VALUES ('loss', 0.09090909090909091, 1700000000010, '51f078de370142a786e461165dd4950a', 10, false);
INSERT INTO public.metrics VALUES ('loss', 0.08333333333333333, 1700000000011, '51f078de370142a786e461165dd4950a', 11, false);
INSERT INTO public.metrics VALUES ('loss', 0.07692307692307693, 1700000000012, '51f078de370142a786e461165dd4950a', 12, false);
INSERT INTO public.metrics VALUES ('loss', 0.07142857142857142, 1700000000013, '51f078de370142a786e461165dd4950a', 13, false);
INSERT INTO public.metrics VALUES ('loss', 0.06666666666666667, 1700000000014, '51f078de370142a786e461165dd4950a', 14, false);
INSERT INTO public.metrics VALUES ('loss', 0.0625, 1700000000015, '51f078de370142a786e461165dd4950a', 15, false);
INSERT INTO public.metrics VALUES ('loss', 0.058823529411764705, 1700000000016, '51f078de370142a786e461165dd4950a', 16, false);
INSERT INTO public.metrics VALUES ('loss', 0.05555555555555555, 1700000000017, '51f078de370142a786e461165dd4950a', 17, false);
INSERT INTO public.metrics VALUES ('loss', 0.05263157894736842, 1700000000018, '51f078de370142a786e461165dd4950a', 18, false);
INSERT INTO public.metrics VALUES ('loss', 0.05, 1700000000019, '51f078de370142a786e461165dd4950a', 19, false);
INSERT INTO public.metrics VALUES ('nan', 0, 1700000000000, '51f078de370142a786e461165dd4950a', 0, true);
INSERT INTO public.model_versions VALUES ('house prices', 1, 1795454372441, 1795454372441, NULL, NULL, 'None', 'mlflow-artifacts:/1/x/artifacts/model', NULL, 'READY', NULL, NULL, 'mlflow-artifacts:/1/x/artifacts/model');
INSERT INTO public.params VALUES ('rate', '0.0', '425cdf4658c94dd2ac4e6c3307934ee1');
INSERT INTO public.params VALUES ('rate', '0.1', '58cf405e925347898d81dae2a0c378fb');
INSERT INTO public.params VALUES ('rate', '0.2', '51f078de370142a786e461165dd4950a');
INSERT INTO public.registered_model_aliases VALUES ('champion', 1, 'house prices');
INSERT INTO public.registered_model_tags VALUES ('stage', 'x', 'house prices');
INSERT INTO public.registered_models VALUES ('house prices', 1795454372431, 1795454372441, 'old');
INSERT INTO public.runs VALUES ('425cdf4658c94dd2ac4e6c3307934ee1', 'run 0', 'UNKNOWN', '', '', 'unknown', 'FINISHED', 1700000000000, 1700000100000, '', 'active', 'mlflow-artifacts:/1/425cdf4658c94dd2ac4e6c3307934ee1/artifacts', 1, NULL);
INSERT INTO public.runs VALUES ('58cf405e925347898d81dae2a0c378fb', 'run 1', 'UNKNOWN', '', '', 'unknown', 'FINISHED', 1700000000001, 1700000100000, '', 'active', 'mlflow-artifacts:/1/58cf405e925347898d81dae2a0c378fb/artifacts', 1, NULL);
INSERT INTO public.runs VALUES ('51f078de370142a786e461165dd4950a', 'run 2', 'UNKNOWN', '', '', 'unknown', 'FINISHED', 1700000000002, 1700000100000, '', 'deleted', 'mlflow-artifacts:/1/51f078de370142a786e461165dd4950a/artifacts', 1, 1795454372403);
INSERT INTO public.tags VALUES ('mlflow.runName', 'run 0', '425cdf4658c94dd2ac4e6c3307934ee1');
INSERT INTO public.tags VALUES ('note', 'äöü 日本', '425cdf4658c94dd2ac4e6c3307934ee1');
INSERT INTO public.tags VALUES ('mlflow.runName', 'run 1', '58cf405e925347898d81dae2a0c378fb');
INSERT INTO public.tags VALUES ('note', 'äöü 日本', '58cf405e925347898d81dae2a0c378fb');
INSERT INTO public.tags VALUES ('mlflow.runName', 'run 2', '51f078de370142a786e461165dd4950a');
INSERT INTO public.tags VALUES ('note', 'äöü 日本', '51f078de370142a786e461165dd4950a');
SELECT pg_catalog.setval('public.experiments_experiment_id_seq', 1, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.datasets
    ADD CONSTRAINT dataset_pk PRIMARY KEY (experiment_id, name, digest);
ALTER TABLE ONLY public.experiments
    ADD CONSTRAINT experiment_pk PRIMARY KEY (experiment_id);
ALTER TABLE ONLY public.experiment_tags
    ADD CONSTRAINT experiment_tag_pk PRIMARY KEY (key, experiment_id);
ALTER TABLE ONLY public.experiments
    ADD CONSTRAINT experiments_name_key UNIQUE (name);
ALTER TABLE ONLY public.input_tags
    ADD CONSTRAINT input_tags_pk PRIMARY KEY (input_uuid, name);
ALTER TABLE ONLY public.inputs
    ADD CONSTRAINT inputs_pk PRIMARY KEY (source_type, source_id, destination_type, destination_id);
ALTER TABLE ONLY public.latest_metrics
    ADD CONSTRAINT latest_metric_pk PRIMARY KEY (key, run_uuid);
ALTER TABLE ONLY public.metrics
    ADD CONSTRAINT metric_pk PRIMARY KEY (key, "timestamp", step, run_uuid, value, is_nan);
ALTER TABLE ONLY public.model_versions
    ADD CONSTRAINT model_version_pk PRIMARY KEY (name, version);
ALTER TABLE ONLY public.model_version_tags
    ADD CONSTRAINT model_version_tag_pk PRIMARY KEY (key, name, version);
ALTER TABLE ONLY public.params
    ADD CONSTRAINT param_pk PRIMARY KEY (key, run_uuid);
ALTER TABLE ONLY public.registered_model_aliases
    ADD CONSTRAINT registered_model_alias_pk PRIMARY KEY (name, alias);
ALTER TABLE ONLY public.registered_models
    ADD CONSTRAINT registered_model_pk PRIMARY KEY (name);
ALTER TABLE ONLY public.registered_model_tags
    ADD CONSTRAINT registered_model_tag_pk PRIMARY KEY (key, name);
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT run_pk PRIMARY KEY (run_uuid);
ALTER TABLE ONLY public.tags
    ADD CONSTRAINT tag_pk PRIMARY KEY (key, run_uuid);
CREATE INDEX index_datasets_dataset_uuid ON public.datasets USING btree (dataset_uuid);
CREATE INDEX index_datasets_experiment_id_dataset_source_type ON public.datasets USING btree (experiment_id, dataset_source_type);
CREATE INDEX index_inputs_destination_type_destination_id_source_type ON public.inputs USING btree (destination_type, destination_id, source_type);
CREATE INDEX index_inputs_input_uuid ON public.inputs USING btree (input_uuid);
CREATE INDEX index_latest_metrics_run_uuid ON public.latest_metrics USING btree (run_uuid);
CREATE INDEX index_metrics_run_uuid ON public.metrics USING btree (run_uuid);
CREATE INDEX index_params_run_uuid ON public.params USING btree (run_uuid);
CREATE INDEX index_tags_run_uuid ON public.tags USING btree (run_uuid);
ALTER TABLE ONLY public.datasets
    ADD CONSTRAINT datasets_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES public.experiments(experiment_id);
ALTER TABLE ONLY public.experiment_tags
    ADD CONSTRAINT experiment_tags_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES public.experiments(experiment_id);
ALTER TABLE ONLY public.latest_metrics
    ADD CONSTRAINT latest_metrics_run_uuid_fkey FOREIGN KEY (run_uuid) REFERENCES public.runs(run_uuid);
ALTER TABLE ONLY public.metrics
    ADD CONSTRAINT metrics_run_uuid_fkey FOREIGN KEY (run_uuid) REFERENCES public.runs(run_uuid);
ALTER TABLE ONLY public.model_version_tags
    ADD CONSTRAINT model_version_tags_name_version_fkey FOREIGN KEY (name, version) REFERENCES public.model_versions(name, version) ON UPDATE CASCADE;
ALTER TABLE ONLY public.model_versions
    ADD CONSTRAINT model_versions_name_fkey FOREIGN KEY (name) REFERENCES public.registered_models(name) ON UPDATE CASCADE;
ALTER TABLE ONLY public.params
    ADD CONSTRAINT params_run_uuid_fkey FOREIGN KEY (run_uuid) REFERENCES public.runs(run_uuid);
ALTER TABLE ONLY public.registered_model_aliases
    ADD CONSTRAINT registered_model_alias_name_fkey FOREIGN KEY (name) REFERENCES public.registered_models(name) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE ONLY public.registered_model_tags
    ADD CONSTRAINT registered_model_tags_name_fkey FOREIGN KEY (name) REFERENCES public.registered_models(name) ON UPDATE CASCADE;
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES public.experiments(experiment_id);
ALTER TABLE ONLY public.tags
    ADD CONSTRAINT tags_run_uuid_fkey FOREIGN KEY (run_uuid) REFERENCES public.runs(run_uuid);
