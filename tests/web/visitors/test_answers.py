import gradio as gr
import pytest
from gradio.server_messages import ProcessCompletedMessage

from sharpcli.web.visitors import answers
from tests.helpers.loop import run


class Body:
    def __init__(self, fn_index):
        self.fn_index, self.session_hash, self.event_id = fn_index, "visit", "id"


class Event:
    session_hash = "visit"


@pytest.fixture
def order(monkeypatch):
    """What happens, in order: a function that asks for one of the page's events, or for one for programs."""
    with gr.Blocks() as blocks:
        gr.on([], lambda: None, api_visibility="private")
        gr.on([], lambda: None, api_name="open")
    blocks.queue()
    happened, meanwhile = [], []

    async def push(body, request, username):
        for one in meanwhile:
            one()
        happened.append("taken")
        return True, "id", "success"

    async def pause(seconds):
        happened.append("pause")

    monkeypatch.setattr(blocks._queue, "push", push)
    monkeypatch.setattr(blocks._queue, "send_message", lambda event, message: happened.append("answered"))
    monkeypatch.setattr(answers, "sleep", pause)
    answers.answer_in_order(blocks)

    def ask(private=True):
        run(blocks._queue.push(Body(0 if private else 1), None, None))
        happened.append("told")

    def answer():
        blocks._queue.send_message(Event, ProcessCompletedMessage(output={}, success=True))
        if meanwhile:  # the stream that hands it out counts it as done
            blocks._queue.pending_event_ids_session["visit"] = {"id"}

    ask.happened, ask.queue, ask.answer, ask.meanwhile = happened, blocks._queue, answer, meanwhile
    return ask


def test_a_request_just_after_the_last_answer_is_confirmed_after_the_stream_is_closed(order):
    order.answer()
    order()
    assert order.happened == ["answered", "taken", "pause", "told"]


def test_an_answer_that_goes_out_while_the_request_is_taken_counts_as_the_last_one(order):
    order.queue.pending_event_ids_session["visit"] = {"another"}
    order.meanwhile.append(order.answer)
    order()
    assert order.happened == ["answered", "taken", "pause", "told"]


def test_while_another_answer_is_due_the_stream_stays_open_and_nothing_is_held_back(order):
    order.answer()
    order.queue.pending_event_ids_session["visit"] = {"another"}
    order()
    assert "pause" not in order.happened


def test_the_first_request_and_those_of_programs_are_confirmed_at_once(order):
    order()
    order.answer()
    order(private=False)
    assert "pause" not in order.happened
