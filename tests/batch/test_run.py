import errno
import json
import os
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image as PILImage

from sharpcli.batch import job as work
from sharpcli.batch.dispatch import run
from sharpcli.batch.job import Job, Outcome
from sharpcli.batch.plan import MEMORY, Item, plan
from sharpcli.batch.run import Rules, run_batch
from sharpcli.errors import SharpError
from sharpcli.image.image import Image

SETTINGS = {"command": "test"}


def image(path, size=(32, 32)):
    path.parent.mkdir(parents=True, exist_ok=True)
    PILImage.new("RGB", size, "teal").save(path)
    return path


def unchanged(given, **_):
    return given


def batch(inputs, out, function=unchanged, settings=SETTINGS, progress=lambda outcome, in_hand: None, **rules):
    return run_batch(plan(inputs, out, suffix="-done"), Job(function), settings, Rules(**rules), progress)


def results(out):
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file() and path.name != MEMORY)


def test_a_failure_ends_only_its_own_image(tmp_path, folder):
    (folder / "b.png").write_text("not an image at all")
    seen = []
    summary = batch([folder], tmp_path / "out", progress=lambda outcome, in_hand: seen.append(outcome))
    assert [outcome.item.source.name for outcome in summary.failures()] == ["b.png"]
    assert len(seen) == 4
    assert summary.line().startswith("3 done, 1 failed in ")
    assert results(tmp_path / "out") == ["a.png", "sub/b.jpg", "sub/deep/ç.png"]


def test_an_outcome_tells_sizes_and_time(tmp_path, folder):
    (outcome,) = batch([folder / "a.png"], tmp_path / "out").outcomes
    assert (outcome.status, outcome.size, outcome.out_size) == ("done", (128, 96), (128, 96))
    assert outcome.in_bytes == (folder / "a.png").stat().st_size
    assert outcome.out_bytes == (tmp_path / "out" / "a.png").stat().st_size
    assert outcome.seconds > 0


def test_a_mistake_of_ours_is_named_and_the_rest_is_done(tmp_path, folder):
    def function(given, **_):
        if given.pixels.shape[0] == 64:
            raise KeyError("oops")
        return given

    summary = batch([folder], tmp_path / "out", function)
    assert ["internal error" in outcome.reason for outcome in summary.failures()] == [True]
    assert summary.line().startswith("2 done, 1 failed")


def test_a_second_run_does_only_what_is_missing_unless_told_otherwise(tmp_path, folder):
    batch([folder], tmp_path / "out")
    (tmp_path / "out" / "a.png").unlink()
    assert batch([folder], tmp_path / "out").line().startswith("1 done, 2 skipped (already exist)")
    assert batch([folder], tmp_path / "out", on_existing="overwrite").line().startswith("3 done in")
    with pytest.raises(SharpError, match="already exists"):
        batch([folder], tmp_path / "out", on_existing="error")


def test_other_settings_are_refused_until_all_is_to_be_redone(tmp_path, folder):
    def smaller(given, **_):
        return Image(given.pixels[:50], given.mode, given.metadata)

    batch([folder], tmp_path / "out")
    with pytest.raises(SharpError, match="different settings"):
        batch([folder], tmp_path / "out", smaller, {"command": "cut"})
    assert PILImage.open(tmp_path / "out" / "a.png").height == 96

    # Interrupted, the next run with the new settings takes no old result for a new one.
    asked = iter([KeyboardInterrupt])

    def stop(outcome, in_hand):
        for interrupt in asked:
            raise interrupt

    changed = {"settings": {"command": "cut"}, "function": smaller}
    assert batch([folder], tmp_path / "out", **changed, on_existing="overwrite", progress=stop).interrupted
    batch([folder], tmp_path / "out", **changed)
    assert {PILImage.open(tmp_path / "out" / name).height for name in results(tmp_path / "out")} == {50}


def test_a_users_own_file_in_the_output_folder_is_left_alone(tmp_path, folder):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.png").write_bytes(b"mine")
    assert batch([folder], tmp_path / "out").line().startswith("2 done, 1 skipped")
    assert (tmp_path / "out" / "a.png").read_bytes() == b"mine"


def test_left_overs_of_a_killed_run_are_removed(tmp_path, folder):
    (tmp_path / "out" / "sub").mkdir(parents=True)
    for left in (tmp_path / "out" / ".sharpcli-1.part", tmp_path / "out" / "sub" / ".sharpcli-2.part"):
        left.write_bytes(b"half")
    batch([folder], tmp_path / "out")
    assert results(tmp_path / "out") == ["a.png", "sub/b.jpg", "sub/deep/ç.png"]


class Lost(ThreadPoolExecutor):
    """An executor whose cluster is gone after two images."""

    taken = 0

    def submit(self, *arguments):
        self.taken += 1
        if self.taken > 2:
            raise SharpError("lost the scheduler")
        return super().submit(*arguments)


def test_an_executor_that_is_lost_leaves_a_report_of_what_was_reached(tmp_path, monkeypatch):
    for index in range(9):
        image(tmp_path / "in" / f"{index}.png")
    monkeypatch.setattr("sharpcli.batch.executors.ThreadPoolExecutor", Lost)
    summary = batch([tmp_path / "in"], tmp_path / "out", reports=(tmp_path / "report.csv",))
    assert summary.counts() == {"done": 2, "skipped": 0, "failed": 0, "not_reached": 7}
    assert summary.trouble == "lost the scheduler"
    rows = (tmp_path / "report.csv").read_text().splitlines()[1:]
    assert sum("not reached,lost the scheduler" in row for row in rows) == 7


def test_fail_fast_starts_nothing_after_a_failure(tmp_path):
    for index in range(40):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{index:02}.png").write_text("x")
    summary = batch([tmp_path / "in"], tmp_path / "out", fail_fast=True)
    assert 1 <= len(summary.outcomes) <= 6
    assert "not processed" in summary.line()


def test_an_interrupt_finishes_what_is_in_flight_and_says_so(tmp_path):
    for index in range(20):
        image(tmp_path / "in" / f"{index}.png")
    seen = []

    def progress(outcome, in_hand):
        seen.append(outcome)
        if len(seen) == 3:
            raise KeyboardInterrupt

    report = tmp_path / "report.json"
    summary = batch([tmp_path / "in"], tmp_path / "out", progress=progress, reports=[report])
    assert summary.interrupted
    assert summary.line().startswith("interrupted: ")
    assert len(results(tmp_path / "out")) == len(summary.outcomes) < 20
    assert report.read_text().count('"not reached"') == 20 - len(summary.outcomes)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left on device"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), "Read-only file system"),
        (MemoryError(), "not enough memory; use fewer --workers"),
    ],
)
def test_what_the_machine_refuses_is_one_line_and_the_rest_goes_on(tmp_path, folder, monkeypatch, error, message):
    write = work.write_image

    def refusing(result, target, *rest):
        if target.name == "a.png":
            raise error
        return write(result, target, *rest)

    monkeypatch.setattr(work, "write_image", refusing)
    summary = batch([folder], tmp_path / "out")
    assert [message in outcome.reason for outcome in summary.failures()] == [True]
    assert results(tmp_path / "out") == ["sub/b.jpg", "sub/deep/ç.png"]


def test_an_output_folder_that_cannot_be_made_fails_each_image_in_words(tmp_path, folder):
    (tmp_path / "file").touch()
    summary = batch([folder], tmp_path / "file" / "out")
    assert [outcome.status for outcome in summary.outcomes] == ["failed"] * 3
    assert all("\n" not in outcome.reason for outcome in summary.outcomes)


def test_a_file_that_vanishes_after_the_plan_is_one_line(tmp_path, folder):
    planned = plan([folder], tmp_path / "out", suffix="")
    (folder / "a.png").unlink()
    summary = run_batch(planned, Job(unchanged), SETTINGS, Rules())
    assert [outcome.reason for outcome in summary.failures()] == ["no such file"]


def test_a_report_that_cannot_be_written_ends_the_run_before_it_begins(tmp_path, folder):
    with pytest.raises(SharpError, match="must end in"):
        batch([folder], tmp_path / "out", reports=[tmp_path / "report.txt"])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("when", ["add", "close"])
def test_a_report_whose_disk_fills_up_costs_no_image(tmp_path, folder, monkeypatch, when):
    def full(self, *args):
        raise SharpError("report cannot be written (No space left on device)")

    monkeypatch.setattr(f"sharpcli.batch.report.BatchReport.{when}", full)
    summary = batch([folder], tmp_path / "out", reports=[tmp_path / "report.json"])
    assert summary.counts()["done"] == 3
    assert "No space left" in summary.trouble
    assert not (tmp_path / "report.json").exists()


def test_several_reports_tell_of_one_run_and_only_the_page_has_thumbnails(tmp_path, folder):
    reports = [tmp_path / "r" / f"report.{ending}" for ending in ("html", "csv", "json")]
    batch([folder], tmp_path / "out", reports=reports)
    texts = [report.read_text() for report in reports]
    assert all(str(Path("sub/b.jpg")) in text for text in texts)
    assert ["webp;base64" in text for text in texts] == [True, False, False]


@pytest.mark.parametrize("ending", ["json", "csv", "html"])
def test_a_report_told_from_a_base_names_nothing_above_it(tmp_path, folder, monkeypatch, ending):
    def refusing(result, target, *rest):
        if target.name == "b.jpg":
            raise RuntimeError(f"what lies at {target!s} or '{target!s}'")
        if target.name == "ç.png":
            target = folder / "a.png" / "x.png"
        return write(result, target, *rest)

    write = work.write_image
    monkeypatch.setattr(work, "write_image", refusing)
    (folder / "sub" / "broken.png").touch()
    report = tmp_path / f"report.{ending}"
    summary = batch([folder], tmp_path / "out", reports=[report], base=tmp_path)
    assert summary.line().startswith("1 done, 3 failed")
    text = report.read_text()
    assert str(tmp_path) not in text
    assert str(tmp_path.parent) not in text
    assert f"cannot be written to {Path('in/a.png/x.png')} (" in text
    assert f"out{os.sep}a.png" in text
    if ending == "json":
        document = json.loads(text)
        assert document["paths"] == "relative"
        assert [one["path"] for one in document["images"]] == [
            *("in/a.png", "in/sub/b.jpg", "in/sub/broken.png", "in/sub/deep/ç.png"),
        ]


def test_a_report_told_from_a_base_does_not_speak_of_going_on(tmp_path, folder):
    def stop(outcome, in_hand):
        for interrupt in asked:
            raise interrupt

    texts = []
    for base in (None, tmp_path):
        asked = iter([KeyboardInterrupt])
        report = tmp_path / "report.html"
        rules = {"reports": [report], "base": base, "on_existing": "overwrite"}
        assert batch([folder], tmp_path / "out", progress=stop, **rules).interrupted
        texts.append(report.read_text())
    assert ["The batch was stopped early." in text for text in texts] == [True, True]
    assert ["Repeat the same command to continue." in text for text in texts] == [True, False]


def test_settings_that_cannot_be_remembered_end_the_run_before_it_begins(tmp_path, folder):
    (tmp_path / "out" / MEMORY).mkdir(parents=True)
    with pytest.raises(SharpError, match=r"\.sharpcli\.json cannot be written"):
        batch([folder], tmp_path / "out")
    assert results(tmp_path / "out") == []


class Counted(Outcome):
    """An outcome that counts how often anybody asks what became of it."""

    asked = 0

    def __getattribute__(self, name):
        Counted.asked += name == "status"
        return super().__getattribute__(name)


class AtOnce(Executor):
    """Does nothing, and has done it when it is asked for."""

    def submit(self, function, item, job, watch):
        future = Future()
        future.set_result(Counted(item, "done"))
        return future


def test_fail_fast_asks_as_much_of_the_last_image_as_of_the_first():
    asked = []
    for count in (100, 1000):
        Counted.asked = 0
        items = [Item(Path(f"{index}.png"), Path(f"out/{index}.png")) for index in range(count)]
        assert len(run(items, Job(unchanged), AtOnce(), fail_fast=True).outcomes) == count
        asked.append(Counted.asked / count)
    assert asked[1] == asked[0] < 20
