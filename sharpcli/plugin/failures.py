"""Says in one line what is wrong with a plugin, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sharpcli.errors import SharpError
from sharpcli.plugin.running import is_ctrl_c, plugin_code
from sharpcli.plugin.sources import DISABLED, Origin


class PluginError(SharpError):
    """A plugin failed or broke its contract; `what` says how, without its name."""

    def __init__(self, message: str, what: str = "") -> None:
        super().__init__(message)
        self.what = what


def reason(error: BaseException) -> str:
    """The kind of an error and its text, on one line."""
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def called(kind: str, name: str, origin: Origin | None) -> str:
    """What a message calls an enhancer or a metric: by its name and where it came from."""
    return f"{kind} {name} of {origin}" if origin else f"{kind} {name}"


@contextmanager
def blamed(who: str, advice: str = "") -> Iterator[None]:
    """Turn whatever a plugin raises into a PluginError; `advice` follows where it changes what it is given."""
    try:
        with plugin_code(f"running {who}"):
            yield
    except SharpError:
        raise
    except BaseException as error:  # a plugin must not end the program, a page least of all
        if is_ctrl_c(error):
            raise
        if isinstance(error, ValueError) and "read-only" in str(error):
            what = "modifies its input"
            raise PluginError(f"{who} {what}{advice}", what) from error
        module = missing(error)
        what = f"failed: {reason(error)}{f'; {installing(module)}' if module else ''}"
        raise PluginError(f"{who} {what}", what) from error


def missing(error: BaseException) -> str:
    """The top-level module that an import did not find, or nothing."""
    return (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""


def installing(module: str) -> str:
    """What to do about a missing module."""
    return f"install the package that provides {module} (usually: pip install {module})"


def remedy(origin: Origin, name: str, error: BaseException) -> str:
    """What a user can do about a plugin of this name that cannot be loaded."""
    module = missing(error)
    if module and module == origin.module.partition(".")[0]:
        return f"install {origin.distribution or 'its package'} again"
    mend = (
        f"mend {origin.file}" if origin.file else f"install another version of {origin.distribution or origin.module}"
    )
    return f"{installing(module) if module else mend}, or disable it with {DISABLED}={name}"
