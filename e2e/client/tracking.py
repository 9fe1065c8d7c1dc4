"""Experiments, runs, metrics, params, tags and their searches."""

import time

import mlflow
from groups import fresh, group, raises
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunStatus, RunTag, ViewType


@group
def experiments():
    client = MlflowClient()
    name = fresh("experiment")
    experiment = client.create_experiment(name, tags={"team": "größe"})
    raises("RESOURCE_ALREADY_EXISTS", client.create_experiment, name)
    assert client.get_experiment_by_name(name).experiment_id == experiment
    assert client.get_experiment(experiment).artifact_location.startswith("mlflow-artifacts:/")

    client.rename_experiment(experiment, name + " renamed")
    client.set_experiment_tag(experiment, "purpose", "end to end")
    client.set_experiment_tag(experiment, "gone", "soon")
    client.delete_experiment_tag(experiment, "gone")
    found = client.get_experiment(experiment)
    assert found.name == name + " renamed"
    assert found.tags["team"] == "größe" and found.tags["purpose"] == "end to end" and "gone" not in found.tags, found.tags

    client.delete_experiment(experiment)
    assert client.get_experiment(experiment).lifecycle_stage == "deleted"
    client.restore_experiment(experiment)
    assert client.get_experiment(experiment).lifecycle_stage == "active"
    raises("RESOURCE_DOES_NOT_EXIST", client.get_experiment, "999999999")


@group
def experiment_search():
    client = MlflowClient()
    prefix = fresh("search")
    ids = [client.create_experiment(f"{prefix}-{i:02d}", tags={"part": "even" if i % 2 == 0 else "odd"}) for i in range(7)]
    client.delete_experiment(ids[6])

    names, token = [], None
    while True:
        page = client.search_experiments(
            filter_string=f"name LIKE '{prefix}%'", order_by=["name DESC"], max_results=4, page_token=token
        )
        names += [e.name for e in page]
        token = page.token
        if not token:
            break
    assert names == [f"{prefix}-{i:02d}" for i in range(5, -1, -1)], names

    even = client.search_experiments(filter_string=f"name LIKE '{prefix}%' AND tags.part = 'even'")
    assert {e.experiment_id for e in even} == {ids[0], ids[2], ids[4]}
    deleted = client.search_experiments(view_type=ViewType.DELETED_ONLY, filter_string=f"name LIKE '{prefix}%'")
    assert [e.experiment_id for e in deleted] == [ids[6]]


@group
def runs():
    client = MlflowClient()
    experiment = mlflow.set_experiment(fresh("runs")).experiment_id
    with mlflow.start_run(run_name="first — erste") as active:
        mlflow.log_param("learning rate", 0.01)
        mlflow.log_params({"depth": 3, "name": "Grüße 世界 🚀"})
        mlflow.log_metric("loss", 0.5, step=1)
        mlflow.log_metrics({"loss": 0.25, "accuracy": 0.75}, step=2)
        mlflow.set_tags({"stage": "test", "dropped": "yes"})
        mlflow.delete_tag("dropped")
    run = client.get_run(active.info.run_id)
    assert run.info.status == "FINISHED" and run.info.run_name == "first — erste" and run.info.experiment_id == experiment
    assert run.data.params == {"learning rate": "0.01", "depth": "3", "name": "Grüße 世界 🚀"}, run.data.params
    assert run.data.metrics == {"loss": 0.25, "accuracy": 0.75}, run.data.metrics
    assert run.data.tags["stage"] == "test" and "dropped" not in run.data.tags

    client.update_run(run.info.run_id, status="FAILED", name="renamed")
    client.set_terminated(run.info.run_id, status=RunStatus.to_string(RunStatus.KILLED))
    run = client.get_run(run.info.run_id)
    assert (run.info.status, run.info.run_name) == ("KILLED", "renamed"), run.info

    client.delete_run(run.info.run_id)
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "deleted"
    client.restore_run(run.info.run_id)
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "active"
    raises("INVALID_PARAMETER_VALUE", client.log_param, run.info.run_id, "depth", 4)  # a param is written once
    raises("RESOURCE_DOES_NOT_EXIST", client.get_run, "0" * 32)


@group
def failing_run():
    client = MlflowClient()
    mlflow.set_experiment(fresh("failing"))
    try:
        with mlflow.start_run() as active:
            raise ValueError("on purpose")
    except ValueError:
        pass
    assert client.get_run(active.info.run_id).info.status == "FAILED"


@group
def nested_runs():
    client = MlflowClient()
    experiment = mlflow.set_experiment(fresh("nested")).experiment_id
    with mlflow.start_run() as parent:
        children = []
        for i in range(3):
            with mlflow.start_run(nested=True) as child:
                mlflow.log_metric("i", i)
                children.append(child.info.run_id)
            assert client.get_parent_run(child.info.run_id).info.run_id == parent.info.run_id
    found = client.search_runs([experiment], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    assert {r.info.run_id for r in found} == set(children)


@group
def metric_batches():
    client = MlflowClient()
    experiment = client.create_experiment(fresh("batch"))
    run = client.create_run(experiment).info.run_id
    now = int(time.time() * 1000)
    client.log_batch(
        run,
        metrics=[Metric(f"m{i % 10}", i / 8, now + i, i // 10) for i in range(1000)],
    )
    client.log_batch(
        run,
        params=[Param(f"p{i}", "v" * i) for i in range(100)],
        tags=[RunTag(f"t{i}", str(i)) for i in range(100)],
    )
    data = client.get_run(run).data
    assert len(data.metrics) == 10 and data.metrics["m9"] == 999 / 8, data.metrics
    assert len(data.params) == 100 and data.params["p99"] == "v" * 99
    assert data.tags["t42"] == "42"
    for key in ("m0", "m7"):
        history = client.get_metric_history(run, key)
        assert len(history) == 100
        assert sorted(m.step for m in history) == list(range(100))
        assert sorted(m.value for m in history) == [(i * 10 + int(key[1:])) / 8 for i in range(100)]


@group
def unusual_metrics():
    client = MlflowClient()
    run = client.create_run(client.create_experiment(fresh("unusual"))).info.run_id
    for value in (float("inf"), float("-inf"), 1e-300, 0.0, -1.5):
        client.log_metric(run, "value", value)
    client.log_metric(run, "nan", float("nan"))
    values = {m.value for m in client.get_metric_history(run, "value")}
    assert {1e-300, 0.0, -1.5} <= values and max(values) > 1e300 and min(values) < -1e300, values
    nan = client.get_metric_history(run, "nan")[0].value
    assert nan != nan, nan


@group
def run_search():
    client = MlflowClient()
    experiment = client.create_experiment(fresh("run-search"))
    other = client.create_experiment(fresh("run-search-other"))
    for i in range(12):
        run = client.create_run(experiment, run_name=f"run-{i:02d}").info.run_id
        client.log_batch(run, [Metric("score", float(i), 0, 0)], [Param("kind", "a" if i < 6 else "b")], [RunTag("n", str(i))])
    client.create_run(other)

    scores, token = [], None
    while True:
        page = client.search_runs([experiment], order_by=["metrics.score DESC"], max_results=5, page_token=token)
        assert len(page) <= 5
        scores += [r.data.metrics["score"] for r in page]
        token = page.token
        if not token:
            break
    assert scores == [float(i) for i in range(11, -1, -1)], scores

    found = client.search_runs([experiment], "metrics.score > 3 AND params.kind = 'a'", order_by=["attributes.start_time ASC"])
    assert sorted(r.data.tags["n"] for r in found) == ["4", "5"]
    assert [r.info.run_name for r in client.search_runs([experiment], "attributes.run_name = 'run-07'")] == ["run-07"]
    assert len(client.search_runs([experiment, other])) == 13

    table = mlflow.search_runs([experiment], filter_string="params.kind = 'b'", order_by=["metrics.score ASC"])
    assert list(table["metrics.score"]) == [6.0, 7.0, 8.0, 9.0, 10.0, 11.0]


@group
def finds_earlier_data():
    """Comes last here: what the groups above have stored is there, on this start of the server or an earlier one."""
    found = mlflow.search_runs(search_all_experiments=True, filter_string="attributes.run_name = 'renamed'", output_format="list")
    assert found and found[0].data.params["name"] == "Grüße 世界 🚀", found
