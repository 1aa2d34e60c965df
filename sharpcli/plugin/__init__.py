"""What a plugin is made of, which its author imports from here, and how installed ones are found.

May import `files`; no NumPy on import, because listing what is installed must answer at once.
"""

from sharpcli.errors import SharpError
from sharpcli.plugin.enhancer import Cost, Enhancer, option
from sharpcli.plugin.hooks import hookimpl
from sharpcli.plugin.metric import LocalMetric, Metric

__all__ = ["Cost", "Enhancer", "LocalMetric", "Metric", "SharpError", "hookimpl", "option"]
