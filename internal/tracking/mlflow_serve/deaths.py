"""Tells when workers die so often that forking them again will not help."""

import collections
import signal
import time

from mlflow_serve import oom

# At its start: so young, so many times in a row.
YOUNG = 1.0  # seconds
IN_A_ROW = 5

# Later on: what a worker dies of itself counts ten times what a SIGKILL does. That comes from the
# launcher or an operator, and a new worker mends what it was for. When it comes from the kernel,
# because memory has run out, a new worker will run out of it as well.
WINDOW = 300.0  # seconds
OWN, KILLED = 10, 1
TOO_MANY = 20 * OWN


class Deaths:
    """The deaths of one server's workers."""

    def __init__(self, workers, oom_kills=oom.kills):
        self.young = [0] * workers  # in a row
        self.recent = collections.deque()  # (when, weight), the oldest first
        self.oom_kills = oom_kills
        self.starved = oom_kills()

    def cause(self, status):
        """What a worker died of that has ended with this status (as subprocess has it), in words
        and as a weight."""
        if status >= 0:
            return f"exit code {status}", OWN
        if status != -signal.SIGKILL:
            return f"signal {-status}", OWN
        if self.oom_kills() > self.starved:
            self.starved += 1  # the next one, if it has killed several at once
            return "the kernel killed it: memory ran out", OWN
        return "signal 9", KILLED

    def add(self, index, age, weight):
        """Counts a worker that has died at this age in seconds; returns why there must be no other
        one, or None."""
        self.young[index] = self.young[index] + 1 if age < YOUNG else 0
        if self.young[index] >= IN_A_ROW:
            return f"worker {index} died {IN_A_ROW} times at its start"
        now = time.monotonic()
        self.recent.append((now, weight))
        while self.recent[0][0] < now - WINDOW:
            self.recent.popleft()
        if sum(weight for _, weight in self.recent) >= TOO_MANY:
            return f"workers died {len(self.recent)} times in {WINDOW / 60:.0f} minutes"
        return None
