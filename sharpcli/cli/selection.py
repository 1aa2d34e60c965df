"""The enhancers that a command is to set side by side."""

from __future__ import annotations

from collections.abc import Sequence

import click

from sharpcli.files.names import shown
from sharpcli.pipeline.spec import EnhancerSpec, distinct, ready


def chosen(texts: Sequence[str]) -> tuple[EnhancerSpec, ...]:
    """Those that were asked for, or all that are installed and need no option; says which are left out and why.

    Raises SharpError for what is no enhancer.
    """
    if texts:
        return distinct(map(EnhancerSpec.parse, texts))
    return all_ready()


def all_ready() -> tuple[EnhancerSpec, ...]:
    """All that are installed and need no option; says which are left out and why."""
    specs, lacking = ready()
    for line in lacking:
        click.echo(f"left out: {shown(line)}", err=True)
    return specs
