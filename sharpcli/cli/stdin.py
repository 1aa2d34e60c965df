"""Standard input: the first bytes tell whether an image or a clip comes, before anybody reads it."""

from __future__ import annotations

import sys
from typing import Any

from sharpcli.errors import SharpError
from sharpcli.files.feed import Feed

_feeds: list[tuple[Any, Feed]] = []
"""The one of this process, and the file that it reads."""


def standard_input() -> Feed:
    """Standard input, always the same; raises SharpError where it is a terminal or closed."""
    if sys.stdin is None or sys.stdin.isatty():
        raise SharpError("standard input is a terminal; send an image or a clip with < FILE or through a pipe")
    if not _feeds or _feeds[0][0] is not sys.stdin:
        _feeds[:] = [(sys.stdin, Feed(sys.stdin.buffer))]
    return _feeds[0][1]
