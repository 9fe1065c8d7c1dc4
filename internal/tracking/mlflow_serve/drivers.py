"""Repairs to database drivers, for every engine that is made in this process and its forks."""

import sqlalchemy.event
from sqlalchemy.engine import Engine


def prepare():
    sqlalchemy.event.listen(Engine, "do_connect", _utf8_password)


def _utf8_password(dialect, record, arguments, parameters):
    """PyMySQL sends a password's characters as Latin-1 (pymysql/connections.py) and fails on others;
    MySQL's clients, with which passwords are set, send UTF-8. Bytes it passes on as they are."""
    password = parameters.get("password")
    if dialect.driver == "pymysql" and isinstance(password, str):
        parameters["password"] = password.encode("utf-8")
