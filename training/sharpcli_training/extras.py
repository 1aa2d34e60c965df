"""Says in words what a command lacks that the base install does not bring."""

from __future__ import annotations

from importlib.util import find_spec

from sharpcli.errors import SharpError


def need_torch() -> None:
    """Raise SharpError unless networks can be trained and run here."""
    need("torch", "torchvision", "accelerate")


def need(*modules: str) -> None:
    """Raise SharpError unless all of these modules are installed."""
    if any(find_spec(module) is None for module in modules):
        raise SharpError("training needs more than the base install; run: pip install 'sharpcli[train]'")
