"""OpenVINO without its converter of models: the only file that imports it, and everybody else takes it from here.

The converter is what reports when it is imported (`sharpcli/__init__.py` sees to it that it cannot), nothing here needs
it, and its import would take longer than the engine's.
"""

from __future__ import annotations

import sys
from typing import Any, cast

_modules = cast("dict[str, Any]", sys.modules)
_CONVERTER = "openvino.tools.ovc"
_left_out = _CONVERTER not in _modules
if _left_out:
    _modules[_CONVERTER] = None
try:
    import openvino
    from openvino import opset13 as ops
    from openvino.frontend import FrontEndManager
finally:
    if _left_out:
        del _modules[_CONVERTER]


def _convert_model(*args: Any, **kwargs: Any) -> Any:
    """OpenVINO's own function, imported when a program that uses sharpcli calls it."""
    from openvino.tools import ovc

    return ovc.convert_model(*args, **kwargs)


if not hasattr(openvino, "convert_model"):
    openvino.convert_model = _convert_model

__all__ = ["FrontEndManager", "openvino", "ops"]
