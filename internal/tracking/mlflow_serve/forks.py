"""Workers forked from one process that has imported everything."""

import os
import select
import sys
import time
import traceback

from mlflow_serve import application, lifeline
from mlflow_serve.deaths import Deaths
from mlflow_serve.failure import WORKERS_DIE, Ended


def serve(app, listening, settings, report, line):
    """Keeps one worker per socket running until the lifeline ends."""
    workers = Workers(app, listening, settings, report, line)
    for index in range(len(listening)):
        workers.fork(index)
    while not workers.replace_dead():
        pass
    workers.wait(settings.stop_timeout)


class Workers:
    def __init__(self, app, listening, settings, report, line):
        self.app = app
        self.listening = listening
        self.settings = settings
        self.report = report
        self.line = line
        self.alive = {}  # read end of a worker's pipe -> (index, pid, time of its birth)
        self.deaths = Deaths(len(listening))

    def fork(self, index):
        # The kernel closes the write end when the worker ends, however it does: a death is an
        # end of file to wait for, without a signal handler.
        alive, held = os.pipe()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._work(index, parent)
        os.close(held)
        self.alive[alive] = (index, pid, time.monotonic())
        self.report.worker(index, pid, "unix", self.listening[index].getsockname())

    def _work(self, index, parent):
        code = 1
        try:
            lifeline.die_with(parent)
            for fd in self.alive:
                os.close(fd)
            for other, sock in enumerate(self.listening):
                if other != index:
                    sock.close()
            application.serve(self.app, self.listening[index], self.settings, self.line)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)  # see the end of serve.py

    def replace_dead(self):
        """Waits for something to happen; True when it is the end."""
        ready = select.select([self.line.fd, *self.alive], [], [])[0]
        if self.line.fd in ready:
            return True
        for fd in ready:
            index, age, weight = self._reap(fd)
            if why := self.deaths.add(index, age, weight):
                print(why, file=sys.stderr)
                raise Ended(WORKERS_DIE)
            self.fork(index)
        return False

    def wait(self, seconds):
        """Waits for the workers, which have seen the lifeline's end as well."""
        deadline = time.monotonic() + seconds
        while self.alive and (left := deadline - time.monotonic()) > 0:
            for fd in select.select(list(self.alive), [], [], left)[0]:
                self._reap(fd)

    def _reap(self, fd):
        index, pid, born = self.alive.pop(fd)
        os.close(fd)
        reason, weight = self.deaths.cause(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        self.report.died(index, pid, reason)
        return index, time.monotonic() - born, weight
