"""Ends what has left the process group, where the launcher cannot do it any more."""

import os
import signal

FAMILY = "_MLFLOW_FAMILY"  # marks all processes of one life; see internal/tracking/environ.go


def kill():
    """Kills the other processes that have this one's mark in their environment, on Linux. Job
    runners start their programs in sessions of their own, so that killing a group misses them."""
    mark = f"{FAMILY}={os.environ[FAMILY]}".encode()
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit() and int(name) != os.getpid() and _marked(name, mark):
            try:
                os.kill(int(name), signal.SIGKILL)
            except ProcessLookupError:
                pass


def _marked(pid, mark):
    try:
        with open(f"/proc/{pid}/environ", "rb") as environ:
            return mark in environ.read().split(b"\0")
    except OSError:
        return False
