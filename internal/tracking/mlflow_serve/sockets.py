"""The listening sockets."""

import os
import socket

BACKLOG = 1024


def listen(directory, count):
    """Makes one unix socket per worker, of mode 0600, in a directory that is private already.

    One each, not one for all: the gate can then choose the least busy worker and tell which one
    hangs, and keep-alive connections do not gather at one of them. They belong to the parent, so
    that a connection waits for the replacement when a worker dies.
    """
    listening = []
    before = os.umask(0o177)
    try:
        for index in range(count):
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.bind(os.path.join(directory, f"w{index}.sock"))
            sock.listen(BACKLOG)
            listening.append(sock)
    finally:
        os.umask(before)
    return listening
