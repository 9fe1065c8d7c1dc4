"""A failure that a restart cannot mend."""


class Failure(Exception):
    """Ends the program; the launcher shows the message and does not try again.

    kind is one of database, driver, schema, migration: what the launcher's user has to look at.
    """

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind
