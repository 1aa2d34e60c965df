"""The page: its tabs, and what they share."""

from __future__ import annotations

import gradio as gr

from sharpcli.web.context import Page
from sharpcli.web.endpoints import endpoints as api
from sharpcli.web.limits import WAITING
from sharpcli.web.tabs import batch, batch_progress, compare, enhance, enhancers, live, score
from sharpcli.web.visitors.answers import keep_streams_open
from sharpcli.web.visitors.sessions import forget
from sharpcli.web.widgets.drop import drop_anywhere
from sharpcli.web.widgets.heic import take_heic
from sharpcli.web.words.say import building, say


def build(page: Page) -> gr.Blocks:
    """The page, not yet served; loads no network and reads no image."""
    blocks = gr.Blocks(title="sharpcli", analytics_enabled=False)
    with blocks, building():
        gr.Markdown(
            "# sharpcli\n"
            + say(
                "Restores detail to blurry or low-resolution images. Images are sent only to the machine that serves "
                "this page and are deleted when your session ends, the results of a batch after an hour."
            ),
            elem_id="head",
        )
        drop_anywhere()
        take_heic()
        found_again = batch_progress.FoundAgain()
        # On a phone Gradio would put tabs into a menu, where they are no tabs to a screen reader.
        with gr.Tabs(overflow_behavior="wrap"):
            with gr.Tab(say("Enhance"), elem_id="tab-enhance"):
                enhance.tab(page)
            with gr.Tab(say("Compare"), elem_id="tab-compare"):
                compare.tab(page)
            with gr.Tab(say("Batch"), elem_id=batch_progress.ELEMENT):
                batch.tab(page, found_again)
            with gr.Tab(say("Score"), elem_id="tab-score"):
                score.tab(page)
            with gr.Tab(say("Live"), elem_id="tab-live"):
                live.tab(page)
            with gr.Tab(say("Enhancers"), elem_id="tab-enhancers"):
                enhancers.tab(page)
        api.endpoints(page)

        def left(request: gr.Request) -> None:
            page.runs.leave(str(request.session_hash))
            page.visits.leave(request)
            forget(request)

        blocks.unload(left)
    blocks.queue(max_size=WAITING, default_concurrency_limit=4, api_open=False)
    keep_streams_open(blocks)
    return blocks
