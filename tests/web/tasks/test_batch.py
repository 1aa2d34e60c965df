import shutil
import threading
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PIL import Image as PILImage
from PIL import ImageCms

from sharpcli.batch.job import sharpening, written
from sharpcli.batch.plan import MEMORY
from sharpcli.errors import ImageError, SharpError
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.web.limits import Limits
from sharpcli.web.tasks.batch import Order, RunningBatch
from tests.web.conftest import eventually


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
def unhindered():
    Waiting.may.set()


@pytest.fixture
def batch(tmp_path):
    (tmp_path / "visit").mkdir()

    def batch(*uploads, format=None, **job):
        made, settings = written(*sharpening(Waiting()), format=format)
        return RunningBatch(Order(uploads, tmp_path / "visit", replace(made, **job), settings, format))

    return batch


def run(batch):
    batch.run()
    assert not batch.problem
    return {file.name: (file.row["status"], file.row["reason"]) for file in batch.files}


@contextmanager
def begun(batch):
    """While the first images are in progress; afterwards they may go on, and the batch has ended."""
    Waiting.may.clear()
    worker = threading.Thread(target=batch.run)
    worker.start()
    assert eventually((batch.order.results / MEMORY).exists)
    yield
    Waiting.may.set()
    worker.join(60)
    assert not batch.doing


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
    assert len(running.files) == 4
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
    running = batch(archived(tmp_path / "a.zip", tmp_path / "empty"))
    running.run()
    assert running.problem == "the uploads contain no images"
    assert not running.order.folder.exists()


def test_no_error_names_the_servers_folders(folder, batch, monkeypatch):
    def failing(planned, job, settings, rules, progress):
        raise SharpError(f"{planned.items[0].target} and {rules.base / 'x'} are in the way")

    monkeypatch.setattr("sharpcli.batch.run.run_batch", failing)
    running = batch(folder / "a.png")
    running.run()
    assert running.problem.replace("\\", "/") == "images-sharp/a.png and x are in the way"
    assert not running.order.folder.exists()


def test_stop_finishes_what_is_in_hand_and_packs_what_is_done(tmp_path, batch):
    running = batch(*images(tmp_path / "many", 12))
    with begun(running):
        running.stopping.set()
    assert running.summary.interrupted
    done = running.over
    assert 1 <= done < 12
    assert len(contents(running.order.archive)) == done + 2
    assert running.order.reports[1].read_text().count("not reached") == 12 - done


def test_stop_before_anything_was_begun_leaves_nothing(folder, batch):
    running = batch(folder / "a.png")
    running.stopping.set()
    running.run()
    assert running.problem == "stopped before any image was processed"
    assert not running.order.folder.exists()


@pytest.mark.parametrize("deleted", [False, True])
def test_whoever_leaves_ends_it_and_leaves_no_files(tmp_path, batch, deleted):
    running = batch(*images(tmp_path / "many", 12))
    with begun(running):
        if deleted:  # the page deletes old folders by itself
            shutil.rmtree(running.order.folder)
        else:
            running.abandon()
    assert not running.order.folder.exists()
    assert running.over < 12
    assert ("deleted in the meantime" if deleted else "the page was closed") in running.problem


def test_whoever_comes_back_in_time_finds_it_going_on(tmp_path, batch):
    running = batch(*images(tmp_path / "many", 3))
    with begun(running):
        running.abandon()
        running.hear()
    assert not running.problem
    assert running.over == 3


def test_the_time_that_is_left_is_known_from_the_first_image_on_and_falls(tmp_path, batch):
    running = batch(*images(tmp_path / "many", 4))
    left = []
    running._progress = lambda *told, tell=running._progress: (tell(*told), left.append(running.seconds_left))
    assert running.seconds_left is None
    run(running)
    assert left[0] > 0
    assert left[-1] == 0


def test_each_result_can_be_seen_and_downloaded_before_the_batch_ends(tmp_path, folder, batch):
    running = batch(folder / "a.png", *images(tmp_path / "many", 1))
    run(running)
    file = next(file for file in running.files if file.name == "a.png")
    assert file.download.name == "a-sharp.png"
    assert file.download.read_bytes() == file.target.read_bytes()
    for path in (*file.thumbnails, *file.on_screen()):
        with PILImage.open(path) as shown:
            assert (shown.format, shown.size) == ("WEBP", (128, 96))


def test_a_large_image_is_seen_at_the_size_of_a_screen_in_its_own_colours(tmp_path, batch):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    PILImage.new("RGB", (2400, 1200), "teal").save(tmp_path / "large.jpg", icc_profile=profile)
    running = batch(tmp_path / "large.jpg")
    run(running)
    for path in running.files[0].on_screen():
        with PILImage.open(path) as shown:
            assert shown.size == (1600, 800)
            assert shown.info["icc_profile"] == profile


def test_of_an_animation_the_thumbnails_are_seen(tmp_path, batch):
    frames = [PILImage.new("RGB", (60, 40), color) for color in ("teal", "navy")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    running = batch(tmp_path / "a.gif")
    run(running)
    assert running.files[0].on_screen() == running.files[0].thumbnails


def test_a_heic_becomes_a_jpeg_unless_another_format_is_asked_for(tmp_path, photo, batch):
    heif = pytest.importorskip("pillow_heif", reason="needs the extra heic")
    pixels = np.ascontiguousarray(photo[:64, :96])
    heif.from_bytes("RGB", (96, 64), pixels.tobytes()).save(tmp_path / "IMG_1.HEIC")
    running = batch(tmp_path / "IMG_1.HEIC")
    assert [status for status, _ in run(running).values()] == ["done"]
    assert running.files[0].download.name == "IMG_1-sharp.jpg"
    assert all(path.is_file() for path in running.files[0].on_screen())


def test_a_limit_is_one_for_files_and_headers(folder):
    with pytest.raises(ImageError, match="when enlarged 2 times; this page accepts up to"):
        Limits(megapixels=0.02).check(folder / "a.png", upscale=2)
