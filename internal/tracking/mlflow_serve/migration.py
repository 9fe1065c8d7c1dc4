"""Brings the schema up to date, in a process of its own and under a lock."""

import logging
import os
import sys
import time
import traceback

import sqlalchemy

from mlflow_serve import backup, database, lifeline, locks, refusals, schema
from mlflow_serve.application import debug
from mlflow_serve.failure import Ended, Failure
from mlflow_serve.guard import NO_WAY_BACK, waited_in_vain


def run(settings, state, report, line, open_store):
    """Creates or upgrades the schema unless it is current. Raises Stopped when the end is asked for
    before the first change, or was meanwhile.

    In a fork: what a migration allocates is gone with it. open_store has MLflow open its store once,
    still under the lock: the first opening writes the default experiment, and workers that do so
    at the same time get in each other's way.
    """
    if state.current:
        return
    line.check()
    _begins(state, report)
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            if settings.die_with_launcher:
                lifeline.die_with(parent)
            _migrate(settings, report, line, open_store)
            code = 0
        except lifeline.Stopped:
            code = 0  # the parent looks at the lifeline itself
        except Failure as failure:
            report.fatal(failure.kind, str(failure))
            code = 2
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    # Once there are changes the lifeline is not watched: not every database can take back half a
    # migration, so the launcher decides how long to wait for it.
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code != 0:
        raise Ended(code if code > 0 else 1)
    line.check()
    if state.latest:
        # Another process may have done the work, of which nobody has told the launcher.
        report.schema(state.latest, state.latest)


def _begins(state, report):
    """From here on the launcher, when it stops, gives a migration its time."""
    report.phase("migrating", found=state.found or "", steps=state.steps)


def _migrate(settings, report, line, open_store):
    wait_no_more = database.wait_for_each(settings, report, line)
    with locks.exclusive(settings.backend_uri, settings.migration_wait, report, line) as guard:
        # Whoever held the lock before may have done the work.
        engine = database.engine_of(settings.backend_uri)
        state = schema.inspect(engine, settings, database.where(engine.url))
        if state.current:
            return  # and it has opened the store as well
        if guard.waited:
            _begins(state, report)  # the wait was nothing that has to be finished
        if state.found is None:
            _refuse_foreign(engine)
        _upgrade(settings, state, guard, report, line)
        if open_store:
            from mlflow.server.handlers import _get_tracking_store

            wait_no_more()  # MLflow tries again by itself here
            _get_tracking_store()


def _refuse_foreign(engine):
    from mlflow.store.db import utils

    with engine.connect() as connection:
        schema.refuse_foreign(
            connection,
            database.where(engine.url),
            utils.InitialBase.metadata,
            set(utils.Base.metadata.tables),
        )


def _upgrade(settings, state, guard, report, line):
    from mlflow.store.db import utils

    line.check()  # the last moment: connecting, the wait for the lock and the import take long

    logger = logging.getLogger("alembic.runtime.migration")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    progress = _Progress(state.steps, guard, {*utils.Base.metadata.tables, "alembic_version"}, report)
    logger.addHandler(progress)
    started = time.monotonic()
    url = sqlalchemy.make_url(settings.backend_uri)
    backup.before_upgrade(settings.backend_uri, state, report)
    try:
        engine = utils.create_sqlalchemy_engine(settings.backend_uri)
        with guard.watching(engine):
            if state.found is None:
                utils._initialize_tables(engine)
            else:
                utils._upgrade_db(engine)
        engine.dispose()
    except (Failure, lifeline.Stopped):  # the latter while a connection is waited for
        raise
    except Exception as error:
        reached = _reached(settings)
        if reached == progress.begun:
            progress.begun = None  # that step is done
        if reached is not None and reached == state.latest:
            # MLflow has a connection that does nothing as long as the upgrade takes.
            print(f"the upgrade is done; its end was not clean: {refusals.last_line(error)}", flush=True)
        elif waited_in_vain(error):
            raise Failure(
                "migration",
                "the database's schema could not be changed, because a table was in use for more than"
                f" {guard.table_wait} s by {guard.in_the_way()}. Wait until it is done, or end it if it"
                " hangs; then start again." + progress.half_done(url),
            ) from error
        else:
            traceback.print_exc()
            cause = getattr(error, "orig", None) or error
            text = (str(cause).strip().splitlines() or [""])[0][:300]
            raise Failure(
                "migration",
                f"cannot bring the database's schema up to date: {type(cause).__name__}: {text}"
                + progress.half_done(url),
            ) from error
    report.phase("migrated", seconds=round(time.monotonic() - started, 1))


def _reached(settings):
    """The revision that the schema has now, where every step is there for good; None elsewhere, and
    when it cannot be read."""
    engine = database.engine_of(settings.backend_uri)
    if engine.dialect.name not in NO_WAY_BACK:
        return None
    try:
        with engine.connect() as connection:
            return schema.revision(connection)
    except Exception:  # what was wrong before is told
        return None


class _Progress(logging.Handler):
    """Counts alembic's "Running upgrade A -> B, what" lines. Each comes before its step is done, so
    what this raises keeps it from being done."""

    def __init__(self, steps, guard, tables, report):
        super().__init__()
        self.step = 0
        self.begun = None  # the revision of the step that is being made
        self.steps = steps
        self.guard = guard
        self.tables = tables
        self.report = report

    def emit(self, record):
        message = record.getMessage()
        if message.startswith("Running upgrade"):
            self.begun = None
            self.guard.before_step(self.tables)
            self.begun = message.partition(" -> ")[2].partition(",")[0]
            self.step += 1
            self.report.phase("migrating", step=self.step, steps=self.steps)
            if debug():
                print(f"step {self.step} of {self.steps}: {message}", flush=True)

    def half_done(self, url):
        """What to add to the message of an upgrade that failed, where a step cannot be taken back."""
        if self.begun is None or url.get_backend_name() not in NO_WAY_BACK:
            return ""
        return (
            f" This was within step {self.step} of {self.steps}, to revision {self.begun}: a part of"
            " it may be done, now or by an upgrade that was interrupted, and this database cannot take"
            " that back. Restore the backup from before the upgrade, or undo that part by hand; then"
            " start again."
        )
