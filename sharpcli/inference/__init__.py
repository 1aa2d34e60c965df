"""Networks: the only room that knows the inference engine, and the enhancers that are made of an ONNX file.

May import `plugin`, `image`, `measure` and what is below; independent of `pipeline`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sharpcli.inference.conditioned import ConditionedEnhancer
from sharpcli.inference.enhancers import NetworkEnhancer, OnnxEnhancer

if TYPE_CHECKING:
    from sharpcli.inference.native_scale import at_native_scale, receptive_radius_at_native_scale

__all__ = [
    "ConditionedEnhancer",
    "NetworkEnhancer",
    "OnnxEnhancer",
    "at_native_scale",
    "receptive_radius_at_native_scale",
]


def __getattr__(name: str) -> Any:
    # Imported when it is asked for: enhancers are listed without NumPy.
    if name in __all__:
        from sharpcli.inference import native_scale

        return getattr(native_scale, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
