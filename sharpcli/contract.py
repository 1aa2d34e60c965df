"""Runs an enhancer and holds it to its contract, so that a failure names the package to blame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.enhancer import Enhancer
from sharpcli.errors import SharpError
from sharpcli.plugin_blame import installing, missing, reason


class EnhancerError(SharpError):
    """An enhancer failed or broke its contract; `what` says how, without its name."""

    def __init__(self, message: str, what: str = "") -> None:
        super().__init__(message)
        self.what = what


def prepare(enhancer: Enhancer, pixels: NDArray[Any]) -> Enhancer:
    """What an enhancer wants run on a picture; raises EnhancerError when it fails or breaks its contract."""
    return _instead(enhancer, "prepared", lambda: enhancer.prepared(_untouchable(pixels)))


def settled(enhancer: Enhancer) -> Enhancer:
    """An enhancer with every choice made that depends on this machine; raises EnhancerError."""
    return _instead(enhancer, "settled", enhancer.settled)


def shared(enhancer: Enhancer, calls: int) -> Enhancer:
    """An enhancer for so many calls at a time; raises EnhancerError."""
    return _instead(enhancer, "shared", lambda: enhancer.shared(calls))


def used(enhancer: Enhancer) -> tuple[Path, ...]:
    """The weights files that an enhancer may load; raises EnhancerError, and SharpError where it lacks one."""
    with _named(enhancer):
        return tuple(map(Path, enhancer.used()))


def _instead(enhancer: Enhancer, method: str, ask: Callable[[], object]) -> Enhancer:
    """The enhancer that a method of another returns."""
    with _named(enhancer):
        result = ask()
    if not isinstance(result, Enhancer):
        raise _broken(enhancer, f"{method}() returned {type(result).__name__} where an enhancer was due")
    return result


def call(enhancer: Enhancer, pixels: NDArray[Any]) -> NDArray[Any]:
    """Run an enhancer on pixels that it cannot change; raises EnhancerError when it fails or breaks its contract."""
    result = attempt(enhancer, _untouchable(pixels))
    if not isinstance(result, np.ndarray) or result.shape != pixels.shape or result.dtype != pixels.dtype:
        got = f"{result.dtype} {result.shape}" if isinstance(result, np.ndarray) else type(result).__name__
        raise _broken(enhancer, f"returned {got} where {pixels.dtype} {pixels.shape} was due")
    if result.dtype.kind == "f" and not np.isfinite(result).all():
        raise _broken(enhancer, "returned values that are not finite (NaN or infinite)")
    return result


def attempt(enhancer: Enhancer, pixels: NDArray[Any]) -> Any:
    """What an enhancer returns for these pixels, whatever it is; raises EnhancerError when it fails."""
    with _named(enhancer):
        return enhancer.enhance(pixels)


def _untouchable(pixels: NDArray[Any]) -> NDArray[Any]:
    """The same pixels, which NumPy lets nobody write to: they are also what the result is blended with."""
    view = pixels.view()
    view.flags.writeable = False
    return view


def _broken(enhancer: Enhancer, what: str) -> EnhancerError:
    more = f"its author can see more with: sharpcli check {enhancer.name}"
    return EnhancerError(f"{_called(enhancer)} {what}; {more}", what)


def _called(enhancer: Enhancer) -> str:
    return f"enhancer {enhancer.name} of {enhancer.origin}" if enhancer.origin else f"enhancer {enhancer.name}"


@contextmanager
def _named(enhancer: Enhancer) -> Iterator[None]:
    """Turn whatever an enhancer raises into one line that names it."""
    try:
        yield
    except SharpError:
        raise
    except (Exception, SystemExit) as error:  # a plugin must not end the program, a page least of all
        if isinstance(error, ValueError) and "read-only" in str(error):
            raise _broken(enhancer, "changes the pixels it is given, where it has to return new ones") from error
        module = missing(error)
        remedy = f"; {installing(module)}" if module else ""
        what = f"failed: {reason(error)}{remedy}"
        raise EnhancerError(f"{_called(enhancer)} {what}", what) from error
