"""Looks at the database for `mlflow-server doctor`, with the same drivers and the same settings as
MLflow itself."""

import os
import time

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from mlflow_serve import database, examine_connections, examine_rights, refusals, schema
from mlflow_serve.failure import Failure
from mlflow_serve.patience import Silent, within

SKEW = 60  # seconds; signatures of requests to S3 allow 15 minutes, sessions and charts less
LOCAL = ("localhost", "127.0.0.1", "::1")
PATIENCE = 15  # seconds for one check
UNANSWERED = "find out what is between this server and the database: firewall, proxy, a lock"
UNKNOWN = "let this user look at it, or look at it in the database itself"


def run(settings, report, line):
    report.looking("database")
    limit = settings.database_wait + database.ATTEMPT + PATIENCE
    try:
        engine, endpoint = within(limit, lambda: database.wait(settings, report, line))
    except Failure as failure:
        fix = "check the address, the login and whether it runs"
        report.finding("database", "fail", str(failure), fix)
    except Silent:
        text = f"it lets this server connect, and gives no answer within {limit:.0f} s"
        report.finding("database", "fail", text, UNANSWERED)
    else:
        _database(engine, endpoint, settings, report)
    destination = os.environ["_MLFLOW_SERVER_ARTIFACT_DESTINATION"]
    if settings.task == "examine all" and destination.startswith("s3://"):
        from mlflow_serve import bucket

        report.looking("bucket")
        bucket.examine(destination, report.finding)


def _database(engine, endpoint, settings, report):
    """Each check has a connection, findings and a time limit of its own. The first one without an
    answer is the last."""
    backend = engine.url.get_backend_name()
    checks = [("database", lambda connection, tell: _reach(connection, engine, endpoint, tell))]
    checks += DETAILS.get(backend, [])
    checks += [
        ("database rights", examine_rights.examine),
        ("schema", lambda connection, tell: _schema(engine, endpoint, settings, tell)),
    ]
    checks += LAST.get(backend, [])
    for check, look in checks:
        report.looking(check)
        found = []  # told when the check is over: of one that is left to itself nobody hears more

        def tell(state, text, fix="", check=check, found=found):
            found.append((check, state, text, fix))

        def question(look=look, tell=tell):
            with engine.connect() as connection:
                look(connection, tell)

        limit = SLOW.get(check, PATIENCE)
        try:
            within(limit, question)
        except Silent:
            if check in SLOW:
                text = f"no damage found within {limit} s, which was not enough to read all of it"
                report.finding(check, "warn", text, "PRAGMA quick_check; takes as long as it takes")
            else:
                report.finding(check, "fail", f"no answer within {limit} s", UNANSWERED)
            return
        except SQLAlchemyError as error:
            reason = refusals.reason(error)
            if reason == refusals.NO_ANSWER:
                report.finding(check, "fail", f"{reason} to another connection", UNANSWERED)
                return
            found.append((check, "warn", reason, UNKNOWN))
        for finding in found:
            report.finding(*finding)


def _reach(connection, engine, endpoint, tell):
    started = time.monotonic()
    connection.execute(sqlalchemy.text("SELECT 1"))
    took = (time.monotonic() - started) * 1000
    version = ".".join(str(n) for n in connection.dialect.server_version_info or ())
    tell("ok", f"{engine.url.get_backend_name()} {version} at {endpoint}, {took:.0f} ms")


def _ask(connection, statement):
    return connection.execute(sqlalchemy.text(statement)).first()


def _postgres_tls(connection, tell):
    tls = _ask(connection, "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    fix = "add ?sslmode=require to the database's URL"
    _tls(tls and tls[0], tls and tls[1], connection, tell, fix)


def _postgres_clock(connection, tell):
    _clock(_ask(connection, "SELECT extract(epoch FROM clock_timestamp())")[0], tell)


def _mysql_tls(connection, tell):
    cipher = _ask(connection, "SHOW STATUS LIKE 'Ssl_cipher'")
    cipher = cipher and cipher[1]
    fix = "set MLFLOW_MYSQL_SSL_CA to the server's certificate"
    _tls(bool(cipher), cipher, connection, tell, fix)


def _mysql_clock(connection, tell):
    _clock(_ask(connection, "SELECT UNIX_TIMESTAMP(NOW(6))")[0], tell)


def _sqlite_file(connection, tell):
    result = _ask(connection, "PRAGMA quick_check(1)")[0]
    if result == "ok":
        tell("ok", "undamaged")
    else:
        tell("fail", f"damaged: {result}", "restore a backup")


DETAILS = {
    "postgresql": [
        ("database TLS", _postgres_tls),
        ("database connections", examine_connections.postgres),
        ("clock", _postgres_clock),
    ],
    "mysql": [
        ("database TLS", _mysql_tls),
        ("database connections", examine_connections.mysql),
        ("clock", _mysql_clock),
    ],
}
# It reads the whole file, and who is still at it keeps others from writing.
LAST = {"sqlite": [("database file", _sqlite_file)]}
SLOW = {"database file": 60}  # seconds


def _tls(encrypted, how, connection, tell, fix):
    if encrypted:
        tell("ok", str(how))
    elif all(host.startswith("/") or host in LOCAL for host in _hosts(connection)):
        tell("ok", "none, inside this machine")
    else:
        tell("warn", "passwords and data travel unencrypted", fix)


def _hosts(connection):
    """Where the database is: as libpq knows it, which has more than one way to be told, or as the
    URL has it."""
    info = getattr(connection.connection.driver_connection, "info", None)
    if host := getattr(info, "host", None):
        return [host]
    url = connection.engine.url
    if "unix_socket" in url.query:
        return [url.query["unix_socket"]]
    host = url.host or url.query.get("host") or "localhost"
    return host if isinstance(host, tuple) else [host]


def _clock(theirs, tell):
    skew = time.time() - float(theirs)
    if abs(skew) > SKEW:
        tell("fail", f"{abs(skew):.0f} s from the database's", "set this machine's clock")
    else:
        tell("ok", "agrees with the database's")


def _schema(engine, endpoint, settings, tell):
    try:
        state = schema.inspect(engine, settings, endpoint)
    except Failure as failure:
        tell("fail", str(failure), "run the MLflow that made it, or restore a backup")
        return
    if state.current:
        tell("ok", f"revision {state.found}")
    elif state.found is None:
        tell("warn", "there is none yet", "mlflow-server migrate, or the next start")
    else:
        text = f"revision {state.found}, {state.steps} behind"
        tell("warn", text, "mlflow-server migrate, or the next start")
