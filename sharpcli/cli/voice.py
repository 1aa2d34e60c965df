"""Says what there is to say for as long as somebody can hear it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress

import click


class Voice:
    """A pipe that was closed or a disk that is full silences it, and ends no batch."""

    def __init__(self) -> None:
        self.trouble: OSError | None = None

    def __call__(self, say: Callable[[], None]) -> None:
        """Call `say`, unless an earlier call was not heard."""
        if self.trouble is None:
            try:
                say()
            except OSError as error:
                self.trouble = error

    def confess(self) -> None:
        """Tell on stderr what was not heard, if that is, and keep Python from trying again at its end."""
        with suppress(OSError):
            click.echo(f"failed: what there was to say could not be written ({self.trouble})", err=True)
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, AttributeError, ValueError):
                stream.flush()
                continue
            with suppress(OSError, AttributeError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
