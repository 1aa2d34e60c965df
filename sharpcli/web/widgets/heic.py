"""HEIC files, which not every system tells the browser are images."""

from __future__ import annotations

from pathlib import Path

import gradio as gr


def take_heic() -> None:
    """Let `heic.js` give HEIC files their type before an upload area looks at it."""
    gr.HTML(visible="hidden", js_on_load=Path(__file__).with_suffix(".js").read_text("utf-8"))
