"""Prints every route of the installed MLflow as a line "METHOD path", read from its own route tables."""

import warnings

warnings.simplefilter("ignore")

from mlflow.server import app as flask_app  # noqa: E402
from mlflow.server.fastapi_app import app as fastapi_app  # noqa: E402

routes = {(method, rule.rule) for rule in flask_app.url_map.iter_rules() for method in rule.methods}
routes |= {(method.upper(), path) for path, methods in fastapi_app.openapi()["paths"].items() for method in methods}
for method, path in sorted(routes):
    print(method, path)
