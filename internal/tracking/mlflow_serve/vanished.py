"""What a database is told about the sessions of a migration: not to end them while they are silent,
and to end them when their host has vanished, with the locks that they hold."""

from mlflow_serve import drivers

# For one transaction: behind a pooler the session is somebody else's next. Not every version knows
# every setting.
_POSTGRESQL = {
    # A lock's transaction is idle as long as the migration takes, and a server can be told to end
    # such ones.
    "idle_in_transaction_session_timeout": 0,
    "transaction_timeout": 0,
    # The server's end of what drivers.py has for this one. Systems wait for hours by default.
    **{"tcp_" + name: value for name, value in drivers.KEEPALIVE.items()},
    "tcp_user_timeout": drivers.UNACKNOWLEDGED,
}
POSTGRESQL = (
    "SELECT count(set_config(s.name, told.value, true)) FROM pg_settings s JOIN (VALUES "
    + ", ".join(f"('{name}', '{value}')" for name, value in _POSTGRESQL.items())
    + ") told (name, value) ON told.name = s.name"
)

# MySQL has limits for silence alone. The guard speaks every second, but a machine may stand still
# for a while; those who wait for the lock have more patience than this by default.
MYSQL = "SET SESSION wait_timeout = 300"
