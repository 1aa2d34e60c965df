"""The hooks a plugin can implement; a plugin is a module named in the `sharpcli` entry-point group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

from sharpcli.plugin.enhancer import Enhancer
from sharpcli.plugin.metric import Metric

if TYPE_CHECKING:
    import click

GROUP = "sharpcli"
hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


@hookspec
def enhancers() -> Iterable[type[Enhancer]]:  # type: ignore[empty-body]
    """The enhancer classes that this plugin offers."""


@hookspec
def metrics() -> Iterable[type[Metric]]:  # type: ignore[empty-body]
    """The metric classes that this plugin offers to `score`."""


@hookspec
def commands(group: click.Group) -> None:
    """Add click commands to the `sharpcli` group; import what they need inside them, so that --help stays fast."""
