import pytest
from PIL import Image

from sharpcli import batch
from sharpcli.errors import SharpError


def picture(path, size=(32, 32)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, "teal").save(path)
    return path


def targets(items, root):
    return sorted(item.target.relative_to(root).as_posix() for item in items)


def test_subfolders_are_mirrored_and_other_files_left_out(tmp_path, folder):
    (folder / "notes.txt").write_text("x")
    picture(folder / ".hidden" / "h.png")
    picture(folder / ".h.png")
    items = batch.plan([folder], tmp_path / "out", suffix="-sharp")
    assert targets(items, tmp_path / "out") == ["a.png", "sub/b.jpg", "sub/deep/ç.png"]


def test_subfolders_can_be_left_out_and_names_chosen(tmp_path, folder):
    assert len(batch.plan([folder], tmp_path / "out", suffix="", recursive=False)) == 1
    assert targets(batch.plan([folder], tmp_path / "out", suffix="", glob="*.jpg"), tmp_path / "out") == ["sub/b.jpg"]


def test_results_inside_the_input_folder_are_not_read_again(folder):
    picture(folder / "out" / "a.png")
    items = batch.plan([folder], folder / "out", suffix="")
    assert all("out" not in item.source.relative_to(folder).parts for item in items)


def test_a_symlink_loop_ends(folder, tmp_path):
    (folder / "sub" / "loop").symlink_to(folder)
    assert len(batch.plan([folder], tmp_path / "out", suffix="")) == 3


def test_without_an_output_folder_results_lie_beside_their_inputs(folder):
    items = batch.plan([folder, folder / "a.png"], None, suffix="-sharp")
    assert items[0].target == folder.with_name("in-sharp") / "a.png"
    assert items[-1].target == folder / "a-sharp.png"


def test_the_current_folder_can_be_the_input(folder, monkeypatch):
    monkeypatch.chdir(folder)
    items = batch.plan([type(folder)(".")], None, suffix="-sharp")
    assert items[0].target == folder.with_name("in-sharp") / "a.png"


def test_one_file_can_be_given_another_name_and_format(folder, tmp_path):
    (item,) = batch.plan([folder / "a.png"], tmp_path / "new" / "b.jpg", suffix="")
    assert item.target == tmp_path / "new" / "b.jpg"
    with pytest.raises(SharpError, match="would be overwritten"):
        batch.plan([folder / "a.png"], folder / "a.png", suffix="")


def test_two_endings_of_one_name_get_two_outputs(tmp_path):
    for name in ("a.jpg", "a.png", "b.png"):
        picture(tmp_path / "in" / name)
    items = batch.plan([tmp_path / "in"], tmp_path / "out", suffix="", format="webp")
    assert targets(items, tmp_path / "out") == ["a.jpg.webp", "a.png.webp", "b.webp"]


def test_one_output_for_two_inputs_is_refused(tmp_path):
    first, second = picture(tmp_path / "x" / "a.png"), picture(tmp_path / "y" / "a.png")
    with pytest.raises(SharpError, match=r"x/a\.png and .*y/a\.png"):
        batch.plan([first, second], tmp_path / "out", suffix="")


@pytest.mark.parametrize("whole", [True, False], ids=["folder", "file"])
def test_an_input_is_never_overwritten(folder, whole):
    inputs = [folder] if whole else [folder / "a.png"]
    with pytest.raises(SharpError, match="would be overwritten"):
        batch.plan(inputs, folder, suffix="")


@pytest.mark.parametrize(("name", "said"), [("missing", "no such file or folder"), ("empty", "no pictures found")])
def test_nothing_to_do_is_an_error(tmp_path, name, said):
    (tmp_path / "empty").mkdir()
    with pytest.raises(SharpError, match=said):
        batch.plan([tmp_path / name], tmp_path / "out", suffix="")


def test_a_failure_ends_only_its_own_picture(tmp_path, folder):
    (folder / "b.png").write_text("not a picture")
    seen = []
    items = batch.plan([folder], tmp_path / "out", suffix="")
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

    summary = batch.run(batch.plan([folder], tmp_path / "out", suffix=""), function)
    assert ["internal error" in outcome.reason for outcome in summary.failures()] == [True]
    assert summary.line().startswith("2 done, 1 failed")


def test_a_second_run_skips_what_is_there_unless_told_otherwise(tmp_path, folder):
    items = batch.plan([folder], tmp_path / "out", suffix="")
    batch.run(items[:1], lambda p: p)
    assert batch.run(items, lambda p: p).line().startswith("2 done, 1 skipped (already there)")
    assert batch.run(items, lambda p: p, on_existing="overwrite").line().startswith("3 done in")


def test_fail_fast_starts_nothing_after_a_failure(tmp_path):
    for index in range(40):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{index:02}.png").write_text("x")
    summary = batch.run(batch.plan([tmp_path / "in"], tmp_path / "out", suffix=""), lambda p: p, fail_fast=True)
    assert 1 <= len(summary.outcomes) <= 6


def test_an_interrupt_finishes_what_is_in_flight_and_says_so(tmp_path):
    for index in range(20):
        picture(tmp_path / "in" / f"{index}.png")
    seen = []

    def progress(outcome):
        seen.append(outcome)
        if len(seen) == 3:
            raise KeyboardInterrupt

    summary = batch.run(batch.plan([tmp_path / "in"], tmp_path / "out", suffix=""), lambda p: p, progress=progress)
    assert summary.interrupted
    assert summary.line().startswith("interrupted: ")
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len(written) == len(summary.outcomes) < 20
    assert not [name for name in written if name.startswith(".")]
