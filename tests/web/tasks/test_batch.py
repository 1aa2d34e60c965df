import threading
import zipfile
from functools import partial
from pathlib import Path

import pytest
from PIL import Image as PILImage

from sharpcli.batch.job import sharpening, written
from sharpcli.batch.plan import MEMORY
from sharpcli.errors import ImageError, SharpError
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.web.limits import Limits
from sharpcli.web.tasks import batch as running_batch
from sharpcli.web.tasks.batch import Order, RunningBatch


class Waiting(Enhancer):
    """Waits until it may go on."""

    name = "waiting"
    summary = "waits"
    receptive_radius = 0
    may = threading.Event()

    def enhance(self, pixels):
        assert self.may.wait(60)
        return pixels


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(running_batch, "EVERY", 0.01)
    Waiting.may.set()


@pytest.fixture
def batch(tmp_path):
    (tmp_path / "visit").mkdir()

    def batch(*uploads, format=None, **job):
        made, settings = written(*sharpening(Waiting()), format=format)
        order = Order(uploads, tmp_path / "visit", running_batch.replace(made, **job), settings, format)
        return RunningBatch(order, threading.Event())

    return batch


def run(batch):
    list(batch.steps())
    return {Path(row["path"]).as_posix(): (row["status"], row["reason"]) for row in batch.rows}


def images(folder, count, size=(40, 30)):
    folder.mkdir()
    for index in range(count):
        PILImage.new("RGB", size, "teal").save(folder / f"{index:02}.png")
    return sorted(folder.iterdir())


def archived(path, folder):
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder).as_posix())
    return path


def contents(path):
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_an_archive_alone_gives_its_name_to_the_results(tmp_path, folder, batch):
    running = batch(archived(tmp_path / "report.html.zip", folder))
    assert {status for status, _ in run(running).values()} == {"done"}
    assert running.order.archive.name == "report.html-sharp.zip"
    top = "report.html-sharp"
    assert contents(running.order.archive) == [
        *(f"{top}/a.png", f"{top}/sub/b.jpg", f"{top}/sub/deep/ç.png", "report.html", "report.csv"),
    ]


def test_what_could_not_be_taken_fails_beside_the_others(tmp_path, folder, batch):
    (tmp_path / "notes.txt").write_text("text")
    (tmp_path / "b.zip").write_text("text")
    (tmp_path / "c.png").write_text("text")
    given = [folder / "a.png", *(tmp_path / name for name in ("notes.txt", "b.zip", "c.png"))]
    running = batch(*given)
    assert run(running) == {
        "a.png": ("done", ""),
        "c.png": ("failed", "is not an image that can be read"),
        "notes.txt": ("failed", "is neither an image nor a zip archive"),
        "b.zip": ("failed", "is damaged or compressed with an unsupported method"),
    }
    assert running.total == 4
    assert running.summary.line().startswith("1 done, 3 failed")
    assert contents(running.order.archive) == ["images-sharp/a.png", "report.html", "report.csv"]
    for report in running.order.reports:
        assert "notes.txt" in report.read_text()
        assert str(tmp_path) not in report.read_text()


def test_where_everything_is_bad_there_is_still_a_report(tmp_path, batch):
    (tmp_path / "a.zip").write_text("text")
    running = batch(tmp_path / "a.zip")
    assert [status for status, _ in run(running).values()] == ["failed"]
    assert contents(running.order.archive) == ["report.html", "report.csv"]


def test_an_oversized_image_fails_alone_before_it_is_decoded(tmp_path, folder, batch):
    allow = partial(Limits(megapixels=0.014).allow, upscale=1)
    given = [folder / "a.png", folder / "sub" / "b.jpg"]
    assert run(batch(*given, allow=allow)) == {
        "a.png": ("done", ""),
        "b.jpg": ("failed", "has 0.1 megapixels; this page accepts up to 0.014"),
    }


def test_nothing_to_do_is_reported_in_words_without_paths(tmp_path, batch):
    (tmp_path / "empty").mkdir()
    with pytest.raises(SharpError, match="the uploads contain no images"):
        run(batch(archived(tmp_path / "a.zip", tmp_path / "empty")))


def test_uploads_that_were_deleted_meanwhile_are_asked_for_again(tmp_path, batch):
    with pytest.raises(SharpError, match="upload them again"):
        run(batch(tmp_path / "gone.png"))


def test_no_error_names_the_servers_folders(tmp_path, folder, batch, monkeypatch):
    def failing(planned, job, settings, rules, progress):
        raise SharpError(f"{planned.items[0].target} and {rules.base / 'x'} are in the way")

    monkeypatch.setattr("sharpcli.batch.run.run_batch", failing)
    running = batch(folder / "a.png")
    with pytest.raises(SharpError, match=r"^images-sharp.a\.png and x are in the way$"):
        run(running)
    assert not running.order.folder.exists()


def test_stop_finishes_what_is_in_hand_and_packs_what_is_done(tmp_path, batch):
    running = batch(*images(tmp_path / "many", 12))
    Waiting.may.clear()
    steps = running.steps()
    next(steps)
    while not (running.order.results / MEMORY).exists():
        next(steps)
    running.stopping.set()
    Waiting.may.set()
    list(steps)
    assert running.summary.interrupted
    done = len(running.rows)
    assert 1 <= done < 12
    assert len(contents(running.order.archive)) == done + 2
    assert running.order.reports[1].read_text().count("not reached") == 12 - done


def test_stop_before_anything_was_begun_leaves_nothing(tmp_path, folder, batch):
    running = batch(folder / "a.png")
    running.stopping.set()
    with pytest.raises(SharpError, match="stopped before any image was processed"):
        run(running)
    assert not running.order.folder.exists()


@pytest.mark.parametrize("deleted", [False, True])
def test_whoever_leaves_ends_it_and_leaves_no_files(tmp_path, batch, deleted):
    running = batch(*images(tmp_path / "many", 12))
    Waiting.may.clear()
    steps = running.steps()
    next(steps)
    while not (running.order.results / MEMORY).exists():
        next(steps)
    if deleted:  # the page deletes a visit's folders by itself, maybe sooner than the batch hears of it
        running_batch.shutil.rmtree(running.order.folder)
    else:
        steps.close()
    Waiting.may.set()
    (worker,) = [thread for thread in threading.enumerate() if "_work" in thread.name]
    worker.join(60)
    assert not running.order.folder.exists()
    assert len(running.rows) < 12
    if deleted:
        with pytest.raises(SharpError, match="deleted in the meantime"):
            list(steps)


def test_a_limit_is_one_for_files_and_headers(folder):
    with pytest.raises(ImageError, match="when enlarged 2 times; this page accepts up to"):
        Limits(megapixels=0.02).check(folder / "a.png", upscale=2)
