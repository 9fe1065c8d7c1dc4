"""Models: log one, load it back, the registry with its versions, aliases and tags."""

import mlflow
from groups import fresh, group, raises
from mlflow import MlflowClient


def log_doubler(factor=2):
    """Logs a small model; the class is local, so that it is pickled whole and loads without this file."""

    class Multiplier(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return [x * factor for x in model_input]

    return mlflow.pyfunc.log_model(
        name="multiplier",
        python_model=Multiplier(),
        pip_requirements=["mlflow"],  # guessing them would start a second Python
        metadata={"factor": factor},
    )


@group
def log_and_load_model():
    mlflow.set_experiment(fresh("model"))
    with mlflow.start_run() as active:
        info = log_doubler()
    loaded = mlflow.pyfunc.load_model(info.model_uri)
    assert list(loaded.predict([1, 2, 3])) == [2, 4, 6]
    assert loaded.metadata.metadata == {"factor": 2}
    by_run = mlflow.pyfunc.load_model(f"runs:/{active.info.run_id}/multiplier")
    assert list(by_run.predict([5])) == [10]


@group
def logged_models():
    client = MlflowClient()
    experiment = mlflow.set_experiment(fresh("logged-models")).experiment_id
    with mlflow.start_run():
        infos = [log_doubler(f) for f in (2, 3)]
        for factor, info in zip((2, 3), infos):
            mlflow.log_metric("factor", factor, model_id=info.model_id)
    mlflow.set_logged_model_tags(infos[0].model_id, {"best": "no"})
    found = mlflow.search_logged_models([experiment], filter_string="metrics.factor > 2", output_format="list")
    assert [m.model_id for m in found] == [infos[1].model_id]
    page = client.search_logged_models([experiment], max_results=1)
    rest = client.search_logged_models([experiment], max_results=1, page_token=page.token)
    assert {page[0].model_id, rest[0].model_id} == {i.model_id for i in infos}
    assert mlflow.get_logged_model(infos[0].model_id).tags["best"] == "no"
    client.delete_logged_model(infos[0].model_id)
    assert len(client.search_logged_models([experiment])) == 1


@group
def model_registry():
    client = MlflowClient()
    name = fresh("registered model")
    mlflow.set_experiment(fresh("registry"))
    with mlflow.start_run() as active:
        infos = [log_doubler(f) for f in (2, 3)]
    client.create_registered_model(name, tags={"owner": "e2e"}, description="first")
    raises("RESOURCE_ALREADY_EXISTS", client.create_registered_model, name)
    versions = [mlflow.register_model(i.model_uri, name) for i in infos]
    assert [str(v.version) for v in versions] == ["1", "2"]

    client.set_registered_model_alias(name, "champion", "1")
    client.set_registered_model_alias(name, "challenger", "2")
    assert list(mlflow.pyfunc.load_model(f"models:/{name}@champion").predict([10])) == [20]
    client.set_registered_model_alias(name, "champion", "2")
    assert list(mlflow.pyfunc.load_model(f"models:/{name}@champion").predict([10])) == [30]
    assert str(client.get_model_version_by_alias(name, "champion").version) == "2"
    client.delete_registered_model_alias(name, "challenger")
    assert client.get_registered_model(name).aliases == {"champion": "2"}, client.get_registered_model(name).aliases

    client.set_model_version_tag(name, "1", "validated", "true")
    client.update_model_version(name, "1", description="Größe")
    version = client.get_model_version(name, "1")
    assert version.tags["validated"] == "true" and version.description == "Größe" and version.status == "READY"
    assert version.run_id in (None, "", active.info.run_id)
    client.delete_model_version_tag(name, "1", "validated")
    found = client.search_model_versions(f"name = '{name}'", order_by=["version_number ASC"])
    assert [str(v.version) for v in found] == ["1", "2"]
    assert [m.name for m in client.search_registered_models(f"name LIKE '{name}%'")] == [name]

    client.delete_model_version(name, "1")
    raises("RESOURCE_DOES_NOT_EXIST", client.get_model_version, name, "1")
    client.rename_registered_model(name, name + " new")
    assert list(mlflow.pyfunc.load_model(f"models:/{name} new/2").predict([1])) == [3]
    client.delete_registered_model(name + " new")
    raises("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, name + " new")
