from PIL import Image

from sharpcli import batch
from sharpcli.planning import plan


def picture(path, size=(32, 32)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, "teal").save(path)
    return path


def items_of(folder, out):
    return plan([folder], out, suffix="").items


def test_a_failure_ends_only_its_own_picture(tmp_path, folder):
    (folder / "b.png").write_text("not a picture")
    seen = []
    items = items_of(folder, tmp_path / "out")
    summary = batch.run(items, lambda p: p, progress=seen.append)
    assert [outcome.item.source.name for outcome in summary.failures()] == ["b.png"]
    assert len(seen) == 4
    assert summary.line().startswith("3 done, 1 failed in ")
    assert sum(item.target.exists() for item in items) == 3


def test_a_mistake_of_ours_is_named_and_the_rest_is_done(tmp_path, folder):
    def function(given):
        if given.pixels.shape[0] == 64:
            raise KeyError("oops")
        return given

    summary = batch.run(items_of(folder, tmp_path / "out"), function)
    assert ["internal error" in outcome.reason for outcome in summary.failures()] == [True]
    assert summary.line().startswith("2 done, 1 failed")


def test_a_second_run_skips_what_is_there_unless_told_otherwise(tmp_path, folder):
    items = items_of(folder, tmp_path / "out")
    batch.run(items[:1], lambda p: p)
    assert batch.run(items, lambda p: p).line().startswith("2 done, 1 skipped (already there)")
    assert batch.run(items, lambda p: p, on_existing="overwrite").line().startswith("3 done in")


def test_fail_fast_starts_nothing_after_a_failure(tmp_path):
    for index in range(40):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{index:02}.png").write_text("x")
    summary = batch.run(items_of(tmp_path / "in", tmp_path / "out"), lambda p: p, fail_fast=True)
    assert 1 <= len(summary.outcomes) <= 6


def test_an_interrupt_finishes_what_is_in_flight_and_says_so(tmp_path):
    for index in range(20):
        picture(tmp_path / "in" / f"{index}.png")
    seen = []

    def progress(outcome):
        seen.append(outcome)
        if len(seen) == 3:
            raise KeyboardInterrupt

    summary = batch.run(items_of(tmp_path / "in", tmp_path / "out"), lambda p: p, progress=progress)
    assert summary.interrupted
    assert summary.line().startswith("interrupted: ")
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len(written) == len(summary.outcomes) < 20
    assert not [name for name in written if name.startswith(".")]
