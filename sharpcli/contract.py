"""Runs an enhancer and holds it to its contract, so that a failure names the package to blame."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.enhancer import Enhancer
from sharpcli.errors import SharpError
from sharpcli.pictures import untouchable
from sharpcli.plugin_blame import blamed, called


def prepare(enhancer: Enhancer, pixels: NDArray[Any]) -> Enhancer:
    """What an enhancer wants run on a picture; raises SharpError, naming it, when it fails or breaks its contract."""
    with _named(enhancer):
        result = enhancer.prepared(untouchable(pixels))
    if not isinstance(result, Enhancer):
        raise _broken(enhancer, f"prepared {type(result).__name__} where an enhancer was due")
    return result


def call(enhancer: Enhancer, pixels: NDArray[Any]) -> NDArray[Any]:
    """Run an enhancer on pixels that it cannot change; raises SharpError, naming it, when it fails or breaks its
    contract.
    """
    with _named(enhancer):
        result = enhancer.enhance(untouchable(pixels))
    if not isinstance(result, np.ndarray) or result.shape != pixels.shape or result.dtype != pixels.dtype:
        got = f"{result.dtype} {result.shape}" if isinstance(result, np.ndarray) else type(result).__name__
        raise _broken(enhancer, f"returned {got} where {pixels.dtype} {pixels.shape} was due")
    if result.dtype.kind == "f" and not np.isfinite(result).all():
        raise _broken(enhancer, "returned values that are not finite (NaN or infinite)")
    return result


def _broken(enhancer: Enhancer, what: str) -> SharpError:
    return SharpError(f"{_called(enhancer)} {what}{_advice(enhancer)}")


def _advice(enhancer: Enhancer) -> str:
    return f"; its author can see more with: sharpcli check {enhancer.name}"


def _called(enhancer: Enhancer) -> str:
    return called("enhancer", enhancer.name, enhancer.origin)


def _named(enhancer: Enhancer) -> AbstractContextManager[None]:
    """Turn whatever an enhancer raises into one line that names it."""
    return blamed(_called(enhancer), f", where it has to return new ones{_advice(enhancer)}")
