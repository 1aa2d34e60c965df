"""Who asks, and whether anybody still waits for the answer."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr
from gradio.context import LocalContext

from sharpcli.web.tasks.runs import Visitor, programs_at
from sharpcli.web.visitors.addresses import network_of


def visitor(request: gr.Request) -> Visitor:
    """A visit to the page."""
    return Visitor(str(request.session_hash), _address(request))


def program(request: gr.Request) -> Visitor:
    """Any program on the machine that asks."""
    return programs_at(_address(request))


def whether_gone() -> Callable[[], bool]:
    """What says whether the client of the event that is being handled has closed its connection."""
    blocks, name = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    event = blocks._queue.event_ids_to_events.get(name) if blocks is not None and name else None
    return lambda: event is not None and not event.alive


def _address(request: gr.Request) -> str:
    client = request.client
    return network_of(client.host) if client else ""
