"""Answers a few requests before the workers are forked.

Much of MLflow happens at the first request only: modules are imported, SQLAlchemy configures its
mappers, FastAPI and pydantic build what they answer with. In each worker that would cost half of
its memory again, and its first caller the time. Done before the fork, all of them share it.
"""

import asyncio
import gc
import os
import sys
import time
import traceback

from mlflow_serve import connections

HOST = "127.0.0.1"

# Reads only, and in a database with nothing in it as good as in a full one.
FLASK = (
    ("POST", "/api/2.0/mlflow/experiments/search", {"max_results": 1}),
    ("POST", "/api/2.0/mlflow/runs/search", {"experiment_ids": ["0"], "max_results": 1}),
    ("POST", "/api/2.0/mlflow/logged-models/search", {"experiment_ids": ["0"], "max_results": 1}),
    ("GET", "/api/2.0/mlflow/registered-models/search?max_results=1", None),
    ("POST", "/graphql", {"query": "{__typename}"}),
)
NATIVE = "/api/3.0/mlflow/server-info"

THREADS_END = 2.0  # seconds; a loop's helper threads end by themselves soon after it


def run(bridge):
    """Rehearses, and leaves nothing behind that a fork must not inherit: no thread, no connection.

    What fails here would fail in a worker as well, which then answers for it; the server starts."""
    try:
        _open_stores()
        asyncio.run(_native(bridge.native))
        _flask(bridge.wsgi)
    except Exception:
        print("MLflow could not be warmed up; the first requests will take longer", file=sys.stderr)
        traceback.print_exc()
    finally:
        connections.close_all()
    _threads_end()
    gc.collect()
    # Objects that the collector never looks at again stay shared between the forks.
    gc.freeze()


def _open_stores():
    from mlflow.server import handlers

    handlers._get_tracking_store()
    handlers._get_model_registry_store()


def _flask(app):
    client = app.test_client()
    for method, path, body in FLASK:
        client.open(path, method=method, json=body, headers={"Host": HOST})


async def _native(app):
    """One request through FastAPI, all of whose routes share what it builds for the first."""

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        pass

    await app(
        {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "path": NATIVE,
            "raw_path": NATIVE.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": "http",
            "server": (HOST, 80),
            "client": (HOST, 1),
            "headers": [(b"host", HOST.encode())],
        },
        receive,
        send,
    )


def _threads_end():
    """Forking is only safe from a single thread. numpy's BLAS, too, would have started some without
    OPENBLAS_NUM_THREADS=1."""
    deadline = time.monotonic() + THREADS_END
    while (threads := _threads()) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    if threads > 1:
        print(f"{threads} threads before the fork, expected 1", file=sys.stderr)


def _threads():
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:  # not on Linux
        return 1
