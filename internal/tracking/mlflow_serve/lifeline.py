"""How this program and its workers notice that they shall end."""

import ctypes
import os
import select
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Stopped(Exception):
    """The launcher asked to stop before anything was served."""


class Lifeline:
    """The read end of a pipe that the launcher holds open as long as MLflow shall run.

    Its end of file reaches this process and every worker at the same moment, and also when the
    launcher was killed without a chance to say anything.
    """

    def __init__(self, fd):
        self.fd = fd
        os.set_inheritable(fd, False)

    def wait(self, seconds):
        """Sleeps; raises Stopped as soon as the launcher wants the end."""
        if select.select([self.fd], [], [], max(0.0, seconds))[0]:
            raise Stopped

    def check(self):
        """Raises Stopped when the launcher wants the end."""
        self.wait(0)


def ignore_signals():
    """Platforms send SIGTERM, and terminals SIGINT, to every process at once. Ending then would
    cut what the launcher is still draining: only the lifeline counts."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def die_with(parent):
    """Has the kernel kill this process when its parent ends (Linux; elsewhere the lifeline has to
    do). The wish is not inherited over fork: every process has to make it for itself."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the call above
        os._exit(1)
