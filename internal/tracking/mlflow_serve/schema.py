"""Compares the database's schema with the one that this MLflow knows, without importing MLflow."""

import importlib.util
import os
import re

import sqlalchemy
from sqlalchemy.exc import DBAPIError

from mlflow_serve import refusals
from mlflow_serve.failure import Failure

REVISION = re.compile(r"""^revision\s*(?::[^=]*)?=\s*["']([^"']+)["']""", re.MULTILINE)
DOWN_REVISION = re.compile(r"""^down_revision\s*(?::[^=]*)?=\s*["']([^"']+)["']""", re.MULTILINE)


class State:
    """found: the database's revision, None when it has none; known: all revisions, oldest first,
    empty when they could not be read and MLflow has to find out."""

    def __init__(self, found, known):
        self.found = found
        self.known = known

    @property
    def current(self):
        return bool(self.known) and self.found == self.known[-1]

    @property
    def latest(self):
        return self.known[-1] if self.known else ""

    @property
    def steps(self):
        """How many revisions an upgrade has to apply."""
        if self.found in self.known:
            return len(self.known) - 1 - self.known.index(self.found)
        return len(self.known)


def inspect(engine, settings, endpoint):
    """Reads the revision; fails when this MLflow does not know it: it is newer, or another
    program's, which uses alembic too."""
    try:
        with engine.connect() as connection:
            found = revision(connection)
    except DBAPIError as error:
        raise Failure(
            "schema",
            f"cannot read the schema's revision from the database at {endpoint}:"
            f" {refusals.reason(error)}",
        ) from error
    known = known_revisions()
    if known and found is not None and found not in known:
        raise Failure(
            "schema",
            f"the schema of the database at {endpoint} (revision {found}) is newer than MLflow"
            f" {settings.mlflow_version}, which knows it up to revision {known[-1]}, or not MLflow's;"
            " nothing was changed. Run the MLflow version that made it, restore a backup, or choose"
            " another database.",
        )
    return State(found, known)


def revision(connection):
    """The revision that alembic has written down, or None."""
    if not sqlalchemy.inspect(connection).has_table("alembic_version"):
        return None
    rows = connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version"))
    return rows.scalars().first()


def refuse_foreign(connection, endpoint, first, all_names):
    """Fails when a database without a revision has tables of MLflow's names that are not MLflow's.

    Making the others would end half done at the first of these. first is the metadata of what MLflow
    made before it wrote revisions down, which an upgrade begins with; all_names are of today.
    """
    inspector = sqlalchemy.inspect(connection)
    foreign = []
    for name in sorted(set(inspector.get_table_names()) & (all_names | set(first.tables))):
        if name in first.tables:
            columns = {column["name"] for column in inspector.get_columns(name)}
            if columns.issuperset(column.name for column in first.tables[name].columns):
                continue
        foreign.append(name)
    if foreign:
        names = ", ".join(foreign[:5]) + (" …" if len(foreign) > 5 else "")
        raise Failure(
            "schema",
            f"the database at {endpoint} has no revision of MLflow's schema, but tables with names that"
            f" MLflow uses ({names}). They are another program's, or the revision was lost; nothing was"
            " changed. Choose another database, or restore a backup.",
        )


def known_revisions():
    """MLflow's schema revisions, oldest first, as its migration scripts chain them.

    Read from the files' text: importing alembic and MLflow's models to learn the same takes
    seconds, and nearly every start finds the schema current. A test compares the two.
    """
    package = importlib.util.find_spec("mlflow")  # of a top-level package: finds, does not import
    if package is None or not package.submodule_search_locations:
        return []
    directory = os.path.join(
        package.submodule_search_locations[0], "store", "db_migrations", "versions"
    )
    after = {}  # revision -> the one that follows it
    try:
        for name in os.listdir(directory):
            if not name.endswith(".py") or name == "__init__.py":
                continue
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                text = file.read()
            this, down = REVISION.search(text), DOWN_REVISION.search(text)
            if this is None:
                return []
            after.setdefault(down and down[1], []).append(this[1])
    except OSError:
        return []
    chain, current = [], None
    while following := after.pop(current, None):
        if len(following) != 1:  # a branch: alembic's business
            return []
        current = following[0]
        chain.append(current)
    return chain if not after else []
