"""The enhancers that `compare` and `bench` run."""

from __future__ import annotations

from collections.abc import Sequence

from sharpcli.cli.stderr import say
from sharpcli.pipeline.spec import EnhancerSpec, distinct, ready


def chosen(texts: Sequence[str]) -> tuple[EnhancerSpec, ...]:
    """The enhancers of these texts or, without any, those of `all_ready`.

    Raises SharpError for an invalid text.
    """
    if texts:
        return distinct(map(EnhancerSpec.parse, texts))
    return all_ready()


def all_ready() -> tuple[EnhancerSpec, ...]:
    """All installed enhancers that need no option; prints which are skipped and why."""
    specs, lacking = ready()
    for line in lacking:
        say(f"skipped: {line}")
    return specs
