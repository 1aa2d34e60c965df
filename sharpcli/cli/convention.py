"""The option --convention of the commands that compute scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from sharpcli.scoring.score import ALIASES, CONVENTIONS, convention_called


def convention_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --convention; the command gets the key of CONVENTIONS, also for an alias."""
    return click.option(
        "--convention",
        type=click.Choice([*CONVENTIONS, *ALIASES]),
        default="rgb",
        show_default=True,
        callback=lambda context, parameter, name: convention_called(name),
        help="How scores are computed: all of R, G and B, or luma only.",
    )(function)
