"""Where to listen, in our own words why that cannot be, and until when."""

from __future__ import annotations

import errno
import os
import signal
import socket
import threading

from sharpcli.errors import SharpError

PORTS = range(7860, 7960)
"""Of which the first free one is taken where none is asked for, as Gradio does."""


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


def free_port(host: str) -> int:
    """The first free port; raises SharpError."""
    check_listening(host, None)
    for port in PORTS:
        try:
            check_listening(host, port)
        except SharpError:
            continue
        return port
    raise SharpError(f"no port from {PORTS[0]} on is free on {host}; choose one with --port")


def until_ended() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    while not over.wait(1):  # in steps, for Windows hears no Ctrl-C meanwhile
        continue


def _why(host: str, port: int | None, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use by another program; choose another --port, or none for the first free one"
    if error.errno == errno.EACCES:
        return f"port {port} is only for the system's administrator; choose a --port of 1024 or above"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"cannot listen on {host}: it is not an address of this machine; use 127.0.0.1, or 0.0.0.0 for all"
    return f"cannot listen on {host} ({error.strerror}); choose another --host or --port"
