"""One frame of a camera through the ladder that a governor steps up and down."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from typing import Any

from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.image import Image, from_pil, to_pil
from sharpcli.live.governor import Governor
from sharpcli.live.run import warm
from sharpcli.live.steps import ladder
from sharpcli.pipeline.strength import check_strength
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.web.limits import CPU_SHARE, FRAME_SECONDS, Limits
from sharpcli.web.words.say import say

PIXELS = 1920 * 1080
HEAD = "data:image/jpeg;base64,"


def sharpened_frame(sent: Mapping[str, Any], limits: Limits, kept: dict[str, Any]) -> dict[str, Any]:
    """The answer to a `frame`, a JPEG's data URL, with the `enhancer` and `options` it came with.

    It has the sharpened `frame` in the same form, the `seconds` that it took, the `step` that did it, what that `found`
    in the frames, the governor's last `reason` to change it, and whether it is `trying`: all steps are tried on the
    second frame, so that the first one is there at once. Without `adapt` the enhancer is run whatever it takes; without
    `strength` it is 1. `kept` holds the stream's governor from one frame to the next. Raises SharpError.
    """
    options = tuple((name, str(value)) for name, value in sent["options"].items())
    enhancer = _enhancer(limits, str(sent["enhancer"]), options)
    pixels = _decoded(sent["frame"])
    adapt = bool(sent.get("adapt", True))
    strength = sent.get("strength", 1)
    check_strength(strength)
    wanted = (enhancer, adapt, strength, pixels.shape)
    if kept.get("wanted") != wanted:
        steps = ladder(enhancer, strength=strength, say=say)
        governor = Governor(steps if adapt else steps[:1], CPU_SHARE, FRAME_SECONDS, say=say)
        kept.update(wanted=wanted, governor=governor)
        kept.update(trying=adapt)
    elif kept["trying"]:
        warm(kept["governor"], pixels)
        kept.update(trying=False)
    governor = kept["governor"]
    step = governor.step
    start = time.perf_counter()
    step.look(pixels)
    result = Image(step.pixels(pixels), "RGB")
    seconds = time.perf_counter() - start
    governor.took(seconds)
    return {
        "frame": _encoded(result),
        "seconds": seconds,
        "enhancer": enhancer.name,
        "step": step.name,
        "found": step.found,
        "reason": governor.reason,
        "trying": kept["trying"],
    }


@lru_cache(maxsize=8)
def _enhancer(limits: Limits, name: str, options: tuple[tuple[str, str], ...]) -> Enhancer:
    return limits.create(name, dict(options))


def _decoded(url: str) -> Any:
    try:
        image = PILImage.open(BytesIO(base64.b64decode(url.removeprefix(HEAD), validate=True)), formats=["JPEG"])
        if image.width * image.height > PIXELS:
            raise ImageError(
                say(
                    "frames may have up to {most} megapixels, not {size}",
                    most=f"{PIXELS / 1e6:.1f}",
                    size=f"{image.width} x {image.height}",
                )
            )
        return from_pil(image.convert("RGB"))
    except (OSError, ValueError, binascii.Error, PILImage.DecompressionBombError) as error:
        raise ImageError(say("the frame is not a JPEG or is damaged")) from error


def _encoded(image: Image) -> str:
    content = BytesIO()
    # As fine as the frame came, and with full chroma, so that what was sharpened is not lost again.
    to_pil(image.pixels, image.mode).save(content, "JPEG", quality=95, subsampling=0)
    return HEAD + base64.b64encode(content.getvalue()).decode("ascii")
