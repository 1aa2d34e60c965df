"""Whether the page can listen where it is asked to, and in our own words why not."""

from __future__ import annotations

import errno
import os
import socket

from sharpcli.errors import SharpError


def check_listening(host: str, port: int | None) -> None:
    """Raise SharpError unless `port`, or without one any, can be listened to on `host`."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port or 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise SharpError(f"cannot listen on {host}: no such address; use 127.0.0.1, or 0.0.0.0 for all") from error
    family, kind, number, _, address = found[0]
    try:
        with socket.socket(family, kind, number) as probe:
            if os.name != "nt":  # where it would take the port from whoever has it
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        raise SharpError(_why(host, port, error)) from error


def _why(host: str, port: int | None, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use by another program; choose another --port, or none for the first free one"
    if error.errno == errno.EACCES:
        return f"port {port} is only for the system's administrator; choose a --port of 1024 or above"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"cannot listen on {host}: it is not an address of this machine; use 127.0.0.1, or 0.0.0.0 for all"
    return f"cannot listen on {host} ({error.strerror}); choose another --host or --port"
