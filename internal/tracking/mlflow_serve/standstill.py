"""Tells the launcher of a worker whose threads are all stuck: its event loop goes on answering."""

import time

HEALTH = "/health"  # what the launcher asks; needs no thread
HEADER = b"x-mlflow-server-standstill"  # seconds; the launcher knows it (health.go)


class Standstill:
    """Knows for how long every thread has been busy with the same call while others wait for one.
    Used on the event loop alone."""

    def __init__(self, threads):
        self.threads = threads
        self.calls = 0  # that have a thread or wait for one
        self.since = None  # since when some wait and none has ended

    def begins(self):
        self.calls += 1
        if self.calls > self.threads and self.since is None:
            self.since = time.monotonic()

    def ends(self):
        self.calls -= 1
        self.since = time.monotonic() if self.calls > self.threads else None

    def told(self, send):
        """send, with a header of the answer that tells of a standstill, if there is one."""
        if self.since is None:
            return send
        seconds = str(int(time.monotonic() - self.since)).encode()

        async def telling(message):
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (HEADER, seconds)]}
            await send(message)

        return telling
