"""Repairs to database drivers, for every engine that is made in this process and its forks."""

import os
import socket

import sqlalchemy.event
from sqlalchemy.engine import Engine


def prepare():
    sqlalchemy.event.listen(Engine, "do_connect", _utf8_password)
    sqlalchemy.event.listen(Engine, "do_connect", _name)
    sqlalchemy.event.listen(Engine, "do_connect", _no_prepared_statements)
    sqlalchemy.event.listen(Engine, "do_connect", _lost_connections)


def _utf8_password(dialect, record, arguments, parameters):
    """PyMySQL sends a password's characters as Latin-1 (pymysql/connections.py) and fails on others;
    MySQL's clients, with which passwords are set, send UTF-8. Bytes it passes on as they are."""
    password = parameters.get("password")
    if dialect.driver == "pymysql" and isinstance(password, str):
        parameters["password"] = password.encode("utf-8")


def whoami():
    """This process as a database's list of sessions shows it: a person has to find it there."""
    place = os.environ.get("DYNO") or socket.gethostname()
    return f"mlflow-server {place}:{os.getpid()}"[:63]  # PostgreSQL's NAMEDATALEN


def _name(dialect, record, arguments, parameters):
    if dialect.driver in ("psycopg", "psycopg2"):
        parameters.setdefault("application_name", whoami())
    elif dialect.driver == "pymysql":
        parameters.setdefault("program_name", whoami())


def _no_prepared_statements(dialect, record, arguments, parameters):
    """psycopg prepares on the server what it sends a fifth time. Behind PgBouncer in transaction mode
    the next transaction may run on another connection, which has never heard of it."""
    if dialect.driver == "psycopg":
        parameters.setdefault("prepare_threshold", None)


# Seconds, and how often; as libpq calls them.
KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
UNACKNOWLEDGED = 60_000  # milliseconds that what was sent may go without an answer of the network's


def _lost_connections(dialect, record, arguments, parameters):
    """A database whose network is gone says nothing, and a call would wait for it for ever (two
    hours, where the kernel looks after it). The URI can say otherwise."""
    if dialect.driver in ("psycopg", "psycopg2"):
        for name, value in KEEPALIVE.items():
            parameters.setdefault(name, value)
        parameters.setdefault("tcp_user_timeout", UNACKNOWLEDGED)
