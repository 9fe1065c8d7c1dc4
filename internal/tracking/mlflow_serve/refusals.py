"""What a driver's error means: give up, or try again, and in which words.

Drivers say these things in prose only (libpq passes no SQLSTATE for a refused connection), so
they are told apart by the servers' English texts; an unknown one is tried again until the time
is over, which is only slower.
"""

import re

# PostgreSQL's src/backend/libpq/auth.c, hba.c and utils/init/postinit.c; libpq's fe-connect.c and
# fe-secure-*.c.
POSTGRES = (
    ("password authentication failed", "the user name or the password is wrong"),
    ("fe_sendauth: no password supplied", "it wants a password"),
    ("no password supplied", "it wants a password"),
    ("no pg_hba.conf entry", "its pg_hba.conf lets this user in from elsewhere or with TLS only"),
    ("server does not support ssl", "it has no TLS, but the URI's sslmode wants it"),
    ("certificate verify failed", "its TLS certificate cannot be verified"),
    ("root certificate file", "the TLS root certificate for verifying it is missing"),
    ("is not permitted to log in", "this user may not log in"),
    ("permission denied for database", "this user may not use the database"),
)
MISSING_POSTGRES = (  # database "x" does not exist, role "x" does not exist
    (re.compile(r'database ".*" does not exist'), "database"),
    (re.compile(r'role ".*" does not exist'), "user"),
)
# MySQL: server error codes, the first argument of the drivers' exceptions.
MYSQL = {
    1045: "the user name or the password is wrong",
    1698: "the user name or the password is wrong",
    1044: "this user may not use the database {database}",
    1049: "it has no database {database}",
    1130: "it does not let this host in",
    3159: "it wants TLS",
}
SQLITE = (
    ("unable to open database file", "it is a directory, or must not be opened or made"),
    ("file is not a database", "it is not a SQLite database"),
    ("disk image is malformed", "it is damaged"),
    ("readonly database", "it cannot be written to"),
)
NO_ANSWER = "no answer"
PASSING = (
    ("connection refused", "connection refused"),
    ("starting up", "it is starting up"),
    ("shutting down", "it is shutting down"),
    ("too many connections", "too many connections"),
    ("too many clients", "too many connections"),
    ("connection slots", "too many connections"),
    ("name or service not known", "the host name is unknown"),
    ("failed to resolve host", "the host name cannot be resolved"),
    ("could not translate host name", "the host name cannot be resolved"),
    ("name resolution", "the host name cannot be resolved"),
    ("timeout expired", NO_ANSWER),
    ("timed out", NO_ANSWER),
    ("no route to host", "no route to the host"),
    ("network is unreachable", "the network is unreachable"),
    ("no such file or directory", "there is no such socket"),
    ("database is locked", "it is locked by another process"),
)


def permanent(error, url, endpoint):
    """The message of a refusal that waiting will not change, or None."""
    why = _permanent(error, url)
    if why is None:
        return None
    verb = "open" if url.get_backend_name() == "sqlite" else "use"
    return f"cannot {verb} the database at {endpoint}: {why}"


def _permanent(error, url):
    backend, text = url.get_backend_name(), _text(error).lower()
    if backend == "sqlite":
        return _first(SQLITE, text)
    if backend in ("mysql", "mariadb"):
        code = error.orig.args[0] if error.orig is not None and error.orig.args else None
        reason = MYSQL.get(code) if isinstance(code, int) else None
        return reason and reason.format(database=repr(url.database or ""))
    if "invalid connection option" in text or "invalid sslmode value" in text:
        return "the URI has an option that the driver does not know: " + last_line(error)
    for pattern, what in MISSING_POSTGRES:
        if pattern.search(text):
            name = url.database if what == "database" else url.username
            return f"it has no {what} {name!r}"
    return _first(POSTGRES, text)


def reason(error):
    """Why an attempt failed, short."""
    return _first(PASSING, _text(error).lower()) or last_line(error)


def _first(table, text):
    return next((meaning for part, meaning in table if part in text), None)


def _text(error):
    return str(getattr(error, "orig", None) or error)


def last_line(error):
    """What the driver says: libpq puts the reason last."""
    lines = [line.strip() for line in _text(error).splitlines() if line.strip()]
    return lines[-1][:300] if lines else type(error).__name__
