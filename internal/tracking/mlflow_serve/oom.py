"""Tells whether the kernel has killed processes of this container because its memory ran out."""

import os


def kills(root="/"):
    """How many so far, in this process's memory control group; 0 where nobody counts them.

    Both versions count in a line "oom_kill N".
    Sources: https://docs.kernel.org/admin-guide/cgroup-v2.html (memory.events),
    https://docs.kernel.org/admin-guide/cgroup-v1/memory.html (memory.oom_control)."""
    for path in _counters(root):
        for line in _lines(path):
            name, _, count = line.partition(" ")
            if name == "oom_kill" and count.isdigit():
                return int(count)
    return 0


def _counters(root):
    """The files to look into, the best first: in a container the group's own path may be one of
    the host's, and what can be read of it lies at the top."""
    at = lambda *parts: os.path.join(root, "sys/fs/cgroup", *parts)
    for line in _lines(os.path.join(root, "proc/self/cgroup")):
        _, controllers, group = (*line.split(":", 2), "", "")[:3]
        group = group.strip("/")
        if "memory" in controllers.split(","):
            yield at("memory", group, "memory.oom_control")
            yield at("memory", "memory.oom_control")
        elif not controllers:
            yield at(group, "memory.events")
            yield at("memory.events")


def _lines(path):
    try:
        with open(path) as file:
            return file.read().splitlines()
    except OSError:
        return []
