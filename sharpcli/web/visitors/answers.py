"""Keeps Gradio's browser client from missing an answer that it asks for while its stream of answers is being closed."""

from __future__ import annotations

import time
from asyncio import sleep
from typing import Any

import gradio as gr
from gradio.server_messages import ProcessCompletedMessage

JUST_NOW = 1.0
"""Seconds after an answer in which the message that closes the stream may still be on its way."""
PAUSE = 0.2
"""Seconds in which it arrives."""


def answer_in_order(blocks: gr.Blocks) -> None:
    """Let the page hear that its stream is closed before it hears that a new request was taken.

    Gradio closes a visit's stream with the last answer that is due. A browser that asks for another one just then is
    told that its request was taken while it still believes the stream to be open; it opens no other one, and waits for
    ever. Where that can be, the second message is held back until the first one has arrived. Programs have a client
    that copes with it.
    """
    queue = blocks._queue
    send, push = queue.send_message, queue.push
    answered: dict[str, float] = {}

    def sending(event: Any, message: Any) -> None:
        if isinstance(message, ProcessCompletedMessage):
            answered[event.session_hash] = time.monotonic()
        send(event, message)

    async def pushing(body: Any, request: Any, username: str | None) -> Any:
        function = blocks.fns.get(body.fn_index)
        taken = await push(body, request, username)
        # Only now: the last answer that was due may have gone out while this was taken.
        due = queue.pending_event_ids_session.get(body.session_hash, set()) - {body.event_id}
        if function is not None and function.api_visibility == "private" and not due:
            now = time.monotonic()
            for session in [session for session, when in answered.items() if now - when > JUST_NOW]:
                del answered[session]
            if body.session_hash in answered:
                await sleep(PAUSE)
        return taken

    queue.send_message = sending  # type: ignore[method-assign, assignment]
    queue.push = pushing  # type: ignore[method-assign]
