"""Looks at the database and the bucket for `mlflow-server doctor`, with the same drivers and the
same settings as MLflow itself."""

import email.utils
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
    if destination.startswith("s3://"):
        theirs = _bucket(destination, tell)
        if theirs and settings.backend_uri.startswith("sqlite"):  # which has no clock of its own
            _clock(theirs, "bucket", tell)


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
    _clock(ask("SELECT extract(epoch FROM clock_timestamp())")[0], "database", tell)


def _mysql(connection, url, tell):
    def ask(statement):
        return connection.execute(sqlalchemy.text(statement)).first()

    cipher = ask("SHOW STATUS LIKE 'Ssl_cipher'")
    cipher = cipher and cipher[1]
    _tls(bool(cipher), cipher, url, tell, "set MLFLOW_MYSQL_SSL_CA to the server's certificate")
    used = ask("SHOW STATUS LIKE 'Threads_connected'")
    _connections(int(used[1]), ask("SELECT @@max_connections")[0], tell)
    _clock(ask("SELECT UNIX_TIMESTAMP(NOW(6))")[0], "database", tell)


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


def _clock(theirs, whose, tell):
    skew = time.time() - float(theirs)
    if abs(skew) > SKEW:
        tell("clock", "fail", f"{abs(skew):.0f} s from the {whose}'s", "set this machine's clock")
    else:
        tell("clock", "ok", f"agrees with the {whose}'s")


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


def _bucket(destination, tell):
    """Returns the time that the bucket's server says it is, None if it says nothing."""
    from urllib.parse import urlparse

    from botocore.exceptions import BotoCoreError, ClientError
    from mlflow.store.artifact.s3_artifact_repo import S3ArtifactRepository

    place = urlparse(destination)
    name, prefix = place.netloc, place.path.strip("/")
    key = "/".join(filter(None, (prefix, f".mlflow-server-probe-{uuid.uuid4().hex}")))
    client = S3ArtifactRepository(destination)._get_s3_client()
    dates = []
    client.meta.events.register(
        "after-call.s3", lambda parsed, **_: dates.append(_date(parsed)), unique_id="doctor"
    )

    def attempt(what, action, fix):
        try:
            answer = action()
        except (BotoCoreError, ClientError) as error:
            tell(what, "fail", _why(error), fix)
            return None
        tell(what, "ok", "")
        return answer

    allow = "allow s3:{} on it to the user of AWS_ACCESS_KEY_ID"
    attempt(
        "bucket: list",
        lambda: client.list_objects_v2(Bucket=name, Prefix=prefix, MaxKeys=1),
        "check the bucket's name, the region and the keys; " + allow.format("ListBucket"),
    )
    if attempt(
        "bucket: put",
        lambda: client.put_object(Bucket=name, Key=key, Body=b"probe"),
        allow.format("PutObject"),
    ):
        attempt(
            "bucket: get",
            lambda: client.get_object(Bucket=name, Key=key)["Body"].read(),
            allow.format("GetObject"),
        )
        attempt(
            "bucket: delete",
            lambda: client.delete_object(Bucket=name, Key=key),
            allow.format("DeleteObject"),
        )
    _versioning(client, name, tell)
    _public(client, name, tell)
    return dates[-1] if dates else None


def _date(parsed):
    """A refusal, too, says when it was made: above all one of a request that seems too old."""
    text = parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError):
        return None


def _versioning(client, name, tell):
    try:
        on = client.get_bucket_versioning(Bucket=name).get("Status") == "Enabled"
    except Exception as error:
        tell("bucket: versioning", "warn", "cannot be read: " + _why(error), "")
        return
    if on:
        tell("bucket: versioning", "ok", "on")
    else:
        fix = "switch it on to be able to undo deletions"
        tell("bucket: versioning", "warn", "off: what is deleted or overwritten is gone", fix)


def _public(client, name, tell):
    try:
        block = client.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    except Exception as error:
        if _why(error) != "NoSuchPublicAccessBlockConfiguration":
            tell("bucket: public access", "warn", "cannot be read: " + _why(error), "")
            return
        block = {"all of them": False}  # there is no configuration where none is switched on
    if all(block.values()):
        tell("bucket: public access", "ok", "blocked")
    else:
        tell("bucket: public access", "warn", "not blocked", "switch on all four blocks")


def _why(error):
    response = getattr(error, "response", None)
    if response:
        return f"{response.get('Error', {}).get('Code', 'refused')}"
    return type(error).__name__ + ": " + str(error)[:200]
