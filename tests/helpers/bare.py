"""A machine as one rents it: torch, what writes ONNX, and what the command line needs; nothing else is importable.

`block()` is for a process of its own. As a pytest plugin (`-p tests.helpers.bare`) it refuses what the project's own
modules import, so that tests may still use their tools and photographs.
"""

import builtins
import re
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires

THERE = ("torch", "numpy", "pillow", "onnx", "onnxscript", "click", "pluggy", "rich")
"""Distributions that docs/training-gpu.md asks for; what they require comes with them."""
OURS = ("sharpcli", "sharpcli_training", "sharpcli_student", "sharpcli_teacher", "sharpcli_bicubic")


@cache
def present():
    """Names of the distributions that such a machine has."""
    found, left = set(), list(THERE)
    while left:
        name = _plain(left.pop())
        if name in found:
            continue
        found.add(name)
        try:
            wanted = requires(name) or []
        except PackageNotFoundError:
            continue
        left += [re.match(r"[\w.-]+", line)[0] for line in wanted if "extra ==" not in line]
    return found


@cache
def missing(module):
    """Whether a module belongs to a distribution that such a machine lacks."""
    owners = {_plain(name) for name in _distributions().get(module.partition(".")[0], ())} - {"sharpcli"}
    return bool(owners) and not owners & present()


def block():
    """From now on every module that such a machine lacks cannot be found."""
    present(), _distributions()  # which import modules of the standard library
    sys.meta_path[:] = map(_Without, sys.meta_path)


def pytest_configure():
    """Refuse what the project's modules import, whether or not a test has imported it before."""
    usual = builtins.__import__

    def guarded(name, globals=None, locals=None, fromlist=(), level=0):
        importer = str((globals or {}).get("__name__", "")).partition(".")[0]
        # pytest itself puts imports of its own into the modules of a plugin.
        ours = level == 0 and importer in OURS and not name.startswith("_pytest")
        if ours and missing(name):
            raise ModuleNotFoundError(f"a rented machine has no {name}", name=name)
        return usual(name, globals, locals, fromlist, level)

    builtins.__import__ = guarded


class _Without:
    """A finder that does not find what is missing."""

    def __init__(self, finder):
        self._finder = finder

    def __getattr__(self, name):
        return getattr(self._finder, name)

    def find_spec(self, name, path=None, target=None):
        return None if missing(name) else self._finder.find_spec(name, path, target)


@cache
def _distributions():
    return packages_distributions()


def _plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()
