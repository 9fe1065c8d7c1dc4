"""Copies a SQLite database before its schema is changed."""

import contextlib
import datetime
import filecmp
import glob
import os
import shutil
import sqlite3
import stat

import sqlalchemy

from mlflow_serve.failure import Failure

PART = ".part"  # a copy that is not whole yet


def before_upgrade(uri, state, report):
    """Puts a copy beside the file, named by revision and time, unless there is one of the same
    contents: an upgrade that fails is tried at every start. SQLite's own way to copy: complete, also
    while others write. Servers of databases have backups of their own.

    Called under the lock on the schema: nobody else makes a copy meanwhile."""
    url = sqlalchemy.make_url(uri)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return
    if state.found is None and url.query.get("uri"):  # its name is no path
        return
    of_revision = f"{url.database}.{state.found or 'no-revision'}."
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%S.%fZ")
    copy = f"{of_revision}{now}.backup"
    try:
        os.stat(url.database)  # SQLite would make one
        _remove_parts(url.database)
        with contextlib.closing(sqlite3.connect(url.database)) as source:
            if not source.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return  # a database that is yet to be made
            _room(source, os.path.dirname(os.path.abspath(copy)))
            _make_empty(copy + PART, like=url.database)
            with contextlib.closing(sqlite3.connect(copy + PART)) as target:
                source.backup(target)
        for earlier in glob.glob(glob.escape(of_revision) + "*.backup"):
            if filecmp.cmp(earlier, copy + PART, shallow=False):
                os.remove(copy + PART)
                copy = earlier
                break
        else:
            os.rename(copy + PART, copy)
    except (OSError, sqlite3.Error) as error:
        with contextlib.suppress(OSError):
            _remove_parts(url.database)
        raise Failure(
            "migration",
            f"cannot copy {url.database} to {copy} before its schema is upgraded: {error}."
            " Nothing was changed.",
        ) from error
    report.phase("copied", reason=copy)


def _remove_parts(database):
    """With SQLite's files beside them: whoever was killed while it copied has left them."""
    for part in glob.glob(f"{glob.escape(database)}.*.backup{PART}*"):
        os.remove(part)


def _room(source, directory):
    """Fails when the copy will not fit, instead of filling the disk up for everybody."""
    pages, size = (source.execute(f"PRAGMA page_{what}").fetchone()[0] for what in ("count", "size"))
    free = shutil.disk_usage(directory).free
    if pages * size > free:
        raise OSError(
            f"it needs {pages * size / 2**20:.0f} MB, and {free / 2**20:.0f} MB are free in {directory}"
        )


def _make_empty(path, like):
    """With the same mode, before anything is in it: who must not read the database must not read
    its copy."""
    mode = stat.S_IMODE(os.stat(like).st_mode)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    os.chmod(path, mode)
