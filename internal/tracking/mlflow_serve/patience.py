"""A limit for questions that may never be answered.

No driver has one of its own: a connection that was lost behind a proxy or a firewall stays open,
and the limits of a database's server hold only as long as it hears of them."""

import threading


class Silent(Exception):
    """There was no answer in time."""


def within(seconds, question):
    """Returns what question returns, or raises what it raises. One that is not answered in time is
    left to itself: its thread ends with this process."""
    outcome = []

    def ask():
        try:
            outcome.append((question(), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=ask, name="question", daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise Silent
    answer, error = outcome[0]
    if error is not None:
        raise error
    return answer
