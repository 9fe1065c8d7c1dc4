"""Says as one JSON line what this interpreter is, so that its caller can judge whether a server can run on it."""
import importlib
import json
import os
import platform
import sys
import sysconfig

missing = []
for name in ("bz2", "ctypes", "hashlib", "multiprocessing", "sqlite3", "ssl", "unicodedata", "zlib"):
    try:
        importlib.import_module(name)
    except ImportError:
        missing.append(name)

# In a virtual environment sys.executable is a link that vanishes with it: its base is what stays.
executable = sys.executable
if sys.prefix != sys.base_prefix:
    executable = getattr(sys, "_base_executable", None) or executable

print(
    json.dumps(
        {
            "implementation": platform.python_implementation(),
            "version": ".".join(str(n) for n in sys.version_info[:3]),
            "final": sys.version_info[3] == "final",
            "bits": 64 if sys.maxsize > 2**32 else 32,
            "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
            "executable": os.path.realpath(executable) if executable else "",
            "missing": missing,
        }
    )
)
