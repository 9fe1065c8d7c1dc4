"""Copies a SQLite database before its schema is changed."""

import contextlib
import os
import sqlite3
import stat
import time

import sqlalchemy

from mlflow_serve.failure import Failure


def before_upgrade(uri, state, report):
    """Puts a copy beside the file, named by revision and time. SQLite's own way to copy: complete,
    also while others write. Servers of databases have backups of their own."""
    url = sqlalchemy.make_url(uri)
    if state.found is None or url.get_backend_name() != "sqlite" or not url.database:
        return
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    copy = f"{url.database}.{state.found}.{stamp}.backup"
    try:
        _make_empty(copy + ".part", like=url.database)
        with (
            contextlib.closing(sqlite3.connect(copy + ".part")) as target,
            contextlib.closing(sqlite3.connect(url.database)) as source,
        ):
            source.backup(target)
        os.rename(copy + ".part", copy)
    except (OSError, sqlite3.Error) as error:
        with contextlib.suppress(OSError):
            os.remove(copy + ".part")
        raise Failure(
            "migration",
            f"cannot copy {url.database} to {copy} before its schema is upgraded: {error}."
            " Nothing was changed.",
        ) from error
    report.phase("copied", reason=copy)


def _make_empty(path, like):
    """With the same mode, before anything is in it: who must not read the database must not read
    its copy."""
    mode = stat.S_IMODE(os.stat(like).st_mode)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    os.chmod(path, mode)
