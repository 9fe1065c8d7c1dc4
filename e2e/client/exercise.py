"""Runs every group of client exercises against the server in MLFLOW_TRACKING_URI.

Each line of the report is "ok NAME SECONDS" or "FAIL NAME SECONDS", a failure is followed by its indented trace, and the last line says
how many groups there were: a run that dies half-way cannot be mistaken for a complete one.

    python exercise.py [NAME ...]
"""

import sys
import time
import traceback

import artifacts  # noqa: F401  (importing a module registers its groups)
import genai  # noqa: F401
import models  # noqa: F401
import tracking  # noqa: F401
import web  # noqa: F401
from groups import GROUPS


def main(wanted):
    failed = 0
    chosen = [g for g in GROUPS if not wanted or g.__name__ in wanted]
    for group in chosen:
        started = time.monotonic()
        try:
            group()
        except BaseException:  # a group that calls sys.exit has failed too
            failed += 1
            print(f"FAIL {group.__name__} {time.monotonic() - started:.2f}", flush=True)
            for line in traceback.format_exc().splitlines():
                print("    " + line, flush=True)
        else:
            print(f"ok {group.__name__} {time.monotonic() - started:.2f}", flush=True)
    print(f"done {len(chosen)} groups, {failed} failed", flush=True)
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
