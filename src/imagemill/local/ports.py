"""Ports of loopback."""

import random
import socket
from contextlib import suppress


def unused_port() -> int:
    """Return an unused port of loopback below the range of ephemeral ports.

    The system assigns ephemeral ports to outgoing connections (Linux from 32768 on, others from
    49152): one of those may be taken before the stack listens on it, or while the stack restarts.
    """
    while True:
        port = random.randrange(10_000, 32_000)  # noqa: S311  # not a secret
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
