"""The API endpoints `/enhance`, `/score` and `/enhancers`, which correspond to the commands of these names."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components.api_component import Api

from sharpcli.errors import ImageError, SharpError
from sharpcli.files.formats import OFFERED
from sharpcli.pipeline.strength import MAX_STRENGTH
from sharpcli.plugin.catalog import catalog
from sharpcli.plugin.enhancer import Option
from sharpcli.scoring.metrics import STANDARD
from sharpcli.web.endpoints.parameters import (
    Parameter,
    checked,
    file_field,
    names,
    names_field,
    object_field,
    received,
    sent,
)
from sharpcli.web.error_handling import named, report_errors
from sharpcli.web.limits import AT_ONCE
from sharpcli.web.tasks.speed import tile_side
from sharpcli.web.visitors.presence import program, whether_gone

if TYPE_CHECKING:
    from sharpcli.image.image import Image
    from sharpcli.plugin.enhancer import Enhancer
    from sharpcli.web.context import Page
    from sharpcli.web.limits import Limits
    from sharpcli.web.tasks.runs import Run

ENHANCE = (
    Parameter(Option("enhancer", "student", "name of an enhancer; see /enhancers")),
    Parameter(Option("upscale", 1.0, "factor to enlarge by, by bicubic interpolation, before enhancing", 1, 8)),
    Parameter(
        Option("strength", 1.0, "0 = the (enlarged) input, 1 = the result, 2 = twice the change", 0, MAX_STRENGTH)
    ),
    Parameter(
        Option("format", "png", "file format of the result; none: that of the image", choices=tuple(OFFERED)),
        True,
    ),
    Parameter(
        Option("quality", 95, "of JPEG, WebP and AVIF; none: that of the input JPEG, otherwise 95; AVIF 90", 1, 100),
        True,
    ),
    Parameter(Option("strip", False, "remove EXIF, XMP, IPTC, text and print size; the colour profile is kept")),
)
SCORE = (Parameter(Option("convention", "rgb", "how scores are computed", choices=("rgb", "y", "papers"))),)


def endpoints(page: Page) -> None:
    """Add the endpoints to the page that is being built."""

    @report_errors
    def enhance(
        request: gr.Request,
        image: Any,
        enhancer: Any = "student",
        options: Any = None,
        upscale: Any = 1.0,
        strength: Any = 1.0,
        format: Any = None,
        quality: Any = None,
        strip: Any = False,
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Sharpen an image, as `sharpcli enhance` does: the same bytes, in its own format, its metadata kept."""
        path = received(image, "image")
        given = checked(ENHANCE, enhancer, upscale, strength, format, quality, strip)
        with named(path):
            megapixels = page.limits.check(path, given["upscale"])
        chosen = {} if options is None else options
        with page.runs.run(program(request), gone=whether_gone()) as run, run.room(megapixels):
            return _enhanced(path, page.visits.folder(request), page.limits, run, chosen, **given)

    @report_errors
    def score(
        request: gr.Request,
        result: Any,
        reference: Any,
        input: Any = None,
        convention: Any = "rgb",
        metrics: Any = None,
    ) -> dict[str, Any]:
        """Score a result against its reference, as `sharpcli score` does; with the input, also the gain over it."""
        files = {"result": result, "reference": reference} | ({} if input is None else {"input": input})
        paths = {name: received(file, name) for name, file in files.items()}
        for path in paths.values():
            with named(path):
                page.limits.check(path)
        given = checked(SCORE, convention)
        with page.runs.run(program(request), gone=whether_gone()) as run:
            return run.do(lambda: _scored(paths, **given, metrics=names(metrics, "metrics")))

    @report_errors
    def enhancers() -> dict[str, Any]:
        """List what is installed, as `sharpcli enhancers --json` does: options, weights, scores, broken plugins."""
        return catalog().as_dict()

    image = file_field("image", "the image")
    options = object_field("options", "of the enhancer, by name", {})
    name, *rest = (parameter.field() for parameter in ENHANCE)
    record = object_field("record", "milliseconds from file to file, sizes, notes and the settings used")
    sharpened = file_field("sharpened", "the sharpened file")
    _add(
        enhance, [image, name, options, *rest], [sharpened, record], concurrency_id="network", concurrency_limit=AT_ONCE
    )

    helps = {"result": "the image to score", "reference": "its sharp original", "input": "the input before enhancing"}
    files = [file_field(name, help) for name, help in helps.items()]
    figures = object_field(
        "figures", "the convention and its definition, and the score of each metric (none: infinite)"
    )
    default = [metric.name for metric in STANDARD]
    metrics = names_field("metrics", "names of metrics; see `sharpcli metrics`", default)
    inputs = [*files, *(parameter.field() for parameter in SCORE), metrics]
    _add(score, inputs, [figures], concurrency_id="network", concurrency_limit=AT_ONCE)

    _add(enhancers, [], [object_field("catalog", "the enhancers, and the plugins that failed to load")])


def _add(function: Callable[..., Any], inputs: Sequence[Api], outputs: Sequence[Api], **load: Any) -> None:
    # Triggered by nothing on the page.
    gr.on([], function, list(inputs), list(outputs), api_name=function.__name__, show_progress="hidden", **load)


def _enhanced(
    path: Path,
    folder: Path,
    limits: Limits,
    run: Run,
    options: Any,
    *,
    enhancer: str,
    upscale: float,
    strength: float,
    format: str | None,
    quality: int | None,
    strip: bool,
) -> tuple[dict[str, Any], dict[str, Any]]:
    from sharpcli.batch.job import do, sharpening, written
    from sharpcli.batch.plan import Item
    from sharpcli.pipeline.spec import create_enhancer

    if not isinstance(options, dict):
        raise SharpError(f"options must be an object such as {{'profile': 'x2'}}, not {options!r}")
    made = sharpening(limits.permitted(create_enhancer(enhancer, options, upscale)), upscale, strength)
    job, settings = written(*made, format=format, quality=quality, strip=strip)
    file = folder / f"{path.stem}-sharp{f'.{format}' if format else path.suffix}"

    def sharpened(image: Image, *, enhancer: Enhancer, tile: int, **rest: Any) -> Image:
        return job.function(image, enhancer=enhancer, tile=min(tile, tile_side(enhancer)), do=run.do, **rest)

    outcome = do(Item(path, file), replace(job, function=sharpened, workers=1))
    if outcome.status == "failed" or outcome.size is None or outcome.out_size is None:
        raise SharpError(f"{path.name} {outcome.reason}")
    return sent(file), {
        "milliseconds": round(outcome.seconds * 1000, 1),
        "size": outcome.size,
        "out_size": outcome.out_size,
        "bytes": outcome.in_bytes,
        "out_bytes": outcome.out_bytes,
        "notes": outcome.reason,
        "settings": settings,
    }


def _scored(paths: dict[str, Path], convention: str, metrics: Sequence[str]) -> dict[str, Any]:
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
