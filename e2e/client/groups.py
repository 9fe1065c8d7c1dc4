"""What every exercise shares: the list of groups, names that never collide, and a session for plain HTTP."""

import os
import uuid

import requests

GROUPS = []


def group(function):
    """Registers an exercise; groups run in the order in which they are written."""
    GROUPS.append(function)
    return function


def fresh(name):
    """A name that no earlier run of the exercises has used, so that they can run twice on one server."""
    return f"{name}-{uuid.uuid4().hex[:10]}"


def url(path):
    return os.environ["MLFLOW_TRACKING_URI"].rstrip("/") + path


def session():
    """Plain HTTP as the user that the MLflow client signs in as; no proxy and no netrc of this machine."""
    http = requests.Session()
    http.trust_env = False
    http.auth = (os.environ["MLFLOW_TRACKING_USERNAME"].encode(), os.environ["MLFLOW_TRACKING_PASSWORD"].encode())
    return http


def raises(error_code, function, *args, **kwargs):
    """Asserts that the server refuses a call with this MLflow error code."""
    from mlflow.exceptions import MlflowException

    try:
        function(*args, **kwargs)
    except MlflowException as error:
        assert error.error_code == error_code, f"{error.error_code} instead of {error_code}: {error}"
    else:
        raise AssertionError(f"{function.__name__} was expected to fail with {error_code}")
