"""What a program's request does, whichever way it came: one image enhanced, or one result scored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.errors import ImageError, SharpError

if TYPE_CHECKING:
    from sharpcli.image.image import Image
    from sharpcli.pipeline.pieces import Do
    from sharpcli.plugin.enhancer import Enhancer
    from sharpcli.web.limits import Limits


class ServerError(SharpError):
    """A mistake of ours, which no other image or setting would avoid."""


def enhanced(
    path: Path,
    folder: Path,
    limits: Limits,
    options: Any,
    take_turn: Do,
    *,
    enhancer: str,
    upscale: float,
    strength: float,
    format: str | None,
    quality: int | None,
    strip: bool,
) -> tuple[Path, dict[str, Any]]:
    """The enhanced file, written to a folder, and a record of what was done; raises SharpError.

    The work is cut into pieces, each of which `take_turn` does.
    """
    from sharpcli.batch.job import BUG, do, sharpening, written
    from sharpcli.batch.plan import Item
    from sharpcli.web.tasks.speed import tile_side

    if not isinstance(options, dict):
        raise SharpError(f"options must be an object such as {{'profile': 'x2'}}, not {options!r}")
    chosen = limits.create(enhancer, options, upscale)
    job, settings = written(*sharpening(chosen, upscale, strength), format=format, quality=quality, strip=strip)
    file = folder / f"{path.stem}-sharp{f'.{format}' if format else path.suffix}"

    def sharpened(image: Image, *, enhancer: Enhancer, tile: int, **rest: Any) -> Image:
        return job.function(image, enhancer=enhancer, tile=min(tile, tile_side(enhancer)), do=take_turn, **rest)

    outcome = do(Item(path, file), replace(job, function=sharpened, workers=1))
    if outcome.status == "failed" or outcome.size is None or outcome.out_size is None:
        kind = ServerError if outcome.reason.startswith(BUG) else SharpError
        raise kind(f"{path.name} {outcome.reason}")
    return file, {
        "milliseconds": round(outcome.seconds * 1000, 1),
        "size": outcome.size,
        "out_size": outcome.out_size,
        "bytes": outcome.in_bytes,
        "out_bytes": outcome.out_bytes,
        "notes": outcome.reason,
        "settings": limits.recorded(chosen, settings),
    }


def scored(paths: dict[str, Path], convention: str, metrics: Sequence[str]) -> dict[str, Any]:
    """The figures of the `result` against its `reference`, and the gain over an `input`; raises SharpError."""
    from sharpcli.scoring.files import score_files
    from sharpcli.scoring.score import chosen_metrics, convention_called
    from sharpcli.scoring.tables import as_json

    chosen, convention = chosen_metrics(metrics), convention_called(convention)
    try:
        result = paths["result"]
        score = score_files(result.stem, result, paths["reference"], paths.get("input"), convention, chosen)
    except ImageError as error:
        message = str(error)
        for path in paths.values():  # where an upload is stored means nothing to the client
            message = message.replace(str(path), path.name)
        raise SharpError(message) from error
    report = json.loads(as_json([score], convention))
    (figures,) = report["images"]
    return {"convention": convention, "definition": report["definition"], **figures}
