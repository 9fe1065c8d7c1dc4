"""Does what will be refused, once, and prints what the client raises: a JSON object by the names of the cases, which come as
the one argument, a JSON list of {name, user, password, do}."""

import json
import os
import sys

os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
import mlflow

client = mlflow.MlflowClient()
raised = {}
for case in json.loads(sys.argv[1]):
    os.environ["MLFLOW_TRACKING_USERNAME"] = case["user"]
    os.environ["MLFLOW_TRACKING_PASSWORD"] = case["password"]
    try:
        exec(case["do"])
    except Exception as error:
        raised[case["name"]] = f"{type(error).__name__}: {error}"
print("raised " + json.dumps(raised))
