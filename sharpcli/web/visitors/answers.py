"""Keeps Gradio's browser client from missing an answer that it asks for while its stream of answers is being closed."""

from __future__ import annotations

import time
from asyncio import TimerHandle, get_running_loop, sleep
from typing import Any

import gradio as gr
from gradio.server_messages import ProcessCompletedMessage

LINGER = 5.0
"""Seconds for which a visit's stream stays open after an answer; what is asked meanwhile needs no other one."""
PAUSE = 0.5
"""Seconds in which the message that closes it reaches the browser."""
STAYING = "staying"
"""What is due, as far as Gradio knows, while the stream is to stay open."""


def keep_streams_open(blocks: gr.Blocks) -> None:
    """Close a visit's stream of answers a while after the last one instead of with it, and let the page hear of it.

    Gradio closes the stream with the last answer that is due. A browser that asks for another one just then is told
    that its request was taken while it still believes the stream to be open; it opens no other one, and waits for
    ever. With the stream left open this cannot be between the clicks of somebody at work. Requests that come just as
    it closes are all held back until the browser knows. Programs have a client that copes with it.
    """
    queue = blocks._queue
    send, push = queue.send_message, queue.push
    timers: dict[str, TimerHandle] = {}
    closed: dict[str, float] = {}

    def sending(event: Any, message: Any) -> None:
        if isinstance(message, ProcessCompletedMessage) and event.fn.api_visibility == "private":
            queue.pending_event_ids_session.setdefault(event.session_hash, set()).add(STAYING)
            later(event.session_hash)
        send(event, message)

    def later(session: str) -> None:
        if session in timers:
            timers[session].cancel()
        timers[session] = get_running_loop().call_later(LINGER, close, session)

    def close(session: str) -> None:
        del timers[session]
        if session not in queue.pending_messages_per_session:  # the visitor has left
            queue.pending_event_ids_session.pop(session, None)
        elif queue.pending_event_ids_session.get(session, set()) - {STAYING}:
            later(session)
        else:
            message = ProcessCompletedMessage(output={}, success=True)
            message.event_id = STAYING
            queue.pending_messages_per_session[session].put_nowait(message)
            closed[session] = time.monotonic()

    async def pushing(body: Any, request: Any, username: str | None) -> Any:
        taken = await push(body, request, username)
        now = time.monotonic()
        for session in [session for session, when in closed.items() if now - when > PAUSE]:
            del closed[session]
        if body.session_hash in closed:
            await sleep(closed[body.session_hash] + PAUSE - now)
        return taken

    queue.send_message = sending  # type: ignore[method-assign, assignment]
    queue.push = pushing  # type: ignore[method-assign]
