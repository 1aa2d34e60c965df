"""The viewer of two images of one size: before and after under one divider, at any zoom, as true pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.web.error_handling import sentence
from sharpcli.web.tasks import tiles
from sharpcli.web.words.scripts import speaking
from sharpcli.web.words.templates import template

if TYPE_CHECKING:
    from sharpcli.image.crops import Place
    from sharpcli.image.image import Image
    from sharpcli.web.context import Page

VIEW = Path(__file__)


def viewer(page: Page, elem_id: str) -> gr.HTML:
    """An empty viewer; give it what `shown` returns, or None.

    `viewer.js` asks for the tiles that are looked at: gr.ImageSlider is given both images whole, however large.
    """

    def tile(asked: dict[str, Any]) -> dict[str, str]:
        return _answered(lambda asked: tiles.tile(page.visits.root, asked), asked)

    def whole(asked: dict[str, Any]) -> dict[str, str]:
        return _answered(lambda asked: {"image": tiles.whole(page.visits.root, asked)}, asked)

    return gr.HTML(
        None,
        html_template=template("sharpcli.web.widgets", "viewer.html.j2").render(),
        **speaking(VIEW.with_suffix(".js")),
        apply_default_css=False,
        server_functions=[tile, whole],
        elem_id=elem_id,
        elem_classes="viewer",
        side=tiles.SIDE,
    )


def shown(folder: Path, before: Image, after: Image, place: Place) -> dict[str, Any]:
    """The value of a viewer that opens at `place`: column and row of a pixel.

    Both images are kept in `folder`, one of `page.visits`, and seen until it is deleted. Raises SharpError.
    """
    height, width, _ = before.pixels.shape
    first, second = tiles.keep_pair(folder, before, after)
    return {
        "folder": folder.name,
        "before": first,
        "after": second,
        "width": width,
        "height": height,
        "place": [*place],
        "profile": bool(before.metadata.get("icc_profile")),
    }


def _answered(work: Callable[[Mapping[str, Any]], dict[str, str]], asked: Mapping[str, Any]) -> dict[str, str]:
    try:
        return work(asked)
    except Exception as error:
        return {"error": sentence(error)}
