"""Hands requests to MLflow's Flask application without the detour through FastAPI.

MLflow mounts its Flask application, which has nearly all routes, below its FastAPI application. On
that way a request passes six middlewares and some hundred route patterns, and its answer is carried
from the thread to the event loop in three steps: more than half of a short call's time. The Flask
application does all its checks itself (it can be served alone), so here a request goes to a thread
at once, and its answer comes back in one piece unless it is long.
"""

import asyncio
import contextvars
import io
import sys
from concurrent.futures import ThreadPoolExecutor

from mlflow_serve.standstill import HEALTH, Standstill

PIECE = 256 * 1024  # bytes that are taken from a long answer at a time


class Bridge:
    """An ASGI application: native's own routes go to native, all others to the WSGI application."""

    def __init__(self, native, wsgi, threads):
        self.native = native
        self.wsgi = wsgi
        self.prefixes = native_prefixes(native)
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="flask")
        self.standstill = Standstill(threads)

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["path"].startswith(self.prefixes):
            if scope.get("path") == HEALTH:
                send = self.standstill.told(send)
            await self.native(scope, receive, send)
        else:
            await self.flask(scope, receive, send)

    async def flask(self, scope, receive, send):
        if scope["type"] != "http":
            return
        body = await _read(receive)
        if body is None:
            return
        call = _Call(self.wsgi, environ(scope, body))
        # Each call has a context of its own: what a handler sets there must not meet the next one.
        context = contextvars.copy_context()
        piece, more = await self._in_thread(context, call.begin)
        try:
            await send(
                {"type": "http.response.start", "status": call.status, "headers": call.headers}
            )
            while more:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                piece, more = await self._in_thread(context, call.take)
            await send({"type": "http.response.body", "body": piece})
        finally:
            if more:  # the client has gone, or the handler failed
                await self._in_thread(context, call.close)

    async def _in_thread(self, context, work):
        self.standstill.begins()
        try:
            return await asyncio.get_running_loop().run_in_executor(self.pool, context.run, work)
        finally:
            self.standstill.ends()


def native_prefixes(native):
    """What the paths of native's own routes begin with, up to their first parameter. Too many
    requests are no harm: native has the Flask application as its last route."""
    from starlette.routing import Mount

    routes = [route for route in native.routes if not isinstance(route, Mount)]
    return tuple(sorted({path.partition("{")[0] for path in _paths(routes, "")}))


def _paths(routes, prefix):
    for route in routes:
        if hasattr(route, "path"):
            yield prefix + route.path
        else:  # FastAPI keeps the routers that were included (fastapi/routing.py, _IncludedRouter)
            inner = prefix + route.include_context.prefix
            yield from _paths(route.original_router.routes, inner)


async def _read(receive):
    """The whole body, or None when the client has gone before its end: half a request must not be
    acted on."""
    pieces, more = [], True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def environ(scope, body):
    """The request as WSGI wants it (PEP 3333)."""
    server = scope.get("server") or ("localhost", 80)
    result = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] if server[1] is not None else 80),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if client := scope.get("client"):
        result["REMOTE_ADDR"] = client[0]
    for name, value in scope["headers"]:
        name, value = name.decode("latin-1"), value.decode("latin-1")
        if name == "content-length":
            key = "CONTENT_LENGTH"
        elif name == "content-type":
            key = "CONTENT_TYPE"
        else:
            key = "HTTP_" + name.upper().replace("-", "_")
        result[key] = result[key] + "," + value if key in result else value
    if "HTTP_TRANSFER_ENCODING" in result:
        # The input ends where the body does. Without this, werkzeug takes a body in chunks for empty;
        # with it, it would not compare one that has a length with that.
        result["wsgi.input_terminated"] = True
    return result


class _Call:
    """One call of the WSGI application, in a thread."""

    def __init__(self, app, environ):
        self.app = app
        self.environ = environ
        self.status = 500
        self.headers = []
        self.answer = None
        self.pieces = None

    def begin(self):
        self.answer = self.app(self.environ, self._start)
        self.pieces = iter(self.answer)
        return self.take()

    def _start(self, status, headers, exc_info=None):
        self.status = int(status.partition(" ")[0])
        self.headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]

    def take(self):
        """The next bytes of the answer, and whether there are more."""
        taken, size = [], 0
        try:
            for piece in self.pieces:
                taken.append(piece)
                size += len(piece)
                if size >= PIECE:
                    return b"".join(taken), True
        except BaseException:
            self.close()
            raise
        self.close()
        return b"".join(taken), False

    def close(self):
        answer, self.answer = self.answer, None
        if hasattr(answer, "close"):
            answer.close()
