"""Looks at the database for `mlflow-server doctor`, with the same drivers and the same settings as
MLflow itself."""

import os
import time
import uuid

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from mlflow_serve import database, refusals, schema
from mlflow_serve.failure import Failure

SKEW = 60  # seconds; signatures of requests to S3 allow 15 minutes, sessions and charts less
FEW_CONNECTIONS = 5


def run(settings, report, line):
    tell = report.finding
    try:
        engine, endpoint = database.wait(settings, report, line)
    except Failure as failure:
        tell("database", "fail", str(failure), "check the address, the login and whether it runs")
    else:
        _database(engine, endpoint, settings, tell)
    destination = os.environ["_MLFLOW_SERVER_ARTIFACT_DESTINATION"]
    if settings.task == "examine all" and destination.startswith("s3://"):
        from mlflow_serve import bucket

        bucket.examine(destination, tell)


def _database(engine, endpoint, settings, tell):
    url = engine.url
    kind = {"postgresql": _postgres, "mysql": _mysql, "sqlite": _sqlite}.get(url.get_backend_name())
    started = time.monotonic()
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT 1"))
        took = (time.monotonic() - started) * 1000
        version = ".".join(str(n) for n in connection.dialect.server_version_info or ())
        tell("database", "ok", f"{url.get_backend_name()} {version} at {endpoint}, {took:.0f} ms")
        if kind is not None:
            try:
                kind(connection, url, tell)
            except SQLAlchemyError as error:
                tell("database details", "warn", refusals.reason(error), "")
    with engine.connect() as connection:
        _rights(connection, tell)
    _schema(engine, endpoint, settings, tell)


def _postgres(connection, url, tell):
    def ask(statement):
        return connection.execute(sqlalchemy.text(statement)).first()

    tls = ask("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    _tls(tls and tls[0], tls and tls[1], url, tell, "add ?sslmode=require to the database's URL")
    used, most, reserved, role = ask(
        "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
        " current_setting('max_connections')::int,"
        " current_setting('superuser_reserved_connections')::int,"
        " (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user)"
    )
    most = min(most - reserved, role) if role >= 0 else most - reserved
    _connections(used, most, tell)
    _clock(ask("SELECT extract(epoch FROM clock_timestamp())")[0], tell)


def _mysql(connection, url, tell):
    def ask(statement):
        return connection.execute(sqlalchemy.text(statement)).first()

    cipher = ask("SHOW STATUS LIKE 'Ssl_cipher'")
    cipher = cipher and cipher[1]
    _tls(bool(cipher), cipher, url, tell, "set MLFLOW_MYSQL_SSL_CA to the server's certificate")
    used = ask("SHOW STATUS LIKE 'Threads_connected'")
    _connections(int(used[1]), ask("SELECT @@max_connections")[0], tell)
    _clock(ask("SELECT UNIX_TIMESTAMP(NOW(6))")[0], tell)


def _sqlite(connection, url, tell):
    result = connection.execute(sqlalchemy.text("PRAGMA quick_check(1)")).scalar()
    if result == "ok":
        tell("database file", "ok", "undamaged")
    else:
        tell("database file", "fail", f"damaged: {result}", "restore a backup")


def _tls(encrypted, how, url, tell, fix):
    local = (url.host or "").startswith("/") or url.host in (None, "localhost", "127.0.0.1", "::1")
    if encrypted:
        tell("database TLS", "ok", str(how))
    elif local:
        tell("database TLS", "ok", "none, inside this machine")
    else:
        tell("database TLS", "warn", "passwords and data travel unencrypted", fix)


def _connections(used, most, tell):
    text = f"{most - used} of {most} are free"
    if most - used < FEW_CONNECTIONS:
        fix = "end what holds them, take a larger plan, or lower WEB_CONCURRENCY"
        tell("database connections", "warn", text, fix)
    else:
        tell("database connections", "ok", text)


def _clock(theirs, tell):
    skew = time.time() - float(theirs)
    if abs(skew) > SKEW:
        tell("clock", "fail", f"{abs(skew):.0f} s from the database's", "set this machine's clock")
    else:
        tell("clock", "ok", "agrees with the database's")


def _rights(connection, tell):
    """Creates and changes a table, as a migration does, and takes it away."""
    name = f"mlflow_server_probe_{uuid.uuid4().hex[:12]}"
    try:
        with connection.begin():
            for statement in (
                f"CREATE TABLE {name} (a INTEGER)",
                f"INSERT INTO {name} VALUES (1)",
                f"ALTER TABLE {name} ADD COLUMN b INTEGER",
                f"DELETE FROM {name}",
                f"DROP TABLE {name}",
            ):
                connection.execute(sqlalchemy.text(statement))
    except SQLAlchemyError as error:
        fix = "grant this user the right to create and change tables"
        tell("database rights", "fail", refusals.reason(error), fix)
    else:
        tell("database rights", "ok", "tables can be created, changed and dropped")


def _schema(engine, endpoint, settings, tell):
    try:
        state = schema.inspect(engine, settings, endpoint)
    except Failure as failure:
        tell("schema", "fail", str(failure), "run the MLflow that made it, or restore a backup")
        return
    if state.current:
        tell("schema", "ok", f"revision {state.found}")
    elif state.found is None:
        tell("schema", "warn", "there is none yet", "mlflow-server migrate, or the next start")
    else:
        text = f"revision {state.found}, {state.steps} behind"
        tell("schema", "warn", text, "mlflow-server migrate, or the next start")
