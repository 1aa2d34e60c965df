"""Who has logged in, and how often somebody may guess a password."""

from __future__ import annotations

import base64
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Scope

from sharpcli.web.gate.log import tell
from sharpcli.web.gate.refused import PROGRAMS, RequestRefused
from sharpcli.web.visitors.addresses import address_of

REMEMBERED = 10_000
"""Addresses, and users, whose wrong passwords are remembered; then the one that was wrong least recently goes."""
FORGOTTEN = 3600.0
"""Seconds without a wrong password after which those before no longer count."""
OF_ADDRESS, OF_USER = (5, 900.0), (100, 30.0)
"""Wrong passwords in a row that cost no wait, and the longest wait in seconds: of an address, of a user wherever."""


class Brake:
    """Slows down guessing: after some wrong passwords in a row each further one doubles the wait.

    A user's own limit stops guesses that come from many addresses; those that logged in before are exempt from it.
    Call `check`, then at once `failed` or `passed`: with no await in between, no two guesses can share a check.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._addresses = _Wrong(*OF_ADDRESS)
        self._users = _Wrong(*OF_USER)
        self._known: OrderedDict[str, None] = OrderedDict()

    def check(self, address: str, user: str) -> None:
        """Raise RequestRefused (429) while an address, or anybody with this user name, has to wait."""
        now = self._clock()
        wait = self._addresses.wait(address, now)
        if address not in self._known:
            wait = max(wait, self._users.wait(user[:100], now))
        if wait > 0:
            seconds = int(wait) + 1
            raise RequestRefused(
                429, f"Too many wrong passwords; try again in {seconds} seconds.", {"retry-after": str(seconds)}
            )

    def failed(self, address: str, user: str) -> None:
        """Count a wrong password, and print who gave it."""
        now = self._clock()
        count = self._addresses.add(address, now)
        self._users.add(user[:100], now)
        tell(("password", address), f"warning: wrong password for {user[:100]!r} from {address}, {count} in a row")

    def passed(self, address: str, user: str) -> None:
        """Forget the wrong passwords of an address that then had the right one."""
        self._addresses.forget(address)
        self._known[address] = None
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


class Login:
    """The one user name and password of the page, if it has one."""

    def __init__(self, auth: tuple[str, str] | None, brake: Brake | None = None) -> None:
        self._auth = auth
        self._brake = brake or Brake()

    @property
    def needed(self) -> bool:
        """Whether anybody has to log in."""
        return self._auth is not None

    def check(self, address: str, user: str, password: str) -> bool:
        """Whether user and password are right; raises RequestRefused (429) after too many wrong ones."""
        self._brake.check(address, user)
        name, secret = self._auth or ("", "")
        right = [
            secrets.compare_digest(given.encode("utf-8", "replace"), known.encode())
            for given, known in ((user, name), (password, secret))
        ]
        if all(right) and self.needed:
            self._brake.passed(address, user)
            return True
        self._brake.failed(address, user)
        return False

    def require(self, scope: Scope, path: str) -> None:
        """Raise RequestRefused (401, or 429) unless the request comes from somebody who has logged in."""
        if not self.needed or user_of(scope) is not None:
            return
        basic = PROGRAMS.fullmatch(path) is not None  # which log in with each request (RFC 7617)
        given = _basic(Headers(scope=scope).get("authorization", "")) if basic else None
        if given is not None and self.check(address_of(scope), *given):
            return
        if basic:
            challenge = {"www-authenticate": 'Basic realm="sharpcli", charset="UTF-8"'}
            raise RequestRefused(401, "User name and password are missing or wrong.", challenge)
        raise RequestRefused(401, "This page needs a login; log in first.")


def user_of(scope: Scope) -> str | None:
    """Who the cookie of a request belongs to, by the tokens that Gradio has given out."""
    app: Any = scope.get("app")
    tokens, name = getattr(app, "tokens", {}), getattr(app, "cookie_id", "")
    try:
        cookies = SimpleCookie(Headers(scope=scope).get("cookie", ""))
    except CookieError:
        return None
    found = (cookies.get(f"access-token-{kind}{name}") for kind in ("", "unsecure-"))
    return next((tokens[one.value] for one in found if one and one.value in tokens), None)


def _basic(header: str) -> tuple[str, str] | None:
    kind, _, coded = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(coded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    return (user, password) if colon else None


class _Wrong:
    """Wrong passwords in a row by address or by user, and until when the next is not looked at."""

    def __init__(self, free: int, longest: float) -> None:
        self._free = free
        self._longest = longest
        self._found: OrderedDict[str, tuple[int, float, float]] = OrderedDict()

    def add(self, key: str, now: float) -> int:
        count, last, _ = self._found.pop(key, (0, now, now))
        count = count + 1 if now - last < FORGOTTEN else 1
        over = count - self._free
        wait = min(2.0 ** min(over, 20), self._longest) if over >= 0 else 0.0
        self._found[key] = (count, now, now + wait)
        if len(self._found) > REMEMBERED:
            self._found.popitem(last=False)
        return count

    def wait(self, key: str, now: float) -> float:
        return self._found.get(key, (0, 0.0, now))[2] - now

    def forget(self, key: str) -> None:
        self._found.pop(key, None)
