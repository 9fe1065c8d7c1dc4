"""MLflow's own application, served by uvicorn on one socket."""

import asyncio
import contextlib
import gc
import logging
import os
import sys
import warnings

from mlflow_serve import connections

KEEP_ALIVE = 120  # seconds; longer than the gate keeps idle connections, so that it closes first


def load(settings):
    """Imports MLflow's server and returns its ASGI application."""
    # What is imported stays for good: collecting garbage meanwhile costs a quarter of the time.
    gc.disable()
    # starlette deprecates the WSGI bridge that MLflow is built on; nothing its user can do.
    warnings.filterwarnings("ignore", message=r"starlette\.middleware\.wsgi is deprecated")
    import uvicorn  # noqa: F401  (before the forks, like all else)
    import uvicorn.protocols.http.httptools_impl  # noqa: F401
    import uvloop  # noqa: F401

    from mlflow.server import app as flask
    from mlflow_serve.bridge import Bridge

    _no_login_of_its_own()
    connections.prepare(settings)
    if settings.lean:
        from mlflow_serve import native

        app = Bridge(native.application(), flask, settings.threads)
        app.native.mount("/", app.flask)
    else:
        from mlflow.server.fastapi_app import app as native

        app = Bridge(native, flask, settings.threads)
    gc.enable()
    return app


def _no_login_of_its_own():
    """Lets the import of MLflow's own login fail at once. runs/search tries it at every call, to see
    whether that is in use; as its forms are not installed, it fails, but only after most of it and the
    gateway have been executed, with pandas, again for each call."""
    sys.modules["mlflow.server.auth"] = None


def serve(app, sock, settings, line):
    """Answers requests on sock until the lifeline ends, then finishes what is being answered."""
    import uvicorn

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self):
            yield  # uvicorn would end at the signals that lifeline.py ignores

        async def startup(self, sockets=None):
            await super().startup(sockets=sockets)
            asyncio.get_running_loop().add_reader(line.fd, self.end)

        def end(self):
            asyncio.get_running_loop().remove_reader(line.fd)
            self.should_exit = True

    connections.begin()
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=debug(),
        # A unix socket's peer has no address, and MLflow reads the gate's headers itself.
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        # A little less than what the launcher waits before it kills.
        timeout_graceful_shutdown=max(1, int(settings.stop_timeout) - 1),
    )
    _log()
    Server(config).run(sockets=[sock])


def debug():
    return os.environ.get("MLFLOW_LOGGING_LEVEL", "").upper() == "DEBUG"


def _log():
    """uvicorn's warnings, and in debug mode one line per request, on stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y/%m/%d %H:%M:%S")
    )
    logger = logging.getLogger("uvicorn")
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO if debug() else logging.WARNING)
    logging.getLogger("uvicorn.access").setLevel(logging.INFO)
