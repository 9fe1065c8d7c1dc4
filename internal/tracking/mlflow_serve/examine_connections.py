"""How many more connections a database would give to this user, by the tightest of its limits."""

import sqlalchemy

from mlflow_serve import drivers

FEW = 5

# Who may not see other users' sessions sees that they are there, in which database and whose, but
# not of what kind. Workers that belong to none (autovacuum and the like) have no user.
POSTGRES = """
SELECT r.rolname, r.rolsuper, r.rolconnlimit, d.datname, d.datconnlimit,
  current_setting('max_connections')::int AS most,
  current_setting('superuser_reserved_connections')::int AS for_superusers,
  coalesce(current_setting('reserved_connections', true), '0')::int AS for_some,
  EXISTS (SELECT FROM pg_roles s WHERE s.rolname = 'pg_use_reserved_connections'
    AND pg_has_role(s.oid, 'USAGE')) AS is_one,
  (SELECT count(*) FROM sessions) AS used,
  (SELECT count(*) FROM sessions WHERE usesysid = r.oid) AS used_by_role,
  (SELECT count(*) FROM sessions WHERE datid = d.oid) AS used_in_database
FROM pg_roles r, pg_database d
WHERE r.rolname = session_user AND d.datname = current_database()
"""
SESSIONS = """
WITH sessions AS (SELECT usesysid, datid FROM pg_stat_activity
  WHERE (backend_type = 'client backend'
    OR backend_type IS NULL AND datid IS NOT NULL AND usesysid IS NOT NULL)
  AND application_name IS DISTINCT FROM :me)
"""  # without this process's own: one that was just closed may still be there


def postgres(connection, tell):
    row = connection.execute(sqlalchemy.text(SESSIONS + POSTGRES), {"me": drivers.whoami()}).one()
    most = row.most
    if not row.rolsuper:
        most -= row.for_superusers + (0 if row.is_one else row.for_some)
    limits = [("max_connections", row.used, most)]
    if row.rolconnlimit >= 0 and not row.rolsuper:  # superusers are exempt from the others
        limits.append((f"the role {row.rolname}'s limit", row.used_by_role, row.rolconnlimit))
    if row.datconnlimit >= 0 and not row.rolsuper:
        database = f"the database {row.datname}'s limit"
        limits.append((database, row.used_in_database, row.datconnlimit))
    _tell(limits, tell)


def mysql(connection, tell):
    def ask(statement, **values):
        return connection.execute(sqlalchemy.text(statement), values).first()

    limits = [
        (
            "max_connections",
            int(ask("SHOW STATUS LIKE 'Threads_connected'")[1]),
            ask("SELECT @@global.max_connections")[0],
        )
    ]
    # The session's value is the account's own limit, or else the one for every account; 0 is none.
    mine = ask("SELECT @@session.max_user_connections")[0]
    if mine > 0:
        user = ask("SELECT user()")[0].rpartition("@")[0]  # names may hold an @ themselves
        statement = "SELECT count(*) FROM information_schema.processlist WHERE user = :user"
        limits.append(("max_user_connections", ask(statement, user=user)[0], mine))
    _tell(limits, tell)


def _tell(limits, tell):
    name, used, most = min(limits, key=lambda limit: limit[2] - limit[1])
    free = max(most - used, 0)
    text = f"{free} of {most} are free ({name})"
    if free < FEW:
        fix = (
            "end what holds them, raise the limit or take a larger plan,"
            " or lower MLFLOW_DB_MAX_CONNECTIONS"
        )
        tell("warn", text, fix)
    else:
        tell("ok", text)
