"""The lock under which the schema is changed: held in the database itself, so that it counts for
every machine that uses it, and gone with the connection when its holder dies."""

import contextlib
import datetime
import fcntl
import hashlib
import os
import time

import sqlalchemy

from mlflow_serve import database, drivers, vanished
from mlflow_serve.failure import Failure
from mlflow_serve.guard import Guard

NAME = "mlflow-server schema"
PAUSE = 0.5  # seconds between two attempts


@contextlib.contextmanager
def exclusive(uri, patience, report, line):
    """Holds the lock, and yields its guard; waits for another holder up to patience seconds, then
    says who it is. The end of the lifeline ends the wait."""
    engine = database.engine_of(uri)
    kinds = {"sqlite": _File, "postgresql": _PostgreSQL, "mysql": _MySQL, "mariadb": _MySQL}
    kind = kinds.get(engine.url.get_backend_name())
    if kind is None:  # MLflow's own behaviour: no lock
        yield Guard(None, patience, report)
        return
    lock = kind(engine)
    try:
        waited = _wait(lock, patience, report, line)
        with Guard(lock, patience, report) as guard:
            guard.waited = waited
            yield guard
    finally:
        lock.release()


def _wait(lock, patience, report, line):
    """Takes the lock; True when another holder had to be waited for."""
    deadline = time.monotonic() + patience
    told = None
    while not lock.take():
        holder = lock.holder() or "another process"
        if time.monotonic() > deadline:
            raise Failure(
                "migration",
                f"the database's schema has been locked for more than {patience:.0f} s by {holder}."
                " Wait until it is done, or end it if it hangs; then start again.",
            )
        who = holder.partition(",")[0]  # without for how long
        if who != told:
            report.phase("migrating", waiting=True, reason=holder)
            told = who
        line.wait(PAUSE)
    return told is not None


class _PostgreSQL:
    """An advisory lock of a transaction that stays open meanwhile.

    Not of a session: behind PgBouncer in transaction mode a session's lock would be taken on one of
    its connections, and released on another. A transaction keeps its connection.
    """

    KEY = int.from_bytes(hashlib.sha256(NAME.encode()).digest()[:8], "big", signed=True)

    def __init__(self, engine):
        self.connection = engine.connect()

    def take(self):
        got = self._ask("SELECT pg_try_advisory_xact_lock(:key)", key=self.KEY)
        if got[0]:
            self._ask(vanished.POSTGRESQL)
        else:
            self.connection.rollback()
        return got[0]

    def look(self, sessions):
        """Fails when the transaction, and so the lock, is gone; tells who keeps the sessions waiting."""
        # Else it would show the sessions as they were at the transaction's first look.
        self._ask("SELECT pg_stat_clear_snapshot()")
        row = self._ask(
            f"SELECT {SESSION}"
            " FROM unnest(CAST(:sessions AS int[])) AS s (pid), unnest(pg_blocking_pids(s.pid)) AS b"
            " (pid) JOIN pg_stat_activity a ON a.pid = b.pid"
            " ORDER BY a.xact_start LIMIT 1",
            sessions=list(sessions),
        )
        return row and _session(row)

    def holder(self):
        row = self._ask(
            f"SELECT {SESSION}"
            " FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
            " AND l.classid::bigint = :high AND l.objid::bigint = :low"
            " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            high=(self.KEY >> 32) & 0xFFFFFFFF,
            low=self.KEY & 0xFFFFFFFF,
        )
        self.connection.rollback()
        return row and _session(row)

    def _ask(self, statement, **values):
        return self.connection.execute(sqlalchemy.text(statement), values).first()

    def release(self):
        self.connection.close()  # rolls back: the lock is gone, nothing else was done


class _MySQL:
    """A lock of the session. Autocommit: an open transaction would hold back the clean-up."""

    def __init__(self, engine):
        # The names of MySQL's locks are the server's, not the database's, and at most 64 long.
        digest = hashlib.sha256((engine.url.database or "").encode()).hexdigest()[:32]
        self.name = f"{NAME} {digest}"
        self.connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def take(self):
        got = bool(self._ask("SELECT GET_LOCK(:name, 0)")[0])
        if got:
            self.connection.execute(sqlalchemy.text(vanished.MYSQL))
        return got

    def look(self, sessions):
        """Fails when the session, and so the lock, is gone; tells who may keep the sessions waiting:
        who holds a table's lock only administrators may see."""
        if not self._ask("SELECT IS_USED_LOCK(:name) = CONNECTION_ID()")[0]:
            raise ConnectionError("the connection was renewed")
        rows = self.connection.execute(
            sqlalchemy.text(
                "SELECT o.id, o.user, o.host, o.time FROM information_schema.processlist w"
                " LEFT JOIN information_schema.processlist o ON o.db = w.db"
                " AND o.id NOT IN :sessions AND o.id <> CONNECTION_ID()"
                " WHERE w.id IN :sessions AND w.state LIKE 'Waiting for table%lock'"
                " ORDER BY o.time DESC LIMIT 1"
            ).bindparams(sqlalchemy.bindparam("sessions", expanding=True)),
            {"sessions": list(sessions)},
        )
        row = rows.first()
        if row and row[0] is None:  # without the right PROCESS
            return "a connection that this user of the database may not see"
        return row and "possibly " + _thread(row)

    def holder(self):
        row = self._ask(
            "SELECT id, user, host, time FROM information_schema.processlist"
            " WHERE id = IS_USED_LOCK(:name)"
        )
        return row and _thread(row)

    def _ask(self, statement):
        return self.connection.execute(sqlalchemy.text(statement), {"name": self.name}).first()

    def release(self):
        self.connection.close()


class _File:
    """A lock on a file beside the database, which says who holds it. The file stays: removing it
    would let two holders in."""

    def __init__(self, engine):
        self.file, self.held = None, False
        path = engine.url.database
        if path and path != ":memory:":
            self.file = open(path + ".lock", "a+", encoding="utf-8")

    def take(self):
        if self.file is None:
            return True
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self.held = True
        self.file.truncate(0)
        now = datetime.datetime.now(datetime.timezone.utc)
        self.file.write(f"process {os.getpid()} ({drivers.whoami()}, since {_time(now)})\n")
        self.file.flush()
        return True

    def holder(self):
        self.file.seek(0)
        return self.file.readline().strip()

    def release(self):
        if self.held:
            self.file.truncate(0)
        if self.file is not None:
            self.file.close()


# Columns of pg_stat_activity. Of another role's session, and of the server's own processes such as
# autovacuum's, PostgreSQL shows all but the first three as NULL to whom is not in pg_read_all_stats.
SESSION = (
    "a.pid, a.application_name, a.usename, a.backend_type, host(a.client_addr), a.xact_start"
)


def _session(row):
    pid, name, user, kind, address, since = row
    if kind is None:
        place = f"of {user!r}" if user else "of the server itself"
    else:
        place = address or "local"
        if kind != "client backend":
            name = name or kind
    return (
        f"PostgreSQL's process {pid} ({name or 'no application name'}, {place},"
        f" since {_time(since)})"
    )


def _thread(row):
    return f"MySQL's connection {row[0]} ({row[1]} from {row[2]}, idle for {row[3]} s)"


def _time(moment):
    if moment is None:
        return "an unknown time"
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
