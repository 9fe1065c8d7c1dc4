import sys, mlflow
from mlflow import MlflowClient
uri = sys.argv[1]
mlflow.set_tracking_uri(uri)
c = MlflowClient(tracking_uri=uri, registry_uri=uri)
e = c.create_experiment("Größe und Gewicht", artifact_location="mlflow-artifacts:/1", tags={"team": "a"})
for n in range(3):
    r = c.create_run(e, start_time=1700000000000 + n, run_name=f"run {n}")
    i = r.info.run_id
    for s in range(20):
        c.log_metric(i, "loss", 1 / (s + 1), timestamp=1700000000000 + s, step=s)
    c.log_metric(i, "nan", float("nan"), timestamp=1700000000000, step=0)
    c.log_param(i, "rate", str(n / 10)); c.set_tag(i, "note", "äöü 日本")
    c.set_terminated(i, "FINISHED", end_time=1700000100000)
c.delete_run(i)
c.create_registered_model("house prices", tags={"stage": "x"}, description="old")
c.create_model_version("house prices", "mlflow-artifacts:/1/x/artifacts/model", run_id=None)
c.set_registered_model_alias("house prices", "champion", 1)
print(mlflow.__version__)
