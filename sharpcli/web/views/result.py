"""What the page says of a result: what made it and how long that took, and what it is worth."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sharpcli.errors import ImageError
from sharpcli.files.names import shown
from sharpcli.web.words.say import say, say_known

if TYPE_CHECKING:
    from sharpcli.image.image import Image
    from sharpcli.plugin.enhancer import Enhancer, Option
    from sharpcli.web.cache import Sharpened
    from sharpcli.web.limits import Limits


def effort(enhancer: Enhancer, found: Sharpened) -> str:
    """Time, size, enhancer with what it was set to, and the device, in a line."""
    height, width = found.after.pixels.shape[:2]
    values = [(declared, getattr(enhancer, declared.name)) for declared in enhancer.options()]
    options = ", ".join(
        f"{declared.name} {value}"
        for declared, value in values
        if declared.kind == "value" and not _left_open(declared, value)
    )
    made = f"{enhancer.name} ({options})" if options else enhancer.name
    took = say(
        "**{seconds} s** for {width} x {height} pixels ({megapixels} megapixels)",
        seconds=f"{found.seconds:.2f}",
        width=width,
        height=height,
        megapixels=f"{width * height / 1e6:.1f}",
    )
    return f"{took} · {made} · {device()}"


def _left_open(declared: Option, value: object) -> bool:
    """Whether an option says nothing but that the image decides."""
    return value == "auto" or value == declared.default == declared.min


def device() -> str:
    """Where enhancers run, to follow a verb."""
    from sharpcli.measure.cores import cores
    from sharpcli.measure.machine import processor

    return say("on the CPU: {processor}, {cores} cores", processor=processor(), cores=cores())


def plain(text: str) -> str:
    """A text that Markdown is to show as it is."""
    return re.sub(r"([\\`*_{}\[\]()#+.!|<>&~$-])", r"\\\1", text)


def scores(before: Image, after: Image, reference: Path, convention: str, limits: Limits) -> str:
    """The table of `figures`, or why there is none: a reference that does not fit spoils no result."""
    try:
        limits.check(reference)
        return figures(before, after, reference, convention)
    except ImageError as error:
        return plain(say("Not scored: {reason}.", reason=f"{shown(reference.name)} {error}"))


def figures(before: Image, after: Image, reference: Path, convention: str) -> str:
    """A table of PSNR and SSIM of input and result and the gain, with its convention; raises ImageError."""
    from sharpcli.image.read import read_image
    from sharpcli.scoring.figures import GAIN, with_unit
    from sharpcli.scoring.score import CONVENTIONS, gain, rgb_of, score_pixels

    original = rgb_of(read_image(reference))
    baseline, result = (score_pixels(rgb_of(image), original, convention) for image in (before, after))
    won = {metric: gain(result[metric], baseline[metric]) for metric in result}
    rows = [(say("input"), baseline, ""), (say("result"), result, ""), (f"**{say('gain')}**", won, GAIN)]
    lines = [
        f"| {name} | {with_unit(f'{kind}psnr', one['psnr'])} | {with_unit(f'{kind}ssim', one['ssim'])} |"
        for name, one, kind in rows
    ]
    scored = say("Convention: {convention}", convention=say_known(CONVENTIONS[convention]))
    return "\n".join([f"| {say('Image')} | PSNR | SSIM |", "|---|---|---|", *lines, "", scored])
