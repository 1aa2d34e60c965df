"""The enhancers that a command is to set side by side."""

from __future__ import annotations

from collections.abc import Sequence

import click

from sharpcli.files.names import shown
from sharpcli.pipeline.spec import Contender, distinct, ready


def chosen(texts: Sequence[str]) -> tuple[Contender, ...]:
    """Those that were asked for, or all that are installed and need no option; says which are left out and why.

    Raises SharpError for what is no enhancer.
    """
    if texts:
        return distinct(map(Contender.parse, texts))
    return all_ready()


def all_ready() -> tuple[Contender, ...]:
    """All that are installed and need no option; says which are left out and why."""
    contenders, lacking = ready()
    for line in lacking:
        click.echo(f"left out: {shown(line)}", err=True)
    return contenders
