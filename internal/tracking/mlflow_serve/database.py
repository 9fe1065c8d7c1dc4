"""Waits for the database, and says in one clear sentence why it cannot be had."""

import os
import time

import sqlalchemy
import sqlalchemy.event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from mlflow_serve import refusals
from mlflow_serve.failure import Failure

ATTEMPT = 10  # seconds one attempt to connect may take
PAUSES = (0.2, 0.5, 1.0, 2.0)  # seconds between attempts; the last one repeats
PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "mssql": 1433}
TIMEOUT_ARGUMENT = {  # what each driver calls the time limit of a connection attempt
    "psycopg": "connect_timeout",
    "psycopg2": "connect_timeout",
    "pymysql": "connect_timeout",
    "mysqldb": "connect_timeout",
    "mysqlconnector": "connection_timeout",
    "pyodbc": "timeout",
}


def wait(settings, report, line):
    """Returns (engine, endpoint) of a database that answers. The engine keeps no connection open.

    Retries what may pass (not up yet, starting, full) until settings.database_wait is over, and
    fails at once on what will not (wrong password, no such database, no driver).
    """
    engine = engine_of(settings.backend_uri)
    patience = _Patience(engine.url, settings, report, line)
    while True:
        try:
            with engine.connect() as connection:
                connection.execute(sqlalchemy.text(_question(engine.url)))
            line.check()  # an attempt takes its time, and what comes next even more
            return engine, patience.endpoint
        except DBAPIError as error:
            patience.again(error)
        except (TypeError, ValueError, ArgumentError) as error:
            # Query parameters of the URI become keyword arguments of the driver.
            raise Failure(
                "database",
                f"cannot use the database at {patience.endpoint}: the driver does not take the URI's"
                f" parameters: {refusals.last_line(error)}",
            ) from error


def wait_for_each(settings, report, line):
    """Has every connection that this process makes from now on wait like that. A migration takes
    more than one, and between two the last free one can go to somebody else. Returns what ends that."""
    patience = _Patience(_parse(settings.backend_uri), settings, report, line)
    patience.rewarded()  # with the first connection

    def connect(dialect, record, arguments, parameters):
        while True:
            try:
                connection = dialect.connect(*arguments, **parameters)
                patience.rewarded()
                return connection
            except dialect.loaded_dbapi.Error as error:
                patience.again(DBAPIError(None, None, error))

    sqlalchemy.event.listen(Engine, "do_connect", connect)
    return lambda: sqlalchemy.event.remove(Engine, "do_connect", connect)


class _Patience:
    """The pauses between failed attempts, and their end."""

    def __init__(self, url, settings, report, line):
        self.url = url
        self.endpoint = where(url)
        self.seconds = settings.database_wait
        self.report = report
        self.line = line
        self.attempts, self.deadline = 0, time.monotonic() + self.seconds

    def rewarded(self):
        """The next failure is the first one again."""
        self.attempts, self.deadline = 0, None

    def again(self, error):
        """Returns when it is time for the next attempt."""
        if refusal := refusals.permanent(error, self.url, self.endpoint):
            raise Failure("database", refusal) from error
        reason = refusals.reason(error)
        if self.deadline is None:
            self.deadline = time.monotonic() + self.seconds
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Failure(
                "database",
                f"cannot reach the database at {self.endpoint}: {reason}"
                f" (tried for {self.seconds:.0f} s)",
            )
        self.report.phase("database", endpoint=self.endpoint, reason=reason, left=round(left))
        self.line.wait(min(left, PAUSES[min(self.attempts, len(PAUSES) - 1)]))
        self.attempts += 1


def _question(url):
    """A query that the server, or with SQLite the file, has to be asked for."""
    return "SELECT count(*) FROM sqlite_master" if _is_sqlite(url) else "SELECT 1"


def _is_sqlite(url):
    return url.get_backend_name() == "sqlite"


def where(url):
    """The database as a person would name it: host:port, a socket's directory or a file."""
    if _is_sqlite(url):
        return url.database or ":memory:"
    host = url.host or url.query.get("host") or url.query.get("unix_socket") or "localhost"
    if isinstance(host, tuple):
        return ", ".join(host)
    if host.startswith("/"):
        return host
    port = url.port or url.query.get("port") or PORTS.get(url.get_backend_name())
    if ":" in host:
        host = f"[{host}]"
    return f"{host}:{port}" if port else host


def _parse(uri):
    try:
        return sqlalchemy.make_url(uri)
    except (ArgumentError, ValueError) as error:
        # SQLAlchemy's own message can quote the URI.
        raise Failure("database", "the backend store's URI cannot be parsed") from error


def engine_of(uri):
    """An engine that keeps no connection open, with what MLflow's own engines hand to the driver."""
    url = _parse(uri)
    arguments = _mysql_certificates(url)
    driver = url.drivername.partition("+")[2] or ""
    if (name := TIMEOUT_ARGUMENT.get(driver)) and name not in url.query:
        arguments[name] = ATTEMPT
    if _is_sqlite(url):
        _make_parent(url)
    try:
        return sqlalchemy.create_engine(uri, poolclass=NullPool, connect_args=arguments)
    except (NoSuchModuleError, ImportError) as error:
        raise Failure(
            "driver",
            f"no driver for {url.drivername} in this runtime; it has postgresql+psycopg,"
            " mysql+pymysql and sqlite",
        ) from error
    except (TypeError, ValueError, ArgumentError) as error:
        raise Failure(
            "database", "the backend store's URI cannot be used: " + refusals.last_line(error)
        ) from error


def _mysql_certificates(url):
    """The certificates that MLflow hands to MySQL drivers (mlflow/store/db/utils.py)."""
    if url.get_backend_name() != "mysql":
        return {}
    names = ("ssl_ca", "ssl_cert", "ssl_key")
    given = {name: os.environ.get("MLFLOW_MYSQL_" + name.upper()) for name in names}
    return {name: path for name, path in given.items() if path}


def _make_parent(url):
    """MLflow makes the directory of a SQLite file as well."""
    if not url.database or url.database == ":memory:" or url.query.get("uri"):
        return
    directory = os.path.dirname(os.path.abspath(url.database))
    try:
        os.makedirs(directory, exist_ok=True)
    except OSError as error:
        raise Failure(
            "database", f"cannot make the directory of {url.database}: {error.strerror}"
        ) from error
