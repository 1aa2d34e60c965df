"""Refuses and writes down what a process does beyond itself: Python imports this first where the folder is on its path.

What it allows: connections on this machine, this Python as another process, the programs in ALONE_MAY_RUN, and files
below the folders in ALONE_MAY_WRITE. It sees
what goes through Python; what compiled code does is left to a run in a network namespace without a route.
"""

import os
import sys
from pathlib import Path

RECORD = os.environ["ALONE_RECORD"]
MAY_WRITE = [RECORD, *os.environ["ALONE_MAY_WRITE"].split(os.pathsep), "/dev/null", "/dev/shm", "/proc"]
MAY_RUN = os.environ["ALONE_MAY_RUN"].split()
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
PYTHON = os.path.realpath(sys.executable)


def note(text):
    """Add a line to the record at once, for a process may end without a word."""
    file = os.open(RECORD, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{text!r}\n".encode())
    os.close(file)


def is_here(host):
    """Whether a name or address is this machine's own, without asking anybody."""
    host = host.decode() if isinstance(host, bytes) else host
    return host is None or host in ("localhost", "::1") or host.startswith("127.")


def may_write(path):
    if isinstance(path, int):  # open already
        return True
    return any(Path(os.fsdecode(path)).resolve().is_relative_to(folder) for folder in MAY_WRITE)


def may_run(program, *_):
    program = os.fsdecode(program)
    return os.path.realpath(program) == PYTHON or Path(program).name in MAY_RUN


def to_address(_, address):
    return isinstance(address, tuple) and is_here(address[0])


def to_host(host, *_):
    return is_here(host)


def never(*_):
    return False


ALLOWED = {
    "socket.bind": to_address,
    "socket.connect": to_address,
    "socket.sendto": to_address,
    "socket.sendmsg": lambda _, address: address is None or to_address(_, address),
    "socket.getaddrinfo": to_host,
    "socket.gethostbyname": to_host,
    "socket.gethostbyaddr": to_host,
    "socket.getnameinfo": lambda address: is_here(address[0]),
    "os.exec": never,
    "os.fork": never,
    "os.forkpty": never,
    "os.posix_spawn": never,
    "os.system": never,
    "subprocess.Popen": may_run,
    "webbrowser.open": never,
    "open": lambda path, _, flags: not flags & WRITING or may_write(path),
    "os.mkdir": lambda path, *_: may_write(path),
    "os.rename": lambda _, path, *__: may_write(path),
    "sqlite3.connect": may_write,
}


def hook(event, arguments):
    allowed = ALLOWED.get(event)
    if allowed and not allowed(*arguments):
        note((event, *map(str, arguments)))
        raise PermissionError(f"refused by a test: {event}")


note(("started", *map(str, sys.orig_argv)))
sys.addaudithook(hook)
