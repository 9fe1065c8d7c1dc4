"""MLflow's own command line, for versions whose inside this program does not know."""

import os
import signal
import socket
import subprocess
import sys
import time

from mlflow_serve import leftovers
from mlflow_serve.application import KEEP_ALIVE, debug
from mlflow_serve.failure import Ended
from mlflow_serve.lifeline import Stopped

LOOPBACK = "127.0.0.1"
ATTEMPTS = 3  # to find a port that stays free


def serve(settings, report, line):
    """Runs `mlflow server` on a free loopback port until the lifeline ends.

    It takes a port, not a socket: other users of the machine can reach it past the gate. Its
    processes do not die with each other, so this one stays and ends them all: the launcher has
    made it the leader of a process group of their own.
    """
    environ = dict(
        os.environ,
        MLFLOW_BACKEND_STORE_URI=settings.backend_uri,
        MLFLOW_SERVE_ARTIFACTS="true",
        MLFLOW_ARTIFACTS_DESTINATION=os.environ["_MLFLOW_SERVER_ARTIFACT_DESTINATION"],
        # By environment: a version that does not know the variable ignores it.
        MLFLOW_UVICORN_OPTS=" ".join(_uvicorn_options()),
    )
    for _ in range(ATTEMPTS):
        port = _free_port()
        child = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "server"]
            + ["--host", LOOPBACK, "--port", str(port), "--workers", str(settings.workers)],
            env=environ,
            stdin=subprocess.DEVNULL,
        )
        report.phase("serving")
        report.worker(0, child.pid, "tcp", f"{LOOPBACK}:{port}")
        try:
            while child.poll() is None:
                line.wait(0.2)
        except Stopped:
            _stop(child, settings)
            raise
        print(f"mlflow server ended with code {child.returncode}", file=sys.stderr)
        if child.returncode < 0 or _free(port):
            break
        # It takes seconds to import itself before it listens: somebody else was faster.
        print(f"port {port} was taken meanwhile, trying another one", file=sys.stderr)
    raise Ended(1)


def _uvicorn_options():
    yield f"--timeout-keep-alive {KEEP_ALIVE}"
    if not debug():
        yield "--no-access-log"


def _stop(child, settings):
    # This process ignores SIGTERM; the others have installed handlers of their own.
    os.killpg(0, signal.SIGTERM)
    deadline = time.monotonic() + settings.stop_timeout
    while child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    # The launcher kills what is left, unless it is dead itself.
    if os.getppid() != settings.launcher_pid:
        leftovers.kill()
        os.killpg(0, signal.SIGKILL)


def _free(port):
    with socket.socket() as probe:
        # As uvicorn does: connections that have just been closed do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def _free_port():
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]
