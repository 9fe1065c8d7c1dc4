BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('acf3f17fdcc7');
CREATE TABLE datasets (
	dataset_uuid VARCHAR(36) NOT NULL, 
	experiment_id INTEGER NOT NULL, 
	name VARCHAR(500) NOT NULL, 
	digest VARCHAR(36) NOT NULL, 
	dataset_source_type VARCHAR(36) NOT NULL, 
	dataset_source TEXT NOT NULL, 
	dataset_schema TEXT, 
	dataset_profile TEXT, 
	CONSTRAINT dataset_pk PRIMARY KEY (experiment_id, name, digest), 
	FOREIGN KEY(experiment_id) REFERENCES experiments (experiment_id)
);
CREATE TABLE experiment_tags (
	"key" VARCHAR(250) NOT NULL, 
	value VARCHAR(5000), 
	experiment_id INTEGER NOT NULL, 
	CONSTRAINT experiment_tag_pk PRIMARY KEY ("key", experiment_id), 
	FOREIGN KEY(experiment_id) REFERENCES experiments (experiment_id)
);
INSERT INTO "experiment_tags" VALUES('team','a',1);
CREATE TABLE experiments (
	experiment_id INTEGER NOT NULL, 
	name VARCHAR(256) NOT NULL, 
	artifact_location VARCHAR(256), 
	lifecycle_stage VARCHAR(32), creation_time BIGINT, last_update_time BIGINT, 
	CONSTRAINT experiment_pk PRIMARY KEY (experiment_id), 
	CONSTRAINT experiments_lifecycle_stage CHECK (lifecycle_stage IN ('active', 'deleted')), 
	UNIQUE (name)
);
INSERT INTO "experiments" VALUES(0,'Default','/tmp/lc/mlruns/0','active',1795454358861,1795454358861);
INSERT INTO "experiments" VALUES(1,'Größe und Gewicht','mlflow-artifacts:/1','active',1795454358864,1795454358864);
CREATE TABLE input_tags (
	input_uuid VARCHAR(36) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	value VARCHAR(500) NOT NULL, 
	CONSTRAINT input_tags_pk PRIMARY KEY (input_uuid, name)
);
CREATE TABLE inputs (
	input_uuid VARCHAR(36) NOT NULL, 
	source_type VARCHAR(36) NOT NULL, 
	source_id VARCHAR(36) NOT NULL, 
	destination_type VARCHAR(36) NOT NULL, 
	destination_id VARCHAR(36) NOT NULL, 
	CONSTRAINT inputs_pk PRIMARY KEY (source_type, source_id, destination_type, destination_id)
);
CREATE TABLE "latest_metrics" (
	"key" VARCHAR(250) NOT NULL, 
	value FLOAT NOT NULL, 
	timestamp BIGINT, 
	step BIGINT NOT NULL, 
	is_nan BOOLEAN NOT NULL, 
	run_uuid VARCHAR(32) NOT NULL, 
	CONSTRAINT latest_metric_pk PRIMARY KEY ("key", run_uuid), 
	FOREIGN KEY(run_uuid) REFERENCES runs (run_uuid), 
	CHECK (is_nan IN (0, 1))
);
INSERT INTO "latest_metrics" VALUES('loss',0.05,1700000000019,19,0,'8ffb303b07cb493fbefe161e36e589a8');
INSERT INTO "latest_metrics" VALUES('nan',0.0,1700000000000,0,1,'8ffb303b07cb493fbefe161e36e589a8');
INSERT INTO "latest_metrics" VALUES('loss',0.05,1700000000019,19,0,'da46ad529d6f45998b8544a53ec4f8f4');
INSERT INTO "latest_metrics" VALUES('nan',0.0,1700000000000,0,1,'da46ad529d6f45998b8544a53ec4f8f4');
INSERT INTO "latest_metrics" VALUES('loss',0.05,1700000000019,19,0,'643a6d904be541cf875847877e868ac0');
INSERT INTO "latest_metrics" VALUES('nan',0.0,1700000000000,0,1,'643a6d904be541cf875847877e868ac0');
CREATE TABLE "metrics" (
	"key" VARCHAR(250) NOT NULL, 
	value FLOAT NOT NULL, 
	timestamp BIGINT NOT NULL, 
	run_uuid VARCHAR(32) NOT NULL, 
	step BIGINT DEFAULT '0' NOT NULL, 
	is_nan BOOLEAN DEFAULT '0' NOT NULL, 
	CONSTRAINT metric_pk PRIMARY KEY ("key", timestamp, step, run_uuid, value, is_nan), 
	FOREIGN KEY(run_uuid) REFERENCES runs (run_uuid), 
	CHECK (is_nan IN (0, 1))
);
INSERT INTO "metrics" VALUES('loss',1.0,1700000000000,'8ffb303b07cb493fbefe161e36e589a8',0,0);
INSERT INTO "metrics" VALUES('loss',0.5,1700000000001,'8ffb303b07cb493fbefe161e36e589a8',1,0);
INSERT INTO "metrics" VALUES('loss',3.33333333333333314829e-01,1700000000002,'8ffb303b07cb493fbefe161e36e589a8',2,0);
INSERT INTO "metrics" VALUES('loss',0.25,1700000000003,'8ffb303b07cb493fbefe161e36e589a8',3,0);
INSERT INTO "metrics" VALUES('loss',0.2,1700000000004,'8ffb303b07cb493fbefe161e36e589a8',4,0);
INSERT INTO "metrics" VALUES('loss',1.66666666666666657414e-01,1700000000005,'8ffb303b07cb493fbefe161e36e589a8',5,0);
INSERT INTO "metrics" VALUES('loss',1.42857142857142849212e-01,1700000000006,'8ffb303b07cb493fbefe161e36e589a8',6,0);
INSERT INTO "metrics" VALUES('loss',0.125,1700000000007,'8ffb303b07cb493fbefe161e36e589a8',7,0);
INSERT INTO "metrics" VALUES('loss',1.11111111111111104943e-01,1700000000008,'8ffb303b07cb493fbefe161e36e589a8',8,0);
INSERT INTO "metrics" VALUES('loss',0.1,1700000000009,'8ffb303b07cb493fbefe161e36e589a8',9,0);
INSERT INTO "metrics" VALUES('loss',9.09090909090909116141e-02,1700000000010,'8ffb303b07cb493fbefe161e36e589a8',10,0);
INSERT INTO "metrics" VALUES('loss',8.33333333333333287074e-02,1700000000011,'8ffb303b07cb493fbefe161e36e589a8',11,0);
INSERT INTO "metrics" VALUES('loss',7.6923076923076927347e-02,1700000000012,'8ffb303b07cb493fbefe161e36e589a8',12,0);
INSERT INTO "metrics" VALUES('loss',7.14285714285714246063e-02,1700000000013,'8ffb303b07cb493fbefe161e36e589a8',13,0);
INSERT INTO "metrics" VALUES('loss',6.66666666666666657414e-02,1700000000014,'8ffb303b07cb493fbefe161e36e589a8',14,0);
INSERT INTO "metrics" VALUES('loss',0.0625,1700000000015,'8ffb303b07cb493fbefe161e36e589a8',15,0);
INSERT INTO "metrics" VALUES('loss',5.8823529411764705066e-02,1700000000016,'8ffb303b07cb493fbefe161e36e589a8',16,0);
INSERT INTO "metrics" VALUES('loss',5.55555555555555524716e-02,1700000000017,'8ffb303b07cb493fbefe161e36e589a8',17,0);
INSERT INTO "metrics" VALUES('loss',5.26315789473684181309e-02,1700000000018,'8ffb303b07cb493fbefe161e36e589a8',18,0);
INSERT INTO "metrics" VALUES('loss',0.05,1700000000019,'8ffb303b07cb493fbefe161e36e589a8',19,0);
INSERT INTO "metrics" VALUES('nan',0.0,1700000000000,'8ffb303b07cb493fbefe161e36e589a8',0,1);
INSERT INTO "metrics" VALUES('loss',1.0,1700000000000,'da46ad529d6f45998b8544a53ec4f8f4',0,0);
INSERT INTO "metrics" VALUES('loss',0.5,1700000000001,'da46ad529d6f45998b8544a53ec4f8f4',1,0);
INSERT INTO "metrics" VALUES('loss',3.33333333333333314829e-01,1700000000002,'da46ad529d6f45998b8544a53ec4f8f4',2,0);
INSERT INTO "metrics" VALUES('loss',0.25,1700000000003,'da46ad529d6f45998b8544a53ec4f8f4',3,0);
INSERT INTO "metrics" VALUES('loss',0.2,1700000000004,'da46ad529d6f45998b8544a53ec4f8f4',4,0);
INSERT INTO "metrics" VALUES('loss',1.66666666666666657414e-01,1700000000005,'da46ad529d6f45998b8544a53ec4f8f4',5,0);
INSERT INTO "metrics" VALUES('loss',1.42857142857142849212e-01,1700000000006,'da46ad529d6f45998b8544a53ec4f8f4',6,0);
INSERT INTO "metrics" VALUES('loss',0.125,1700000000007,'da46ad529d6f45998b8544a53ec4f8f4',7,0);
INSERT INTO "metrics" VALUES('loss',1.11111111111111104943e-01,1700000000008,'da46ad529d6f45998b8544a53ec4f8f4',8,0);
INSERT INTO "metrics" VALUES('loss',0.1,1700000000009,'da46ad529d6f45998b8544a53ec4f8f4',9,0);
INSERT INTO "metrics" VALUES('loss',9.09090909090909116141e-02,1700000000010,'da46ad529d6f45998b8544a53ec4f8f4',10,0);
INSERT INTO "metrics" VALUES('loss',8.33333333333333287074e-02,1700000000011,'da46ad529d6f45998b8544a53ec4f8f4',11,0);
INSERT INTO "metrics" VALUES('loss',7.6923076923076927347e-02,1700000000012,'da46ad529d6f45998b8544a53ec4f8f4',12,0);
INSERT INTO "metrics" VALUES('loss',7.14285714285714246063e-02,1700000000013,'da46ad529d6f45998b8544a53ec4f8f4',13,0);
INSERT INTO "metrics" VALUES('loss',6.66666666666666657414e-02,1700000000014,'da46ad529d6f45998b8544a53ec4f8f4',14,0);
INSERT INTO "metrics" VALUES('loss',0.0625,1700000000015,'da46ad529d6f45998b8544a53ec4f8f4',15,0);
INSERT INTO "metrics" VALUES('loss',5.8823529411764705066e-02,1700000000016,'da46ad529d6f45998b8544a53ec4f8f4',16,0);
INSERT INTO "metrics" VALUES('loss',5.55555555555555524716e-02,1700000000017,'da46ad529d6f45998b8544a53ec4f8f4',17,0);
INSERT INTO "metrics" VALUES('loss',5.26315789473684181309e-02,1700000000018,'da46ad529d6f45998b8544a53ec4f8f4',18,0);
INSERT INTO "metrics" VALUES('loss',0.05,1700000000019,'da46ad529d6f45998b8544a53ec4f8f4',19,0);
INSERT INTO "metrics" VALUES('nan',0.0,1700000000000,'da46ad529d6f45998b8544a53ec4f8f4',0,1);
INSERT INTO "metrics" VALUES('loss',1.0,1700000000000,'643a6d904be541cf875847877e868ac0',0,0);
INSERT INTO "metrics" VALUES('loss',0.5,1700000000001,'643a6d904be541cf875847877e868ac0',1,0);
INSERT INTO "metrics" VALUES('loss',3.33333333333333314829e-01,1700000000002,'643a6d904be541cf875847877e868ac0',2,0);
INSERT INTO "metrics" VALUES('loss',0.25,1700000000003,'643a6d904be541cf875847877e868ac0',3,0);
INSERT INTO "metrics" VALUES('loss',0.2,1700000000004,'643a6d904be541cf875847877e868ac0',4,0);
INSERT INTO "metrics" VALUES('loss',1.66666666666666657414e-01,1700000000005,'643a6d904be541cf875847877e868ac0',5,0);
INSERT INTO "metrics" VALUES('loss',1.42857142857142849212e-01,1700000000006,'643a6d904be541cf875847877e868ac0',6,0);
INSERT INTO "metrics" VALUES('loss',0.125,1700000000007,'643a6d904be541cf875847877e868ac0',7,0);
INSERT INTO "metrics" VALUES('loss',1.11111111111111104943e-01,1700000000008,'643a6d904be541cf875847877e868ac0',8,0);
INSERT INTO "metrics" VALUES('loss',0.1,1700000000009,'643a6d904be541cf875847877e868ac0',9,0);
INSERT INTO "metrics" VALUES('loss',9.09090909090909116141e-02,1700000000010,'643a6d904be541cf875847877e868ac0',10,0);
INSERT INTO "metrics" VALUES('loss',8.33333333333333287074e-02,1700000000011,'643a6d904be541cf875847877e868ac0',11,0);
INSERT INTO "metrics" VALUES('loss',7.6923076923076927347e-02,1700000000012,'643a6d904be541cf875847877e868ac0',12,0);
INSERT INTO "metrics" VALUES('loss',7.14285714285714246063e-02,1700000000013,'643a6d904be541cf875847877e868ac0',13,0);
INSERT INTO "metrics" VALUES('loss',6.66666666666666657414e-02,1700000000014,'643a6d904be541cf875847877e868ac0',14,0);
INSERT INTO "metrics" VALUES('loss',0.0625,1700000000015,'643a6d904be541cf875847877e868ac0',15,0);
INSERT INTO "metrics" VALUES('loss',5.8823529411764705066e-02,1700000000016,'643a6d904be541cf875847877e868ac0',16,0);
INSERT INTO "metrics" VALUES('loss',5.55555555555555524716e-02,1700000000017,'643a6d904be541cf875847877e868ac0',17,0);
INSERT INTO "metrics" VALUES('loss',5.26315789473684181309e-02,1700000000018,'643a6d904be541cf875847877e868ac0',18,0);
INSERT INTO "metrics" VALUES('loss',0.05,1700000000019,'643a6d904be541cf875847877e868ac0',19,0);
INSERT INTO "metrics" VALUES('nan',0.0,1700000000000,'643a6d904be541cf875847877e868ac0',0,1);
CREATE TABLE model_version_tags (
	"key" VARCHAR(250) NOT NULL, 
	value VARCHAR(5000), 
	name VARCHAR(256) NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT model_version_tag_pk PRIMARY KEY ("key", name, version), 
	FOREIGN KEY(name, version) REFERENCES model_versions (name, version) ON UPDATE cascade
);
CREATE TABLE "model_versions" (
	name VARCHAR(256) NOT NULL, 
	version INTEGER NOT NULL, 
	creation_time BIGINT, 
	last_updated_time BIGINT, 
	description VARCHAR(5000), 
	user_id VARCHAR(256), 
	current_stage VARCHAR(20), 
	source VARCHAR(500), 
	run_id VARCHAR(32), 
	status VARCHAR(20), 
	status_message VARCHAR(500), 
	run_link VARCHAR(500), storage_location VARCHAR(500), 
	CONSTRAINT model_version_pk PRIMARY KEY (name, version), 
	FOREIGN KEY(name) REFERENCES registered_models (name) ON UPDATE CASCADE
);
INSERT INTO "model_versions" VALUES('house prices',1,1795454359405,1795454359405,NULL,NULL,'None','mlflow-artifacts:/1/x/artifacts/model',NULL,'READY',NULL,NULL,'mlflow-artifacts:/1/x/artifacts/model');
CREATE TABLE "params" (
	"key" VARCHAR(250) NOT NULL, 
	value VARCHAR(8000) NOT NULL, 
	run_uuid VARCHAR(32) NOT NULL, 
	CONSTRAINT param_pk PRIMARY KEY ("key", run_uuid), 
	FOREIGN KEY(run_uuid) REFERENCES runs (run_uuid)
);
INSERT INTO "params" VALUES('rate','0.0','8ffb303b07cb493fbefe161e36e589a8');
INSERT INTO "params" VALUES('rate','0.1','da46ad529d6f45998b8544a53ec4f8f4');
INSERT INTO "params" VALUES('rate','0.2','643a6d904be541cf875847877e868ac0');
CREATE TABLE registered_model_aliases (
	alias VARCHAR(256) NOT NULL, 
	version INTEGER NOT NULL, 
	name VARCHAR(256) NOT NULL, 
	CONSTRAINT registered_model_alias_pk PRIMARY KEY (name, alias), 
	CONSTRAINT registered_model_alias_name_fkey FOREIGN KEY(name) REFERENCES registered_models (name) ON DELETE cascade ON UPDATE cascade
);
INSERT INTO "registered_model_aliases" VALUES('champion',1,'house prices');
CREATE TABLE registered_model_tags (
	"key" VARCHAR(250) NOT NULL, 
	value VARCHAR(5000), 
	name VARCHAR(256) NOT NULL, 
	CONSTRAINT registered_model_tag_pk PRIMARY KEY ("key", name), 
	FOREIGN KEY(name) REFERENCES registered_models (name) ON UPDATE cascade
);
INSERT INTO "registered_model_tags" VALUES('stage','x','house prices');
CREATE TABLE registered_models (
	name VARCHAR(256) NOT NULL, 
	creation_time BIGINT, 
	last_updated_time BIGINT, 
	description VARCHAR(5000), 
	CONSTRAINT registered_model_pk PRIMARY KEY (name), 
	UNIQUE (name)
);
INSERT INTO "registered_models" VALUES('house prices',1795454359393,1795454359405,'old');
CREATE TABLE "runs" (
	run_uuid VARCHAR(32) NOT NULL, 
	name VARCHAR(250), 
	source_type VARCHAR(20), 
	source_name VARCHAR(500), 
	entry_point_name VARCHAR(50), 
	user_id VARCHAR(256), 
	status VARCHAR(9), 
	start_time BIGINT, 
	end_time BIGINT, 
	source_version VARCHAR(50), 
	lifecycle_stage VARCHAR(20), 
	artifact_uri VARCHAR(200), 
	experiment_id INTEGER, deleted_time BIGINT, 
	CONSTRAINT run_pk PRIMARY KEY (run_uuid), 
	CONSTRAINT runs_lifecycle_stage CHECK (lifecycle_stage IN ('active', 'deleted')), 
	CONSTRAINT source_type CHECK (source_type IN ('NOTEBOOK', 'JOB', 'LOCAL', 'UNKNOWN', 'PROJECT')), 
	FOREIGN KEY(experiment_id) REFERENCES experiments (experiment_id), 
	CHECK (status IN ('SCHEDULED', 'FAILED', 'FINISHED', 'RUNNING', 'KILLED'))
);
INSERT INTO "runs" VALUES('8ffb303b07cb493fbefe161e36e589a8','run 0','UNKNOWN','','','unknown','FINISHED',1700000000000,1700000100000,'','active','mlflow-artifacts:/1/8ffb303b07cb493fbefe161e36e589a8/artifacts',1,NULL);
INSERT INTO "runs" VALUES('da46ad529d6f45998b8544a53ec4f8f4','run 1','UNKNOWN','','','unknown','FINISHED',1700000000001,1700000100000,'','active','mlflow-artifacts:/1/da46ad529d6f45998b8544a53ec4f8f4/artifacts',1,NULL);
INSERT INTO "runs" VALUES('643a6d904be541cf875847877e868ac0','run 2','UNKNOWN','','','unknown','FINISHED',1700000000002,1700000100000,'','deleted','mlflow-artifacts:/1/643a6d904be541cf875847877e868ac0/artifacts',1,1795454359353);
CREATE TABLE "tags" (
	"key" VARCHAR(250) NOT NULL, 
	value VARCHAR(5000), 
	run_uuid VARCHAR(32) NOT NULL, 
	CONSTRAINT tag_pk PRIMARY KEY ("key", run_uuid), 
	FOREIGN KEY(run_uuid) REFERENCES runs (run_uuid)
);
INSERT INTO "tags" VALUES('mlflow.runName','run 0','8ffb303b07cb493fbefe161e36e589a8');
INSERT INTO "tags" VALUES('note','äöü 日本','8ffb303b07cb493fbefe161e36e589a8');
INSERT INTO "tags" VALUES('mlflow.runName','run 1','da46ad529d6f45998b8544a53ec4f8f4');
INSERT INTO "tags" VALUES('note','äöü 日本','da46ad529d6f45998b8544a53ec4f8f4');
INSERT INTO "tags" VALUES('mlflow.runName','run 2','643a6d904be541cf875847877e868ac0');
INSERT INTO "tags" VALUES('note','äöü 日本','643a6d904be541cf875847877e868ac0');
CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid);
CREATE INDEX index_latest_metrics_run_uuid ON latest_metrics (run_uuid);
CREATE INDEX index_tags_run_uuid ON tags (run_uuid);
CREATE INDEX index_datasets_dataset_uuid ON datasets (dataset_uuid);
CREATE INDEX index_datasets_experiment_id_dataset_source_type ON datasets (experiment_id, dataset_source_type);
CREATE INDEX index_inputs_destination_type_destination_id_source_type ON inputs (destination_type, destination_id, source_type);
CREATE INDEX index_inputs_input_uuid ON inputs (input_uuid);
CREATE INDEX index_params_run_uuid ON params (run_uuid);
COMMIT;
