"""What the browser does: the page, its files, its searches, and GraphQL."""

import re

import mlflow
from groups import fresh, group, session, url
from mlflow import MlflowClient

# The UI's own query for a run's page, shortened to what is compared here.
GET_RUN = """query GetRun($data: MlflowGetRunInput!) @component(name: "MLflow.ExperimentRunTracking") {
  mlflowGetRun(input: $data) {
    apiError { helpUrl code message }
    run {
      info { runName status runUuid experimentId artifactUri }
      experiment { experimentId name tags { key value } artifactLocation lifecycleStage lastUpdateTime }
      modelVersions { status version name source }
      data { metrics { key value step timestamp } params { key value } tags { key value } }
    }
  }
}"""
GET_EXPERIMENT = """query MlflowGetExperimentQuery($input: MlflowGetExperimentInput!) @component(name: "MLflow.ExperimentRunTracking") {
  mlflowGetExperiment(input: $input) {
    apiError { code message }
    experiment { artifactLocation creationTime experimentId lifecycleStage name tags { key value } }
  }
}"""


def a_run():
    experiment = mlflow.set_experiment(fresh("web"))
    with mlflow.start_run(run_name="seen in the browser") as active:
        mlflow.log_metric("loss", 0.5, step=3)
        mlflow.log_param("depth", 3)
        mlflow.log_text("hello", "hello.txt")
    return experiment, active.info.run_id


@group
def main_page_and_files():
    http = session()
    page = http.get(url("/"))
    assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html"), page.headers
    scripts = re.findall(r'(?:src|href)="(static-files/static/[^"]+)"', page.text)
    assert any(s.endswith(".js") for s in scripts) and any(s.endswith(".css") for s in scripts), page.text
    for script in scripts:
        answer = http.get(url("/" + script))
        assert answer.status_code == 200 and len(answer.content) > 1000, script
        kind = "javascript" if script.endswith(".js") else "css"
        assert kind in answer.headers["Content-Type"], (script, answer.headers["Content-Type"])
    assert http.get(url("/static-files/favicon.ico")).status_code == 200
    assert http.get(url("/static-files/static/js/missing.js")).status_code == 404


@group
def head_requests():
    http = session()
    for path in ("/", "/static-files/favicon.ico", "/version", "/health"):
        get, head = http.get(url(path)), http.head(url(path))
        assert get.status_code == 200 and head.status_code in (200, 405), (path, get.status_code, head.status_code)
        assert head.content == b"", path
    assert http.get(url("/version")).text.strip() == mlflow.__version__


@group
def graphql():
    http = session()
    experiment, run = a_run()
    answer = http.post(url("/graphql"), json={"operationName": "GetRun", "query": GET_RUN, "variables": {"data": {"runId": run}}})
    assert answer.status_code == 200, answer.text
    found = answer.json()["data"]["mlflowGetRun"]
    assert found["apiError"] is None, found
    assert found["run"]["info"]["runName"] == "seen in the browser" and found["run"]["info"]["runUuid"] == run
    assert [(m["key"], m["value"]) for m in found["run"]["data"]["metrics"]] == [("loss", 0.5)]
    answer = http.post(
        url("/graphql"),
        json={
            "operationName": "MlflowGetExperimentQuery",
            "query": GET_EXPERIMENT,
            "variables": {"input": {"experimentId": experiment.experiment_id}},
        },
    )
    assert answer.json()["data"]["mlflowGetExperiment"]["experiment"]["name"] == experiment.name, answer.text


@group
def ajax_calls():
    http = session()
    experiment, run = a_run()
    ids = [experiment.experiment_id]

    def post(path, body):
        answer = http.post(url(f"/ajax-api/{path}"), json=body)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def get(path, **parameters):
        answer = http.get(url(f"/ajax-api/{path}"), params=parameters)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    found = post("2.0/mlflow/runs/search", {"experiment_ids": ids, "max_results": 10, "order_by": ["attributes.start_time DESC"]})
    assert [r["info"]["run_id"] for r in found["runs"]] == [run]
    found = post("2.0/mlflow/experiments/search", {"max_results": 5, "filter": f"name = '{experiment.name}'"})
    assert [e["name"] for e in found["experiments"]] == [experiment.name]
    assert get("2.0/mlflow/runs/get", run_id=run)["run"]["info"]["run_name"] == "seen in the browser"
    assert [f["path"] for f in get("2.0/mlflow/artifacts/list", run_id=run)["files"]] == ["hello.txt"]
    assert get("2.0/mlflow/metrics/get-history", run_uuid=run, metric_key="loss")["metrics"][0]["step"] == 3
    assert post("2.0/mlflow/logged-models/search", {"experiment_ids": ids}) is not None
    assert "registered_models" in (get("2.0/mlflow/registered-models/search") | {"registered_models": []})
    location = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": ids[0]}}
    assert post("3.0/mlflow/traces/search", {"locations": [location], "max_results": 5}).get("traces", []) == []
    assert get("3.0/mlflow/server-info")["store_type"] == "SqlStore"
    post("2.0/mlflow/runs/set-tag", {"run_id": run, "key": "mlflow.note.content", "value": "written in the UI"})
    assert MlflowClient().get_run(run).data.tags["mlflow.note.content"] == "written in the UI"


@group
def artifact_preview():
    _, run = a_run()
    answer = session().get(url("/get-artifact"), params={"run_uuid": run, "path": "hello.txt"})
    assert (answer.status_code, answer.text) == (200, "hello"), (answer.status_code, answer.text)
    for path in ("../hello.txt", "/etc/passwd", "..%2f..%2fetc/passwd"):
        refused = session().get(url("/get-artifact"), params={"run_uuid": run, "path": path})
        assert refused.status_code in (400, 404), (path, refused.status_code, refused.text)


@group
def unknown_routes():
    http = session()
    answer = http.post(url("/api/2.0/mlflow/runs/create"), data="{not json", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, (answer.status_code, answer.text)
    assert http.get(url("/api/2.0/mlflow/no-such-thing")).status_code == 404
    assert http.post(url("/api/2.0/mlflow/runs/get")).status_code in (404, 405)
