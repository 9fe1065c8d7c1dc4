"""Keeps pandas and numpy out of a server that needs neither.

MLflow can be imported without them: as mlflow-skinny it is installed without them, and functions
that use them import them. Of what its server imports, only the gateway and what belongs to it insist
on them, and that is left out where it is closed (native.py).

So they are not found while the server is imported and its first requests are tried, as if they were
not installed. Afterwards they can be imported as ever: a function that asks for pandas gets it, in
the worker that it runs in. Modules that have noticed the absence and do without are forgotten, so
that whoever imports them later gets them whole.
"""

import contextlib
import importlib.abc
import sys

ABSENT = ("numpy", "pandas")


class _Absent(importlib.abc.MetaPathFinder):
    def __init__(self):
        self.noticed = set()  # names of modules

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            self.noticed.add(_importer())
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _importer():
    """The module whose code imports: the first one that is not the import system's own."""
    frame = sys._getframe(2)
    while frame.f_globals.get("__name__", "").startswith("importlib."):
        frame = frame.f_back
    return frame.f_globals.get("__name__", "")


@contextlib.contextmanager
def imports(settings):
    """What is imported within is imported without them, where the settings ask for it."""
    if not settings.lean:
        yield
        return
    absent = _Absent()
    sys.meta_path.insert(0, absent)
    try:
        yield
    finally:
        sys.meta_path.remove(absent)
        for name in absent.noticed - {"__main__"}:
            sys.modules.pop(name, None)
