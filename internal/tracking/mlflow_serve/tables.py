"""Waits, before a step of an upgrade of MySQL, until nobody uses MLflow's tables.

MySQL commits every change of a table by itself: a step that gives up waiting in its middle stays
half done, and no later upgrade gets on with it. So the wait is bounded before a step, and as long as
it has to be within one.
"""

import sqlalchemy
from sqlalchemy.exc import DBAPIError

LONGEST = 365 * 24 * 3600  # seconds; MySQL's greatest lock_wait_timeout
LOCK_WAIT_TIMEOUT = 1205  # ER_LOCK_WAIT_TIMEOUT


def patience(seconds):
    """Has the statements of a session wait for tables and rows for so long."""
    return (
        f"SET SESSION lock_wait_timeout = {seconds}, SESSION innodb_lock_wait_timeout = {seconds}"
    )


def wait_until_free(connection, names, seconds):
    """Fails with LOCK_WAIT_TIMEOUT when one of the tables is in use for more than seconds.

    Asks by locking: what transactions hold is shown to administrators only. One table at a time, so
    that nobody who uses two of them gets into a deadlock with this.
    """
    # Which revision has been reached, too: alembic leaves that to the next step's first change.
    connection.exec_driver_sql("COMMIT")
    present = sqlalchemy.inspect(connection).get_table_names()
    connection.exec_driver_sql(patience(seconds))
    quote = connection.dialect.identifier_preparer.quote
    for name in sorted(names.intersection(present)):
        try:
            connection.exec_driver_sql(f"LOCK TABLES {quote(name)} WRITE")
        except DBAPIError as error:
            if error.connection_invalidated or error.orig.args[0] == LOCK_WAIT_TIMEOUT:
                raise
            break  # this user may not, or clusters do not know it: the step has to wait
        connection.exec_driver_sql("UNLOCK TABLES")
    connection.exec_driver_sql(patience(LONGEST))
