"""Reads a list of {"uri", "artifacts"} as JSON and writes what SQLAlchemy and MLflow make of each: the two judges of a mapping."""

import json
import sys

from sqlalchemy.engine import make_url

from mlflow.store.db.utils import _get_alembic_config
from mlflow.utils.file_utils import local_file_uri_to_path
from mlflow.utils.uri import extract_db_type_from_uri, get_uri_scheme


def parse(case):
    uri = case["uri"]
    url = make_url(uri)
    found = {
        "driver": url.drivername,
        "user": url.username,
        "password": url.password,
        "host": url.host,
        "port": url.port or None,
        "database": url.database,
        "query": {k: [v] if isinstance(v, str) else list(v) for k, v in url.query.items()},
    }
    if case.get("mapped"):
        found["mlflow"] = extract_db_type_from_uri(uri)
        found["alembic"] = _get_alembic_config(uri).get_main_option("sqlalchemy.url") == uri
        # What the driver is really called with: a host can also come from a parameter.
        _, arguments = url.get_dialect()().create_connect_args(url)
        found["arguments"] = {k: v for k, v in arguments.items() if isinstance(v, (str, int))}
        if artifacts := case.get("artifacts"):
            found["artifacts"] = local_file_uri_to_path(artifacts)
            found["artifacts_scheme"] = get_uri_scheme(artifacts)
    return found


json.dump([parse(case) for case in json.load(sys.stdin)], sys.stdout)
