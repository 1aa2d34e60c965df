"""The tab Enhancers: what is installed, and the plugins that failed to load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

from sharpcli.plugin.cards import CardRow, Scores
from sharpcli.plugin.catalog import Catalog, Entry, catalog
from sharpcli.scoring.figures import GAIN, figure
from sharpcli.web.words.say import say
from sharpcli.web.words.templates import template

if TYPE_CHECKING:
    from sharpcli.web.context import Page


def tab(page: Page) -> None:
    """Build the tab. What is installed is known when the page starts, and stays so until it is started again."""
    gr.HTML(html(page.limits.shown(catalog())), elem_id="enhancers", js_on_load=None)


def html(installed: Catalog) -> str:
    """The catalogue as HTML, with all text from plugins and cards escaped."""
    filters = (given, trained_on, size, count, metrics, title_of, figures)
    named = {function.__name__: function for function in filters}
    return template("sharpcli.web.tabs", "enhancers.html.j2", **named).render(installed=installed)


def given(entry: Entry) -> str:
    """What the pipeline hands to the enhancer."""
    colors = {"rgb": say("R, G and B"), "luma": say("luma"), "any": say("RGB or grey, as in the image")}
    dtypes = {"float32": say("float32 in [0, 1]"), "uint8": "uint8", "any": say("data type as in the image")}
    around = {None: say("needs the whole image"), 0: say("per pixel")}.get(
        entry.receptive_radius, say("receptive radius {radius} pixels", radius=entry.receptive_radius)
    )
    return f"{colors[entry.color]}; {dtypes[entry.dtype]}; {around}"


def trained_on(entry: Entry) -> str:
    """The training sets that the cards name, each with the largest number of images that a card states."""
    most: dict[str, int] = {}
    for file in entry.weights:
        for name, images in file.card.trained_on.items():
            most[name] = max(images, most.get(name, 0))
    return ", ".join(f"{name} ({say('{count} images', count=count(images))})" for name, images in most.items())


def size(bytes: int | None) -> str:
    """Of a file."""
    if bytes is None:
        return say("missing")
    return f"{bytes / 1e6:.1f} MB" if bytes >= 1e6 else f"{bytes / 1e3:.1f} kB"


def count(number: float | None) -> str:
    """With commas between thousands; nothing where the card says nothing."""
    return "" if number is None else f"{number:,}"


def metrics(scores: Scores) -> list[str]:
    """All that the table measures."""
    return list(dict.fromkeys(metric for row in scores.rows for metric in row.result))


def title_of(metric: str) -> str:
    """The metric's name in the head of a column."""
    return {"psnr": say("PSNR in dB"), "ssim": "SSIM"}.get(metric, metric)


def figures(row: CardRow, metric: str) -> tuple[str, str, str]:
    """The input's score, the result's and the gain; nothing where the card does not give them."""
    texts, pair = [], (row.input, row.result)
    for side in pair:
        value = side.get(metric)
        texts.append(figure(metric, value) if value is not None else "∞" if metric in side else "")
    before, after = (side.get(metric) for side in pair)
    gain = "" if before is None or after is None else figure(f"{GAIN}{metric}", after - before)
    return texts[0], texts[1], gain
