"""How many requests of one client are answered at a time; also behind a proxy, where all share its connections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sharpcli.web.gate.refused import RequestRefused
from sharpcli.web.visitors.addresses import is_loopback

MOST = 100
"""Of which each open page needs up to five."""


class Crowd:
    """Counts the requests that are being answered, by address; those of this machine, or of its proxy, all may come."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._found: Counter[str] = Counter()

    @contextmanager
    def one_more(self, address: str) -> Iterator[None]:
        """Count a request while it is answered; raises RequestRefused (429)."""
        if self._found[address] >= self._most and not is_loopback(address):
            raise RequestRefused(429, "Too many requests at once from your address; try again later.")
        self._found[address] += 1
        try:
            yield
        finally:
            self._found[address] -= 1
            if not self._found[address]:
                del self._found[address]
