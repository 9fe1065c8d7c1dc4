"""How many connections to the database MLflow keeps, and for how long."""

import threading
import time
import weakref

import sqlalchemy.event
from sqlalchemy.exc import DisconnectionError


_engines = {}  # by address


def prepare(settings):
    """Changes how MLflow makes its engines, in this process and its forks.

    Its stores (tracking, registry, jobs, …) make one each for the same database, with a pool each;
    here they share one, so that a limit on connections is one. The pool's size comes by MLflow's own
    variables (MLFLOW_SQLALCHEMYSTORE_*).
    """
    from mlflow.store.db import utils

    make = utils.create_sqlalchemy_engine
    lock = threading.Lock()

    def shared(db_uri):
        with lock:
            if db_uri not in _engines:
                _engines[db_uri] = make(db_uri)
                if settings.database_idle > 0:
                    IdleCloser(_engines[db_uri], settings.database_idle)
            return _engines[db_uri]

    utils.create_sqlalchemy_engine = shared


def close_all():
    """Closes every connection: none may be open at a fork, or two processes would speak on it. The
    engines stay, and make new ones."""
    for engine in _engines.values():
        engine.dispose()


def begin():
    """Watches for idle connections from now on. Called in a worker: a thread would not be copied by
    the fork."""
    global _watching
    _watching = True


_watching = False


class IdleCloser:
    """Closes connections that nobody has used for so many seconds.

    SQLAlchemy closes an old connection only when it is about to be used again. A database that
    pauses when nobody is connected, as Aurora Serverless does, would never pause.
    """

    def __init__(self, engine, seconds):
        self.seconds = seconds
        self.changed = threading.Condition()  # guards what follows
        self.idle = {}  # pool record -> when it became so; the oldest first
        # Records whose connection this closed and nobody has renewed; the pool may forget one.
        self.closed = weakref.WeakSet()
        self.thread = None
        sqlalchemy.event.listen(engine, "connect", self._connected)
        sqlalchemy.event.listen(engine, "checkin", self._returned)
        sqlalchemy.event.listen(engine, "checkout", self._taken)
        sqlalchemy.event.listen(engine, "close", self._gone)

    def _connected(self, connection, record):
        with self.changed:
            self.closed.discard(record)

    def _returned(self, connection, record):
        with self.changed:
            self.idle.pop(record, None)
            if connection is None or not _watching:  # found broken, or closed before the fork
                return
            self.idle[record] = time.monotonic()
            if self.thread is None:
                self.thread = threading.Thread(target=self._run, name="idle", daemon=True)
                self.thread.start()
            self.changed.notify()

    def _taken(self, connection, record, fairy):
        with self.changed:
            self.idle.pop(record, None)
            if record in self.closed:
                # Closed between being chosen and getting here: the pool makes another one.
                raise DisconnectionError("it was idle for too long")

    def _gone(self, connection, record):
        """The pool closes what it has no room for, after it has told of its return."""
        with self.changed:
            self.idle.pop(record, None)

    def _run(self):
        while True:
            with self.changed:
                while not self.idle:
                    self.changed.wait()
                record, since = next(iter(self.idle.items()))
                left = since + self.seconds - time.monotonic()
                if left <= 0:
                    del self.idle[record]
                    self.closed.add(record)
                    record.invalidate()
                    continue
            time.sleep(left)
