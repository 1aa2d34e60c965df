"""Where a plugin came from: what a message blames."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """Where a plugin came from; without a distribution where none is known to have installed it.

    `file` is the path of a plugin that is a loose file.
    """

    module: str
    distribution: str | None = None
    version: str | None = None
    file: str | None = None

    def __str__(self) -> str:
        return f"{self.distribution} {self.version} ({self.module})" if self.distribution else self.module
