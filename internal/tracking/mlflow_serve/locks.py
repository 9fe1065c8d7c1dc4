"""The lock under which the schema is changed: held in the database itself, so that it counts for
every machine that uses it, and gone with the connection when its holder dies."""

import contextlib
import fcntl
import hashlib
import time

import sqlalchemy
from sqlalchemy.pool import NullPool

from mlflow_serve.failure import Failure

NAME = "mlflow-server schema"
PATIENCE = 900.0  # seconds; upgrades of large databases take minutes
PAUSE = 0.5


@contextlib.contextmanager
def exclusive(uri, report):
    """Holds the lock; waits for another holder up to PATIENCE seconds."""
    url = sqlalchemy.make_url(uri)
    backend = url.get_backend_name()
    if backend == "sqlite":
        held = _file(url)
    elif backend == "postgresql":
        held = _session(
            uri,
            "SELECT pg_try_advisory_lock(:key)",
            "SELECT pg_advisory_unlock(:key)",
            int.from_bytes(hashlib.sha256(NAME.encode()).digest()[:8], "big", signed=True),
        )
    elif backend in ("mysql", "mariadb"):
        # The names of MySQL's locks are the server's, not the database's, and at most 64 long.
        digest = hashlib.sha256((url.database or "").encode()).hexdigest()[:32]
        held = _session(
            uri,
            "SELECT GET_LOCK(:key, 0)",
            "SELECT RELEASE_LOCK(:key)",
            f"{NAME} {digest}",
        )
    else:
        held = contextlib.nullcontext(lambda: True)  # MLflow's own behaviour: no lock
    with held as take:
        _wait(take, report)
        yield


def _wait(take, report):
    deadline = time.monotonic() + PATIENCE
    told = False
    while not take():
        if time.monotonic() > deadline:
            raise Failure(
                "migration",
                f"another process has been changing the database's schema for {PATIENCE:.0f} s",
            )
        if not told:
            report.phase("migrating", waiting=True)
            told = True
        time.sleep(PAUSE)


@contextlib.contextmanager
def _session(uri, take, release, key):
    engine = sqlalchemy.create_engine(uri, poolclass=NullPool)
    # Autocommit: an open transaction for the whole time would hold back the database's clean-up.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:

        def ask(statement):
            return bool(connection.execute(sqlalchemy.text(statement), {"key": key}).scalar())

        yield lambda: ask(take)
        ask(release)


@contextlib.contextmanager
def _file(url):
    if not url.database or url.database == ":memory:":
        yield lambda: True
        return
    # Beside the database and left there: removing a lock file lets two holders in.
    with open(url.database + ".lock", "a") as file:

        def take():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        yield take
