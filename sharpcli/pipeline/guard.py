"""Runs an enhancer and holds it to its contract, so that a failure names the package to blame."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.image.image import read_only
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.plugin.failures import PluginError, blamed, called


def for_image(enhancer: Enhancer, pixels: NDArray[Any]) -> Enhancer:
    """What an enhancer wants run on an image; raises PluginError when it fails or breaks its contract."""
    return _instead(enhancer, "for_image", lambda: enhancer.for_image(read_only(pixels)))


def for_frames(enhancer: Enhancer, pixels: NDArray[Any]) -> Enhancer:
    """What an enhancer wants run on all frames of a clip like this one; raises PluginError as `for_image` does."""
    return _instead(enhancer, "for_frames", lambda: enhancer.for_frames(read_only(pixels)))


def for_stream(enhancer: Enhancer, bits_per_pixel: float) -> Enhancer:
    """What an enhancer wants asked for a clip with so many bits a pixel; raises PluginError as `for_image` does."""
    return _instead(enhancer, "for_stream", lambda: enhancer.for_stream(bits_per_pixel))


def finding(enhancer: Enhancer) -> str:
    """What an enhancer that `for_image` returned says of the image; raises PluginError when it says no text."""
    with _named(enhancer):
        said = enhancer.finding()
    if not isinstance(said, str):
        raise _broken(enhancer, f"finding() returned {type(said).__name__} instead of a text")
    return said


def for_this_machine(enhancer: Enhancer) -> Enhancer:
    """An enhancer with every choice made that depends on this machine; raises PluginError."""
    return _instead(enhancer, "for_this_machine", enhancer.for_this_machine)


def with_threads(enhancer: Enhancer, threads: int) -> Enhancer:
    """An enhancer that so many threads call at a time; raises PluginError."""
    return _instead(enhancer, "with_threads", lambda: enhancer.with_threads(threads))


def weight_files(enhancer: Enhancer) -> tuple[Path, ...]:
    """The weights files that an enhancer may load; raises PluginError, and SharpError where it lacks one."""
    with _named(enhancer):
        return tuple(map(Path, enhancer.weight_files()))


def _instead(enhancer: Enhancer, method: str, ask: Callable[[], object]) -> Enhancer:
    """The enhancer that a method of another returns."""
    with _named(enhancer):
        result = ask()
    if not isinstance(result, Enhancer):
        raise _broken(enhancer, f"{method}() returned {type(result).__name__} instead of an enhancer")
    return result


def call(enhancer: Enhancer, pixels: NDArray[Any]) -> NDArray[Any]:
    """Run an enhancer on pixels that it cannot change; raises PluginError when it fails or breaks its contract."""
    result = attempt(enhancer, read_only(pixels))
    if not isinstance(result, np.ndarray) or result.shape != pixels.shape or result.dtype != pixels.dtype:
        got = f"{result.dtype} {result.shape}" if isinstance(result, np.ndarray) else type(result).__name__
        raise _broken(enhancer, f"returned {got} instead of {pixels.dtype} {pixels.shape}")
    if result.dtype.kind == "f" and not np.isfinite(result).all():
        raise _broken(enhancer, "returned values that are not finite (NaN or infinite)")
    return result


def attempt(enhancer: Enhancer, pixels: NDArray[Any]) -> Any:
    """What an enhancer returns for these pixels, whatever it is; raises PluginError when it fails."""
    with _named(enhancer):
        return enhancer.enhance(pixels)


def _broken(enhancer: Enhancer, what: str) -> PluginError:
    return PluginError(f"{_called(enhancer)} {what}{_advice(enhancer)}", what)


def _advice(enhancer: Enhancer) -> str:
    return f"; its author can find out more with: sharpcli check {enhancer.name}"


def _called(enhancer: Enhancer) -> str:
    return called("enhancer", enhancer.name, enhancer.origin)


def _named(enhancer: Enhancer) -> AbstractContextManager[None]:
    """Turn whatever an enhancer raises into one line that names it."""
    return blamed(_called(enhancer), _advice(enhancer))
