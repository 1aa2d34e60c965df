"""Gradio's API endpoints `/enhance`, `/score` and `/enhancers`, which correspond to the commands of these names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components.api_component import Api

from sharpcli.plugin.catalog import catalog
from sharpcli.scoring.metrics import STANDARD
from sharpcli.web.endpoints.calls import enhanced, scored
from sharpcli.web.endpoints.parameters import (
    file_field,
    names_field,
    object_field,
    parameter_field,
    received,
    sent,
)
from sharpcli.web.endpoints.values import ENHANCE, SCORE, checked, names
from sharpcli.web.error_handling import named, report_errors
from sharpcli.web.limits import AT_ONCE
from sharpcli.web.visitors.presence import program, whether_gone

if TYPE_CHECKING:
    from sharpcli.web.context import Page


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
        with (
            page.runs.run(program(request), gone=whether_gone()) as run,
            run.room(megapixels),
            page.visits.filled(request) as folder,
        ):
            file, record = enhanced(path, folder, page.limits, chosen, run.do, **given)
        return sent(file), record

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
            return run.do(lambda: scored(paths, **given, metrics=names(metrics, "metrics")))

    @report_errors
    def enhancers() -> dict[str, Any]:
        """List what is installed, as `sharpcli enhancers --json` does: options, weights, scores, broken plugins."""
        return page.limits.shown(catalog()).as_dict()

    image = file_field("image", "the image")
    options = object_field("options", "of the enhancer, by name", {})
    name, *rest = map(parameter_field, ENHANCE)
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
    inputs = [*files, *map(parameter_field, SCORE), metrics]
    _add(score, inputs, [figures], concurrency_id="network", concurrency_limit=AT_ONCE)

    _add(enhancers, [], [object_field("catalog", "the enhancers, and the plugins that failed to load")])


def _add(function: Callable[..., Any], inputs: Sequence[Api], outputs: Sequence[Api], **load: Any) -> None:
    # Triggered by nothing on the page.
    gr.on([], function, list(inputs), list(outputs), api_name=function.__name__, show_progress="hidden", **load)
