"""Says in one line what is wrong with a plugin, and what to do about it."""

from __future__ import annotations

from sharpcli.origin import Origin
from sharpcli.plugin_sources import DISABLED


def reason(error: BaseException) -> str:
    """The kind of an error and its text, on one line."""
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def missing(error: BaseException) -> str:
    """The top-level module that an import did not find, or nothing."""
    return (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""


def installing(module: str) -> str:
    """What to do about a missing module."""
    return f"install the package that has {module} (most often: pip install {module})"


def remedy(origin: Origin, name: str, error: BaseException) -> str:
    """What a user can do about a plugin of this name that cannot be loaded."""
    module = missing(error)
    if module and module == origin.module.partition(".")[0]:
        return f"install {origin.distribution or 'its package'} again"
    mend = (
        f"mend {origin.file}" if origin.file else f"install another version of {origin.distribution or origin.module}"
    )
    return f"{installing(module) if module else mend}, or leave it out with {DISABLED}={name}"
