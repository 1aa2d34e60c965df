"""Batches of several visitors: who waits, who is found again, and whose is deleted."""

import threading

import pytest
from PIL import Image as PILImage

from sharpcli.batch.job import sharpening, written
from sharpcli.errors import SharpError
from sharpcli.web.tasks import batches as tasks
from sharpcli.web.tasks.batch import Order
from sharpcli.web.tasks.batches import Batches
from tests.web.conftest import eventually
from tests.web.tasks.test_batch import Waiting


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(tasks, "EVERY", 0.01)
    Waiting.may = threading.Event()
    yield
    Waiting.may.set()


@pytest.fixture
def order(tmp_path):
    def order(name):
        folder = tmp_path / name
        folder.mkdir()
        PILImage.new("RGB", (40, 30), "teal").save(tmp_path / f"{name}.png")
        return Order([tmp_path / f"{name}.png"], folder, *written(*sharpening(Waiting()), format=None), None)

    return order


def over(batch):
    assert eventually(lambda: not batch.doing)


def test_one_runs_at_a_time_and_the_others_in_the_order_they_came(order):
    batches = Batches(grace=600)
    first, second, third = (batches.find(batches.start(order(name))) for name in "abc")
    assert eventually(lambda: first.doing == "sharpening")
    assert [batches.ahead(batch) for batch in (first, second, third)] == [0, 1, 2]
    assert second.doing == third.doing == "waiting"
    Waiting.may.set()
    over(third)
    assert all(batch.summary for batch in (first, second, third))


def test_who_waits_may_stop(order):
    batches = Batches(grace=600)
    batches.start(order("a"))
    waiting = batches.find(batches.start(order("b")))
    waiting.stopping.set()
    over(waiting)
    assert waiting.problem


def test_only_its_token_finds_a_batch_and_none_is_like_another(order):
    batches = Batches(grace=600)
    token, other = batches.start(order("a")), batches.start(order("b"))
    assert batches.find(token) is not batches.find(other)
    assert batches.find(None) is batches.find("") is batches.find(token[:-1]) is None
    assert min(len(token), len(other)) >= 32


def test_who_is_silent_for_long_ends_a_batch_that_makes_room_for_the_next(order):
    batches = Batches(grace=0.2)
    left = batches.find(batches.start(order("a")))
    assert eventually(lambda: left.doing == "sharpening")
    assert eventually(lambda: left.abandoned)
    staying = batches.find(batches.start(order("b")))
    staying.grace = 600
    Waiting.may.set()
    over(staying)
    assert staying.summary
    assert not left.order.folder.exists()


def test_a_finished_batch_waits_for_its_visitor_until_its_files_are_deleted(order):
    Waiting.may.set()
    batches = Batches(grace=600)
    token = batches.start(order("a"))
    batch = batches.find(token)
    over(batch)
    batch.abandon()
    assert batches.find(token).order.archive.is_file()
    for path in sorted(batch.order.folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    batch.order.folder.rmdir()
    assert batches.find(token) is None


def test_the_next_batch_of_a_visitor_takes_the_place_of_the_last(order):
    Waiting.may.set()
    batches = Batches(grace=600)
    token = batches.start(order("a"))
    batch = batches.find(token)
    over(batch)
    batches.drop(token)
    assert batches.find(token) is None
    assert not batch.order.folder.exists()


def test_a_long_line_takes_no_more(order, monkeypatch):
    monkeypatch.setattr(tasks, "MOST", 2)
    batches = Batches(grace=600)
    for name in "ab":
        batches.start(order(name))
    with pytest.raises(SharpError, match="try again later"):
        batches.start(order("c"))
