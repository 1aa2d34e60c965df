"""The page: its tabs, its looks, and what they share."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from sharpcli.web.context import Page
from sharpcli.web.endpoints import endpoints as api
from sharpcli.web.tabs import batch, batch_progress, compare, enhance, enhancers, live, score
from sharpcli.web.visitors.sessions import forget
from sharpcli.web.widgets.heic import take_heic

STYLES = sorted(Path(__file__).with_name("styles").glob("*.css"))
FONT = ("system-ui", "sans-serif")
MONO = ("ui-monospace", "monospace")
WAITING = 40
"""Requests that may wait; any further ones are refused."""


def theme() -> gr.Theme:
    """System fonts: the page fetches nothing from outside."""
    return gr.themes.Default(primary_hue="teal", neutral_hue="slate", font=FONT, font_mono=MONO)


def build(page: Page) -> gr.Blocks:
    """The page, not yet served; loads no network and reads no image."""
    blocks = gr.Blocks(title="sharpcli", analytics_enabled=False)
    with blocks:
        gr.Markdown(
            "# sharpcli\nRestores detail to blurry or low-resolution images. Images are sent only to the machine that "
            "serves this page and are deleted when your session ends, the results of a batch after an hour.",
            elem_id="head",
        )
        take_heic()
        found_again = batch_progress.FoundAgain()
        with gr.Tab("Enhance"):
            enhance.tab(page)
        with gr.Tab("Compare"):
            compare.tab(page)
        with gr.Tab("Batch", elem_id=batch_progress.ELEMENT):
            batch.tab(page, found_again)
        with gr.Tab("Score"):
            score.tab(page)
        with gr.Tab("Live"):
            live.tab(page)
        with gr.Tab("Enhancers"):
            enhancers.tab(page)
        api.endpoints(page)

        def left(request: gr.Request) -> None:
            page.visits.leave(request)
            forget(request)

        blocks.unload(left)
    blocks.queue(max_size=WAITING, default_concurrency_limit=4, api_open=False)
    return blocks
