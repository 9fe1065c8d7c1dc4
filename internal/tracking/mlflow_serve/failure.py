"""The ways in which this program ends before it is asked to."""


WORKERS_DIE = 3  # the exit code when workers died too often; the launcher knows it (run.go)


class Failure(Exception):
    """Ends the program; the launcher shows the message and does not try again.

    kind is one of database, driver, schema, migration: what the launcher's user has to look at.
    """

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class Ended(Exception):
    """Ends the program with an exit code; why has been told already."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code
