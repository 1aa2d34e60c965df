"""Give blurry, low-resolution images their sharpness back: `enhance` one, `load` an enhancer, `score` a result."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

from sharpcli.errors import SharpError
from sharpcli.version import __version__

if TYPE_CHECKING:
    from sharpcli.api import Sharpener, enhance, load, score

__all__ = ["SharpError", "Sharpener", "__version__", "enhance", "load", "score"]

# OpenVINO reports its import through this package. Python raises ImportError for a module that is None, and OpenVINO
# then takes a stub of its own that does nothing. Here, so that it holds for plugins that import OpenVINO themselves.
cast("dict[str, Any]", sys.modules).setdefault("openvino_telemetry", None)


def __getattr__(name: str) -> Any:
    # Imported when it is asked for, so that the command line answers questions without NumPy.
    if name in __all__:
        from sharpcli import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
