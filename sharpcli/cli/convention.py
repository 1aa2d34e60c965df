"""The option that says how scores are computed, shared by the commands that compute some."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from sharpcli.scoring.score import ALIASES, CONVENTIONS, convention_called


def convention_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --convention, which takes aliases too; the command gets the key of CONVENTIONS."""
    return click.option(
        "--convention",
        type=click.Choice([*CONVENTIONS, *ALIASES]),
        default="rgb",
        show_default=True,
        callback=lambda context, parameter, name: convention_called(name),
        help="Compare RGB, or luma without the border as papers do.",
    )(function)
