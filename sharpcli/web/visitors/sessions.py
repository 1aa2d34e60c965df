"""What Gradio remembers of each visit: a quarter of a megabyte, and of ten thousand visits unless told otherwise."""

from __future__ import annotations

import gradio as gr

MAX_SESSIONS = 200
"""Visits remembered at a time; of the one not heard of for longest, the page then looks as just opened."""


def forget(request: gr.Request) -> None:
    """Drop what is remembered of a visit that has ended."""
    holder = request.request.app.state_holder  # type: ignore[union-attr]
    with holder.lock:
        holder.session_data.pop(request.session_hash, None)
        holder.time_last_used.pop(request.session_hash, None)
