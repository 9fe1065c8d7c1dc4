"""Whether this user may do what MLflow's migrations and calls do to its tables."""

import importlib.util
import os
import re
import uuid

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from mlflow_serve import refusals

TABLE = re.compile(r"""^    __tablename__ = ["'](\w+)["']""", re.MULTILINE)


def examine(connection, tell):
    if not _make_table(connection, tell):
        return
    if connection.dialect.name != "postgresql" or not _others_tables(connection, tell):
        tell("ok", "tables can be created, changed and dropped")


def _make_table(connection, tell):
    """Creates and changes a table, as a migration does, and takes it away."""
    name = f"mlflow_server_probe_{uuid.uuid4().hex[:12]}"
    drop = f"DROP TABLE IF EXISTS {name}"
    statements = (
        drop,  # there is none, but who may not drop one should not make one
        f"CREATE TABLE {name} (a INTEGER PRIMARY KEY)",  # some servers insist on one
        f"INSERT INTO {name} VALUES (1)",
        f"ALTER TABLE {name} ADD COLUMN b INTEGER",
        f"DELETE FROM {name}",
        drop,
    )
    try:
        with connection.begin():
            for statement in statements:
                connection.execute(sqlalchemy.text(statement))
        return True
    except SQLAlchemyError as error:
        tell("fail", refusals.reason(error), _remedy(error))
    try:  # MySQL takes nothing back by itself
        with connection.begin():
            connection.execute(sqlalchemy.text(drop))
    except SQLAlchemyError:
        pass
    return False


def _remedy(error):
    text = str(getattr(error, "orig", None) or error).lower()
    if "locked" in text or "lock wait" in text or "lock timeout" in text:
        return "end what holds the lock (another program has the database open), and look again"
    if "readonly" in text or "read-only" in text:
        return "let this user write the database, and for SQLite the directory it is in as well"
    if "full" in text or "no space" in text:
        return "make room where the database is"
    return "grant this user the rights to create, change and drop tables, and to read and write rows"


OWNERS = """
SELECT c.relname AS name, pg_get_userbyid(c.relowner) AS owner,
  pg_has_role(c.relowner, 'USAGE') AS mine,
  has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
  AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE') AS usable
FROM pg_class c WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)
AND c.relname = ANY(:names) ORDER BY c.relname
"""


def _others_tables(connection, tell):
    """PostgreSQL lets a table's owner change it and nobody else, whatever else they may. Returns
    whether something was told."""
    tables = connection.execute(sqlalchemy.text(OWNERS), {"names": _names()}).all()
    me = connection.execute(sqlalchemy.text("SELECT current_user")).scalar()
    closed = [table.name for table in tables if not table.usable]
    if closed:
        text = f"this user may not read and write {_some(closed)}"
        tell("fail", text, f'GRANT ALL ON ALL TABLES IN SCHEMA … TO "{me}", or make it their owner')
        return True
    others = [table for table in tables if not table.mine]
    if others:
        owner = others[0].owner
        text = f"{owner} owns {_some([table.name for table in others])}: no upgrade can change that"
        tell("warn", text, f'GRANT "{owner}" TO "{me}", or ALTER TABLE … OWNER TO "{me}" for each')
    return bool(others)


def _some(names):
    if len(names) == 1:
        return f"the table {names[0]}"
    return f"{len(names)} tables ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})"


def _names():
    """MLflow's tables, as the text of its models has them: importing those takes seconds."""
    package = importlib.util.find_spec("mlflow")  # of a top-level package: finds, does not import
    names = {"alembic_version"}
    for place in (package and package.submodule_search_locations) or ():
        store = os.path.join(place, "store")
        for part in ("tracking", "model_registry", "workspace"):
            try:
                path = os.path.join(store, part, "dbmodels", "models.py")
                with open(path, encoding="utf-8") as file:
                    names.update(TABLE.findall(file.read()))
            except OSError:
                pass  # another MLflow
    return sorted(names)
