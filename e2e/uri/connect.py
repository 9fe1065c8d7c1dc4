"""Reads database URIs as JSON, connects to each as MLflow does, and writes who it is there."""

import json
import sys

from sqlalchemy import text

from mlflow.store.db.utils import create_sqlalchemy_engine


def who(uri):
    engine = create_sqlalchemy_engine(uri)
    with engine.connect() as connection:
        found = list(connection.execute(text("SELECT current_user, current_database()")).one())
    engine.dispose()
    return found


json.dump([who(uri) for uri in json.load(sys.stdin)], sys.stdout)
