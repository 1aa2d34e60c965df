import asyncio
import time

import gradio as gr
import pytest
from gradio.server_messages import ProcessCompletedMessage

from sharpcli.web.visitors import answers
from tests.helpers.loop import run

SHORT = 0.1


class Body:
    def __init__(self, fn_index):
        self.fn_index, self.session_hash, self.event_id = fn_index, "visit", "id"


class Event:
    session_hash, _id, alive = "visit", "id", True

    def __init__(self, fn):
        self.fn = fn


class Stream:
    """What Gradio keeps of one visit, and what its stream does on a message: hand it out, and end with the last."""

    def __init__(self):
        with gr.Blocks() as blocks:
            gr.on([], lambda: None, api_visibility="private")
            gr.on([], lambda: None, api_name="open")
        blocks.queue()
        self.queue, self.private, self.open = blocks._queue, blocks.fns[0], blocks.fns[1]
        self.due = self.queue.pending_event_ids_session["visit"] = set()
        self.messages = self.queue.pending_messages_per_session["visit"] = asyncio.Queue()

        async def push(body, request, username):
            self.due.add("id")
            return True, "id", "success"

        self.queue.push = push
        answers.keep_streams_open(blocks)

    async def ask(self, private=True):
        """Seconds until the browser is told that its request was taken."""
        began = time.monotonic()
        await self.queue.push(Body(0 if private else 1), None, None)
        return time.monotonic() - began

    async def answer(self, private=True):
        """Answer what was asked; whether the stream stays open."""
        event = Event(self.private if private else self.open)
        self.queue.send_message(event, ProcessCompletedMessage(output={}, success=True))
        return await self.stays()

    async def stays(self):
        """Hand out the next message; whether more are due."""
        message = await self.messages.get()
        self.due.discard(message.event_id)
        return bool(self.due)


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(answers, "LINGER", SHORT)
    monkeypatch.setattr(answers, "PAUSE", SHORT)


def test_the_stream_stays_open_for_a_while_after_the_last_answer():
    async def visit():
        stream, began = Stream(), time.monotonic()
        await stream.ask()
        assert await stream.answer()
        assert not await stream.stays()
        assert time.monotonic() - began >= SHORT

    run(visit())


def test_each_answer_begins_the_while_anew_and_what_is_due_prolongs_it():
    async def visit():
        stream = Stream()
        for _ in range(3):
            await stream.ask()
            assert await stream.answer()
            await asyncio.sleep(SHORT / 2)
        await stream.ask()
        await asyncio.sleep(3 * SHORT)
        assert stream.messages.empty()
        assert await stream.answer()
        assert not await stream.stays()

    run(visit())


def test_requests_just_after_its_end_are_taken_once_the_browser_knows_and_in_their_order():
    async def visit():
        stream, told = Stream(), []
        await stream.ask()
        await stream.answer()
        assert not await stream.stays()

        async def asking(name, after):
            await asyncio.sleep(after)
            seconds = await stream.ask()
            told.append(name)
            return seconds

        first, second = await asyncio.gather(asking("first", 0), asking("second", SHORT * 0.6))
        assert first >= SHORT * 0.9
        assert second < first
        assert told == ["first", "second"]
        assert await stream.ask() < SHORT / 2

    run(visit())


def test_who_has_left_is_forgotten():
    async def visit():
        stream = Stream()
        await stream.ask()
        await stream.answer()
        del stream.queue.pending_messages_per_session["visit"]
        await asyncio.sleep(2 * SHORT)
        assert "visit" not in stream.queue.pending_event_ids_session

    run(visit())


def test_streams_of_programs_end_with_their_last_answer():
    async def visit():
        stream = Stream()
        await stream.ask(private=False)
        assert not await stream.answer(private=False)
        assert await stream.ask(private=False) < SHORT / 2

    run(visit())
