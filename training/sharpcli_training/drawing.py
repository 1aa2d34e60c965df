"""matplotlib's pyplot, without a window and without files below HOME.

It and fontconfig, which it asks for fonts, would keep lists of fonts there; made anew they take a fraction of a second.
"""

from __future__ import annotations

import os
import tempfile

_KEPT = ("MPLCONFIGDIR", "XDG_CACHE_HOME")
_before = {name: os.environ[name] for name in _KEPT if name in os.environ}
with tempfile.TemporaryDirectory(prefix="sharpcli-") as _folder:
    os.environ.update(dict.fromkeys(_KEPT, _folder))
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot as plt
    finally:
        for _name in _KEPT:
            del os.environ[_name]
        os.environ.update(_before)

__all__ = ["plt"]
