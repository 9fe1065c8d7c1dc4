"""Tells the launcher what happens: one JSON object per line on the status pipe."""

import json
import os

# A write of at most PIPE_BUF bytes (512 by POSIX, 4096 on Linux) is atomic, and every worker
# writes to the same pipe. JSON escapes at most sixfold what is longer than a few hundred bytes.
MAX_TEXT = 1500
MAX_LINE = 4096


class Report:
    def __init__(self, fd):
        self.fd = fd
        os.set_inheritable(fd, False)  # over exec; forks keep it

    def phase(self, name, **details):
        self._send(event="phase", phase=name, **details)

    def worker(self, index, pid, network, address):
        """A worker listens on address; it may still need a while before it answers."""
        self._send(event="worker", worker=index, pid=pid, network=network, address=address)

    def schema(self, found, latest):
        """The revision in the database, and the one it will have."""
        self._send(event="schema", found=found or "", latest=latest)

    def died(self, index, pid, reason):
        self._send(event="died", worker=index, pid=pid, reason=reason)

    def looking(self, check):
        """What an examination begins to look at, should it never come to a finding."""
        self._send(event="looking", check=check)

    def finding(self, check, state, text, fix=""):
        """What an examination found: state is ok, warn or fail."""
        self._send(event="finding", check=check, state=state, message=text, fix=fix)

    def fatal(self, kind, message):
        self._send(event="fatal", kind=kind, message=message)

    def _send(self, **fields):
        for name, value in fields.items():
            if isinstance(value, str):
                fields[name] = value[:MAX_TEXT]
        line = json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")
        if len(line) >= MAX_LINE:
            return
        try:
            os.write(self.fd, line + b"\n")
        except OSError:
            pass  # the launcher is gone, and the lifeline tells so
