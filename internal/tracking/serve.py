"""Runs MLflow for the launcher: database, schema, import, workers, in this order.

Started as `python -S serve.py`. Everything it needs to know comes by environment
(settings.py), so that no secret stands in a process list. It tells the launcher
what happens over one pipe (report.py) and stops when another one closes
(lifeline.py). Exit codes: 0 stopped as asked, 2 a reported failure that a restart
cannot mend, 3 workers that died too often, 1 anything else.
"""

import os
import sys
import traceback

from mlflow_serve import database, drivers, forks, lifeline, migration, schema, sockets
from mlflow_serve.failure import Ended, Failure
from mlflow_serve.report import Report
from mlflow_serve.settings import Settings


def run(settings, report, line):
    drivers.prepare()
    if settings.task.startswith("examine"):
        from mlflow_serve import examine

        return examine.run(settings, report, line)
    report.phase("database")
    engine, endpoint = database.wait(settings, report, line)
    state = schema.inspect(engine, settings, endpoint)
    engine.dispose()
    report.schema(state.found, state.latest)

    if settings.task == "migrate":
        return migration.run(settings, state, report, line, open_store=not settings.public_cli)
    if settings.public_cli:
        from mlflow_serve import public_cli

        migration.run(settings, state, report, line, open_store=False)
        return public_cli.serve(settings, report, line)

    listening = sockets.listen(settings.directory, settings.workers)
    report.phase("importing")
    from mlflow_serve import application, lean, rehearsal

    with lean.imports(settings):
        app = application.load(settings)
        migration.run(settings, state, report, line, open_store=True)
        report.phase("rehearsing")
        rehearsal.run(app)
    report.phase("serving")
    if settings.workers == 1:
        # Nothing to fork from and nothing to supervise: one process less to pay for.
        report.worker(0, os.getpid(), "unix", listening[0].getsockname())
        return application.serve(app, listening[0], settings, line)
    return forks.serve(app, listening, settings, report, line)


def main():
    settings = Settings.take(os.environ)
    report = Report(settings.status_fd)
    line = lifeline.Lifeline(settings.control_fd)
    lifeline.ignore_signals()
    if settings.die_with_launcher:
        lifeline.die_with(settings.launcher_pid)
    try:
        run(settings, report, line)
    except lifeline.Stopped:
        return 0
    except Failure as failure:
        report.fatal(failure.kind, str(failure))
        return 2
    except Ended as ended:
        return ended.code
    except Exception:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: it joins threads, and one that waits for a lost database would keep the
    # process here until the launcher kills it.
    os._exit(code)
