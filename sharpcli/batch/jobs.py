"""What the command line and the page ask of a batch, and what an output folder remembers of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sharpcli.batch.job import Job
from sharpcli.pipeline.guard import settled
from sharpcli.pipeline.run import described, sharpen
from sharpcli.plugin.enhancer import Enhancer


def sharpening(enhancer: Enhancer, upscale: float = 1, strength: float = 1) -> tuple[Job, dict[str, Any]]:
    """The job of sharpening pictures, with the settings that make its results what they are."""
    # Settled here, so that a folder that is finished on another machine, or by several, is of one kind.
    chosen = settled(enhancer)
    job = Job(partial(sharpen, upscale=upscale, strength=strength), chosen, upscale)
    return job, {"command": "enhance", **described(chosen), "upscale": upscale, "strength": strength}


def written(
    job: Job, settings: Mapping[str, Any], *, format: str | None, quality: int | None = None, strip: bool = False
) -> tuple[Job, dict[str, Any]]:
    """A job and its settings with how the results are written; see `write_picture`."""
    output = {"format": format, "quality": quality, "strip": strip}
    return replace(job, quality=quality, strip=strip), {**settings, **output}
