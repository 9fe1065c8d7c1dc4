"""How many connections to the database MLflow keeps, and for how long."""

import threading
import time

import sqlalchemy.event
from sqlalchemy.exc import DisconnectionError


def prepare(settings):
    """Changes how MLflow makes its engines, in this process and its forks.

    Its stores (tracking, registry, jobs, …) make one each for the same database, with a pool each;
    here they share one, so that a limit on connections is one. The pool's size comes by MLflow's own
    variables (MLFLOW_SQLALCHEMYSTORE_*).
    """
    from mlflow.store.db import utils

    make = utils.create_sqlalchemy_engine
    made, lock = {}, threading.Lock()

    def shared(db_uri):
        with lock:
            if db_uri not in made:
                made[db_uri] = make(db_uri)
                if settings.database_idle > 0:
                    IdleCloser(made[db_uri], settings.database_idle)
            return made[db_uri]

    utils.create_sqlalchemy_engine = shared


class IdleCloser:
    """Closes connections that nobody has used for so many seconds.

    SQLAlchemy closes an old connection only when it is about to be used again. A database that
    pauses when nobody is connected, as Aurora Serverless does, would never pause.
    """

    def __init__(self, engine, seconds):
        self.seconds = seconds
        self.changed = threading.Condition()  # guards what follows
        self.idle = {}  # pool record -> when it became so; the oldest first
        self.closed = set()  # records whose connection this closed and nobody has renewed
        self.thread = None
        sqlalchemy.event.listen(engine, "connect", self._connected)
        sqlalchemy.event.listen(engine, "checkin", self._returned)
        sqlalchemy.event.listen(engine, "checkout", self._taken)

    def _connected(self, connection, record):
        with self.changed:
            self.closed.discard(record)

    def _returned(self, connection, record):
        with self.changed:
            self.idle.pop(record, None)
            if connection is None:  # it was found broken
                return
            self.idle[record] = time.monotonic()
            if self.thread is None:  # in the worker: a thread before the fork would not be copied
                self.thread = threading.Thread(target=self._run, name="idle", daemon=True)
                self.thread.start()
            self.changed.notify()

    def _taken(self, connection, record, fairy):
        with self.changed:
            self.idle.pop(record, None)
            if record in self.closed:
                # Closed between being chosen and getting here: the pool makes another one.
                raise DisconnectionError("it was idle for too long")

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
