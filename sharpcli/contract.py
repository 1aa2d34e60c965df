"""Runs an enhancer and holds it to its contract, so that a failure names the package to blame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.enhancer import Enhancer
from sharpcli.errors import SharpError
from sharpcli.plugin_blame import installing, missing, reason


def prepare(enhancer: Enhancer, pixels: NDArray[Any]) -> Enhancer:
    """What an enhancer wants run on a picture; raises SharpError, naming it, when it fails or breaks its contract."""
    with _named(enhancer):
        result = enhancer.prepared(_untouchable(pixels))
    if not isinstance(result, Enhancer):
        raise _broken(enhancer, f"prepared {type(result).__name__} where an enhancer was due")
    return result


def call(enhancer: Enhancer, pixels: NDArray[Any]) -> NDArray[Any]:
    """Run an enhancer on pixels that it cannot change; raises SharpError, naming it, when it fails or breaks its
    contract.
    """
    with _named(enhancer):
        result = enhancer.enhance(_untouchable(pixels))
    if not isinstance(result, np.ndarray) or result.shape != pixels.shape or result.dtype != pixels.dtype:
        got = f"{result.dtype} {result.shape}" if isinstance(result, np.ndarray) else type(result).__name__
        raise _broken(enhancer, f"returned {got} where {pixels.dtype} {pixels.shape} was due")
    if result.dtype.kind == "f" and not np.isfinite(result).all():
        raise _broken(enhancer, "returned values that are not finite (NaN or infinite)")
    return result


def _untouchable(pixels: NDArray[Any]) -> NDArray[Any]:
    """The same pixels, which NumPy lets nobody write to: they are also what the result is blended with."""
    view = pixels.view()
    view.flags.writeable = False
    return view


def _broken(enhancer: Enhancer, what: str) -> SharpError:
    return SharpError(f"{_called(enhancer)} {what}; its author can see more with: sharpcli check {enhancer.name}")


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
        raise SharpError(f"{_called(enhancer)} failed: {reason(error)}{remedy}") from error
