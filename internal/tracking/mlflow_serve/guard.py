"""Looks after a change of the schema while it is made: that its lock is still held, and that no
statement waits for ever for a table that somebody uses."""

import contextlib
import threading
import traceback

import sqlalchemy.event
import sqlalchemy.orm  # noqa: F401  (all of it now: the thread fails on half of it, see below)
from sqlalchemy.exc import SQLAlchemyError

from mlflow_serve import refusals, tables, vanished
from mlflow_serve.failure import Failure

# What a lock that is gone looks like: SQLAlchemy's errors are the database's, or say that the
# connection cannot be used any more. Anything else is a fault of this program.
LOSS = (SQLAlchemyError, OSError)

# The guard's thread uses SQLAlchemy while MLflow is being imported: nothing that it uses may be half
# imported by then.

PULSE = 1.0  # seconds between two looks; poolers end transactions that are idle for long
# Seconds that a statement may wait for a table (on MySQL: a step, before it begins). Whoever comes
# after it waits as well, so that a running server stands still meanwhile.
TABLE_WAIT = 60


class Guard:
    """Watches one lock (locks.py), which may be None, until the end of the with statement."""

    def __init__(self, lock, patience, report):
        self.lock = lock
        self.table_wait = max(1, int(min(TABLE_WAIT, patience)))
        self.report = report
        self.waited = False  # for another holder of the lock
        self.sessions = set()  # of the database, in which the schema is changed
        self.connection = None  # the last of them
        self.told = None
        self.blocker = None  # who was last seen in the way
        self.lost = None  # why the lock is not held any more
        self.faulty = False  # whether a look has failed without a loss
        self.turn = threading.Lock()  # to use the lock's connection
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, name="guard", daemon=True)

    def __enter__(self):
        if self.lock is not None and hasattr(self.lock, "look"):
            self.thread.start()
        return self

    def __exit__(self, *failure):
        self.ended.set()
        if self.thread.is_alive():
            self.thread.join()

    @contextlib.contextmanager
    def watching(self, engine):
        """Has every transaction of the engine begin with what bounds its waiting."""

        def first(connection, cursor, statement, parameters, context, many):
            transaction = connection.get_transaction()
            if connection.info.get("guarded") is not transaction:
                connection.info["guarded"] = transaction
                self.connection = connection
                if session := begin(cursor, self.table_wait):
                    self.sessions.add(session)

        begin = BEGIN.get(engine.dialect.name)
        if begin is None:
            yield
            return
        # At the first statement: a transaction without one shall not occupy a pooler's connection.
        sqlalchemy.event.listen(engine, "before_cursor_execute", first)
        sqlalchemy.event.listen(engine, "checkout", self._ours)
        try:
            yield
        finally:
            sqlalchemy.event.remove(engine, "before_cursor_execute", first)
            sqlalchemy.event.remove(engine, "checkout", self._ours)

    def _ours(self, connection, record, proxy):
        """MySQL is only asked who else there is, and alembic has a connection that does nothing."""
        if hasattr(connection, "thread_id"):
            self.sessions.add(connection.thread_id())

    def check(self):
        """Raises when the lock was lost: another process may be changing the schema as well."""
        self.blocker = None
        if self.thread.is_alive():
            self._look()
        if self.lost is not None:
            raise Failure(
                "migration",
                "the database has ended the session that holds the lock on its schema"
                f" ({self.lost}), so the upgrade was stopped before its next step: another process"
                " may have begun one. Start again.",
            )

    def before_step(self, names):
        """Raises when the next step must not begin: the lock was lost, or, where a step cannot be
        taken back, one of the tables with these names stays in use."""
        self.check()
        if self.connection is not None and self.connection.dialect.name in NO_WAY_BACK:
            tables.wait_until_free(self.connection, names, self.table_wait)

    def in_the_way(self):
        """Who was seen to use a table that had to be changed, for a message."""
        return self.blocker or "another session"

    def _run(self):
        while not self.ended.wait(PULSE):
            self._look()

    def _look(self):
        with self.turn:
            if self.lost is not None:
                return
            try:
                blocker = self.lock.look(self.sessions)
            except LOSS as error:
                self.lost = refusals.reason(error)
                return
            except Exception:
                if not self.faulty:
                    self.faulty = True
                    traceback.print_exc()
                return
        if blocker:
            self.blocker = blocker
        who = blocker and blocker.partition(",")[0]  # without for how long
        if who and who != self.told:
            self.told = who
            self.report.phase("blocked", reason=blocker)


def _begin_postgresql(cursor, seconds):
    cursor.execute(vanished.POSTGRESQL)
    cursor.execute(
        "SELECT pg_backend_pid(), set_config('lock_timeout', %s, true)", (f"{seconds}s",)
    )
    return cursor.fetchone()[0]


def _begin_mysql(cursor, seconds):
    cursor.execute(vanished.MYSQL)
    cursor.execute(tables.patience(tables.LONGEST))
    cursor.execute("SELECT CONNECTION_ID()")
    return cursor.fetchone()[0]


def _begin_sqlite(cursor, seconds):
    """Python's driver begins a transaction before it writes rows and not before it changes tables:
    an upgrade that is killed would leave half a step behind, with which no later one gets on."""
    if not cursor.connection.in_transaction:
        cursor.execute("BEGIN IMMEDIATE")


BEGIN = {
    "postgresql": _begin_postgresql,
    "mysql": _begin_mysql,
    "mariadb": _begin_mysql,
    "sqlite": _begin_sqlite,
}

NO_WAY_BACK = ("mysql", "mariadb")  # whose changes of tables no transaction can take back


def waited_in_vain(error):
    """Whether a statement has given up waiting for a table."""
    original = getattr(error, "orig", None)
    if getattr(original, "sqlstate", None) == "55P03":  # lock_not_available
        return True
    return bool(original and original.args and original.args[0] == tables.LOCK_WAIT_TIMEOUT)
