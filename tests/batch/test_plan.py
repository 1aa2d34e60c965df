import os
import unicodedata
from functools import partial
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from PIL import Image as PILImage

from sharpcli.batch import plan as planning
from sharpcli.batch import targets
from sharpcli.batch.plan import MEMORY, passed_over, plan
from sharpcli.errors import SharpError


def image(path, size=(32, 32)):
    path.parent.mkdir(parents=True, exist_ok=True)
    PILImage.new("RGB", size, "teal").save(path)
    return path


def files(root, *names):
    """Empty files: what is in them is no concern of a plan."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def planned(inputs, out, suffix="", **options):
    """The targets below `out` as posix paths, in the plan's order."""
    return [item.target.relative_to(out).as_posix() for item in plan(inputs, out, suffix=suffix, **options).items]


def by_source(inputs, out, **options):
    """Targets below `out` by the name of their source."""
    items = plan(inputs, out, suffix="", **options).items
    return {item.source.name: item.target.relative_to(out).as_posix() for item in items}


@pytest.fixture
def careless_disk(monkeypatch):
    """As if the results went to a disk of their own, of which nothing is known."""
    monkeypatch.setattr(targets, "_distinct", lambda group: False)


def test_subfolders_are_mirrored_and_other_files_left_out(tmp_path, folder):
    (folder / "notes.txt").write_text("x")
    image(folder / ".hidden" / "h.png")
    image(folder / ".h.png")
    found = plan([folder], tmp_path / "out", suffix="-sharp")
    assert [item.target.relative_to(tmp_path / "out").as_posix() for item in found.items] == [
        "a.png",
        "sub/b.jpg",
        "sub/deep/ç.png",
    ]
    assert (found.roots, found.unreadable) == ((tmp_path / "out",), [])


def test_subfolders_can_be_left_out(tmp_path, folder):
    assert planned([folder], tmp_path / "out", recursive=False) == ["a.png"]


TREE = ("IMG_1.JPG", "a.png", "raw/a.png", "trip/raw/b.png", "trip/c.png", "trip/été.webp")


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({"glob": ["*.jpg"]}, ["IMG_1.JPG"]),
        ({"glob": ["img*", "B.png"]}, ["IMG_1.JPG", "trip/raw/b.png"]),
        ({"glob": ["trip/*.png"]}, ["trip/c.png", "trip/raw/b.png"]),
        ({"glob": ["**/a.png"]}, ["a.png", "raw/a.png"]),
        ({"glob": [unicodedata.normalize("NFD", "É*")]}, ["trip/été.webp"]),
        ({"exclude": ["RAW"]}, ["IMG_1.JPG", "a.png", "trip/c.png", "trip/été.webp"]),
        ({"exclude": ["trip/raw/", "*.webp"]}, ["IMG_1.JPG", "a.png", "raw/a.png", "trip/c.png"]),
        ({"exclude": ["./raw/a.png", "trip"]}, ["IMG_1.JPG", "a.png"]),
        ({"exclude": ["raw/x"]}, list(TREE)),
        ({"glob": ["*.png"], "exclude": ["a.*"]}, ["trip/c.png", "trip/raw/b.png"]),
    ],
)
def test_patterns_choose_by_name_or_path_whatever_the_letter_case(tmp_path, options, left):
    files(tmp_path / "in", *TREE)
    assert sorted(planned([tmp_path / "in"], tmp_path / "out", **options)) == sorted(left)


def test_patterns_that_leave_nothing_are_named(tmp_path, folder):
    with pytest.raises(SharpError, match="--glob and --exclude"):
        plan([folder], tmp_path / "out", suffix="", glob=["*.bmp"])


def test_a_file_named_by_itself_is_taken_whatever_its_name(tmp_path):
    files(tmp_path, ".hidden.png", "._x.jpg", "odd.xyz")
    inputs = [tmp_path / ".hidden.png", tmp_path / "._x.jpg", tmp_path / "odd.xyz"]
    assert planned(inputs, tmp_path / "out", glob=["*.webp"], exclude=["*"]) == [".hidden.png", "._x.jpg", "odd.xyz"]


@pytest.mark.parametrize(
    "name", [".x", "._a.jpg", "__MACOSX", "@eaDir", "$Recycle.Bin", "System Volume Information", "lost+found"]
)
def test_hidden_and_system_folders_are_passed_over_unless_named(tmp_path, name):
    files(tmp_path / "in", "a.png", f"{name}/b.png")
    assert passed_over(name)
    assert planned([tmp_path / "in"], tmp_path / "out") == ["a.png"]
    assert planned([tmp_path / "in" / name], tmp_path / "out") == ["b.png"]


@pytest.mark.parametrize("name", ["a.jpg", "_a.jpg", "thumbs.png", "lost", "MACOSX", "-a.png", "a.b"])
def test_ordinary_names_are_not_passed_over(name):
    assert not passed_over(name)


def test_symlinked_files_are_taken_and_symlinked_folders_only_by_name(tmp_path, folder):
    elsewhere = files(tmp_path / "elsewhere", "far.png", "more/b.png")
    (folder / "sub" / "loop").symlink_to(folder)
    (folder / "away").symlink_to(elsewhere)
    (folder / "link.png").symlink_to(elsewhere / "far.png")
    (folder / "nowhere.png").symlink_to(tmp_path / "missing.png")
    (folder / "circle.png").symlink_to(folder / "circle.png")
    assert sorted(planned([folder], tmp_path / "out")) == [
        *("a.png", "circle.png", "link.png", "nowhere.png", "sub/b.jpg", "sub/deep/ç.png")
    ]
    assert planned([folder / "away"], tmp_path / "out") == ["far.png", "more/b.png"]
    assert planned([folder / "nowhere.png"], tmp_path / "out") == ["nowhere.png"]
    files(tmp_path / "out", "a.png")
    assert len(planned([folder], tmp_path / "out")) == 6


def test_a_pipe_is_not_waited_for(tmp_path):
    files(tmp_path / "in", "a.png")
    os.mkfifo(tmp_path / "in" / "pipe.png")
    assert planned([tmp_path / "in"], tmp_path / "out") == ["a.png"]
    with pytest.raises(SharpError, match="neither a file nor a folder"):
        plan([tmp_path / "in" / "pipe.png"], tmp_path / "out", suffix="")


def test_without_an_output_folder_results_lie_beside_their_inputs(folder):
    found = plan([folder, folder / "a.png"], None, suffix="-sharp")
    assert found.items[0].target == folder.with_name("in-sharp") / "a.png"
    assert found.items[-1].target == folder / "a-sharp.png"
    assert found.roots == (folder.with_name("in-sharp"),)


def test_the_current_folder_can_be_the_input(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert plan([Path()], None, suffix="-sharp").items[0].target == folder.with_name("in-sharp") / "a.png"


def test_the_topmost_folder_needs_an_output_folder():
    with pytest.raises(SharpError, match="--out"):
        plan([Path("/")], None, suffix="-sharp")


def test_one_file_can_be_given_another_name_and_format(folder, tmp_path):
    found = plan([folder / "a.png"], tmp_path / "new" / "b.jpg", suffix="")
    assert ([item.target for item in found.items], found.roots) == ([tmp_path / "new" / "b.jpg"], ())
    assert plan([folder / "a.png"], tmp_path / "b.jpg", suffix="", format="jpg").items[0].target == tmp_path / "b.jpg"
    with pytest.raises(SharpError, match="disagree"):
        plan([folder / "a.png"], tmp_path / "b.jpg", suffix="", format="png")


def test_an_input_named_twice_is_done_once(tmp_path, folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert planned([folder, folder / "a.png", Path("a.png"), folder], tmp_path / "out") == [
        *("a.png", "sub/b.jpg", "sub/deep/ç.png")
    ]


# Names that meet


def test_two_endings_of_one_name_get_two_outputs(tmp_path):
    files(tmp_path / "in", "a.jpg", "a.png", "b.png")
    assert planned([tmp_path / "in"], tmp_path / "out") == ["a.jpg", "a.png", "b.png"]
    expected = ["a.jpg.webp", "a.png.webp", "b.webp"]
    assert planned([tmp_path / "in"], tmp_path / "out", format="webp") == expected


def test_two_endings_of_one_name_keep_their_suffix_beside_the_inputs(tmp_path):
    files(tmp_path, "a.jpg", "a.png")
    items = plan([tmp_path / "a.jpg", tmp_path / "a.png"], None, suffix="-sharp", format="webp").items
    assert [item.target.name for item in items] == ["a.jpg-sharp.webp", "a.png-sharp.webp"]


def test_a_longer_name_that_is_taken_already_goes_to_neither(tmp_path):
    files(tmp_path / "in", "a.jpg", "a.png", "a.jpg.png")
    found = by_source([tmp_path / "in"], tmp_path / "out", format="webp")
    assert found["a.png"] == "a.png.webp"
    assert found["a.jpg.png"] == "a.jpg.png.webp"
    assert found["a.jpg"].startswith("a.jpg-")
    assert found["a.jpg"].endswith(".webp")


def test_no_result_of_an_earlier_run_passes_for_another_input_that_came_later(tmp_path):
    """Names given once belong to one input for good, or a rerun would skip an image that was never done."""
    owners = {}
    for name in ("a.jpg.png", "a.png", "a.jpg", "A.jpg", "a.webp", "a.jpeg"):
        files(tmp_path / "in", name)
        for source, target in by_source([tmp_path / "in"], tmp_path / "out", format="webp").items():
            assert owners.setdefault(target, source) == source


def test_nor_for_one_without_an_ending_that_came_later(tmp_path):
    owners = {}
    for name in ("a.jpg", "a", "a.dat", "a.dat.png", "a.png"):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"\xff\xd8\xff\xe0")
        for source, target in by_source([tmp_path / "in"], tmp_path / "out", format="webp").items():
            assert owners.setdefault(target, source) == source
    assert by_source([tmp_path / "in"], tmp_path / "out") == {name: name for name in set(owners.values())}


def test_a_file_and_a_folder_do_not_fight_over_one_name(tmp_path):
    files(tmp_path / "in", "a.jpg", "a.webp/b.png")
    assert planned([tmp_path / "in"], tmp_path / "out", format="webp") == ["a.jpg.webp", "a.webp/b.webp"]


def test_one_output_for_two_inputs_is_refused(tmp_path):
    files(tmp_path, "x/a.png", "y/a.png")
    message = r"x/a\.png and .*y/a\.png would both be written to .*out/a\.png; process them separately"
    for inputs in ([tmp_path / "x", tmp_path / "y"], [tmp_path / "x" / "a.png", tmp_path / "y" / "a.png"]):
        with pytest.raises(SharpError, match=message):
            plan(inputs, tmp_path / "out", suffix="")


def key(target):
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", str(target)).casefold())


TWINS = [("A.png", "a.png"), ("é.png", unicodedata.normalize("NFD", "é.png")), ("Sub/a.png", "sub/a.png")]


def tells_apart(folder, names):
    files(folder, *names)
    return len({(folder / name).stat().st_ino for name in names}) == len(names)


@pytest.mark.parametrize("names", TWINS)
def test_names_that_differ_in_case_or_accents_stay_as_they_are_on_one_disk(tmp_path, names):
    if not tells_apart(tmp_path / "in", names):
        pytest.skip("this disk takes them for one")
    assert planned([tmp_path / "in"], tmp_path / "out") == sorted(names)


@pytest.mark.parametrize("names", TWINS)
def test_names_that_differ_in_case_or_accents_are_told_apart_on_another_disk(tmp_path, careless_disk, names):
    if not tells_apart(tmp_path / "in", names):
        pytest.skip("this disk takes them for one")
    found = planned([tmp_path / "in"], tmp_path / "out")
    assert len({unicodedata.normalize("NFC", name).casefold() for name in found}) == 2
    files(tmp_path / "out", *found)
    assert planned([tmp_path / "in"], tmp_path / "out") == found, "the same names once the results are there"


def test_one_disk_is_known_by_its_number_and_two_files_by_theirs(tmp_path):
    shared = Path("/dev/shm")
    if not tells_apart(tmp_path / "in", TWINS[0]):
        pytest.skip("this disk takes them for one")
    if shared.is_dir() and shared.stat().st_dev != tmp_path.stat().st_dev:
        elsewhere = plan([tmp_path / "in"], shared / "sharpcli-plans-only", suffix="").items
        assert len({key(item.target) for item in elsewhere}) == 2
    # A careless disk shows one file under both names, as here a hard link does.
    (tmp_path / "in" / "a.png").unlink()
    (tmp_path / "in" / "a.png").hardlink_to(tmp_path / "in" / "A.png")
    items = plan([tmp_path / "in" / "a.png", tmp_path / "in" / "A.png"], tmp_path / "out", suffix="").items
    assert len({key(item.target) for item in items}) == 2


def test_folders_that_differ_in_case_share_no_output(tmp_path):
    if not tells_apart(tmp_path, ("X/a.png", "x/a.png")):
        pytest.skip("this disk takes them for one")
    with pytest.raises(SharpError, match=r"X/a\.png and .*x/a\.png would both be written"):
        plan([tmp_path / "X", tmp_path / "x"], tmp_path / "out", suffix="")


# What must not be read, and what must not be written


def test_results_inside_the_input_folder_are_not_read_again(folder):
    image(folder / "out" / "a.png")
    assert planned([folder], folder / "out") == ["a.png", "sub/b.jpg", "sub/deep/ç.png"]


def test_results_of_earlier_runs_are_not_read_again_unless_named(tmp_path, folder):
    files(folder, f"sub/old/{MEMORY}", "sub/old/a.png", "sub/old/deeper/b.png", MEMORY)
    assert planned([folder], tmp_path / "out") == ["a.png", "sub/b.jpg", "sub/deep/ç.png"]
    assert planned([folder / "sub" / "old"], tmp_path / "out") == ["a.png", "deeper/b.png"]


def test_results_beside_an_input_folder_are_not_read_with_the_other_input(tmp_path):
    files(tmp_path, "in/a.png", "in/trip/b.png", "in/trip-sharp/b.png")
    items = plan([tmp_path / "in", tmp_path / "in" / "trip"], None, suffix="-sharp").items
    assert [item.source.relative_to(tmp_path).as_posix() for item in items] == [
        *("in/a.png", "in/trip/b.png", "in/trip/b.png")
    ]


def test_the_input_folder_can_lie_inside_the_output_folder(tmp_path):
    files(tmp_path, "out/in/a.png", "out/in/sub/b.png")
    assert planned([tmp_path / "out" / "in"], tmp_path / "out") == ["a.png", "sub/b.png"]


def test_results_among_the_inputs_are_refused(tmp_path):
    files(tmp_path, "out/in/a.png", "out/in/in/b.png", "more/c.png")
    with pytest.raises(SharpError, match="is inside input folder"):
        plan([tmp_path / "out" / "in"], tmp_path / "out", suffix="")
    with pytest.raises(SharpError, match="is inside input folder"):
        plan([tmp_path / "more", tmp_path / "out"], tmp_path / "out", suffix="", format="webp")


@pytest.mark.parametrize("whole", [True, False], ids=["folder", "file"])
def test_an_input_is_never_overwritten(folder, whole):
    inputs = [folder] if whole else [folder / "a.png"]
    for out in (folder, folder / "sub" / ".."):
        with pytest.raises(SharpError, match="could overwrite inputs" if whole else "would be overwritten"):
            plan(inputs, out, suffix="")


def test_an_input_is_not_overwritten_under_another_name_either(tmp_path, folder):
    (tmp_path / "alias").symlink_to(folder)
    with pytest.raises(SharpError, match="could overwrite inputs"):
        plan([folder], tmp_path / "alias", suffix="")
    with pytest.raises(SharpError, match="would be overwritten"):
        plan([folder / "a.png"], tmp_path / "alias" / "a.png", suffix="")
    (folder / "nowhere.png").symlink_to(tmp_path / "missing.png")
    with pytest.raises(SharpError, match="would be overwritten"):
        plan([folder / "nowhere.png"], tmp_path / "alias", suffix="")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.png").hardlink_to(folder / "sub" / "b.jpg")
    with pytest.raises(SharpError, match=r"out/a\.png is an input and would be overwritten"):
        plan([folder], tmp_path / "out", suffix="")


# What can go wrong


@pytest.mark.parametrize(("name", "message"), [("missing", "no such file or folder"), ("empty", "no images found")])
def test_nothing_to_do_is_an_error(tmp_path, name, message):
    (tmp_path / "empty").mkdir()
    with pytest.raises(SharpError, match=message):
        plan([tmp_path / name], tmp_path / "out", suffix="")


@pytest.mark.parametrize("name", ["x" * 300, "a.png/b.png"])
def test_an_impossible_input_is_refused_in_words(tmp_path, name):
    files(tmp_path, "a.png")
    with pytest.raises(SharpError):
        plan([tmp_path / name], tmp_path / "out", suffix="")


def test_an_output_folder_of_an_impossible_name_does_not_crash_the_plan(tmp_path, folder):
    assert len(plan([folder], tmp_path / ("x" * 300), suffix="").items) == 3


@pytest.fixture
def too_deep(tmp_path):
    """A folder of one image and a tree so deep that its bottom cannot be reached by its path."""
    files(tmp_path / "deep", "a.png")
    here = os.open(tmp_path / "deep", os.O_RDONLY)
    for _ in range(22):
        os.mkdir("d" * 200, dir_fd=here)
        above, here = here, os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(above)
    os.close(here)
    return tmp_path / "deep"


def test_a_folder_that_cannot_be_read_is_listed_and_the_rest_is_planned(tmp_path, too_deep):
    found = plan([too_deep], tmp_path / "out", suffix="")
    assert [item.source.name for item in found.items] == ["a.png"]
    ((path, reason),) = found.unreadable
    assert path.is_relative_to(too_deep)
    assert reason.startswith("cannot be read (")


@pytest.fixture
def very_deep(tmp_path):
    """More folders in one another than Python's stack holds calls; removed here, as pytest's own stack does not."""
    folders = [tmp_path / "in"]
    for _ in range(1200):
        folders.append(folders[-1] / "d")
    for folder in folders:
        folder.mkdir()
    (folders[-1] / "a.png").touch()
    yield folders[0]
    (folders[-1] / "a.png").unlink()
    for folder in reversed(folders):
        folder.rmdir()


@pytest.mark.slow
def test_a_tree_deeper_than_pythons_stack_is_planned(tmp_path, very_deep):
    assert len(plan([very_deep], tmp_path / "out", suffix="").items) == 1


@pytest.mark.parametrize("stem", ["x" * 251, "é" * 125, "日" * 83, "x" * 246])
def test_a_name_too_long_for_its_suffix_is_shortened_and_can_be_written(tmp_path, stem):
    files(tmp_path, f"{stem}.png")
    (item,) = plan([tmp_path / f"{stem}.png"], None, suffix="-sharp").items
    item.target.touch()
    assert item.target.name.startswith(stem[:50])
    assert item.target.name.endswith("-sharp.png")
    assert plan([tmp_path / f"{stem}.png"], None, suffix="-sharp").items[0].target == item.target


def test_two_long_names_stay_apart_when_shortened(tmp_path):
    files(tmp_path, *(f"{'x' * 250}{last}.png" for last in "ab"))
    sources = sorted(tmp_path.glob("*.png"))
    assert len({item.target for item in plan(sources, None, suffix="-sharp").items}) == 2


def test_a_name_of_nothing_but_its_ending_is_refused_when_too_long(tmp_path):
    name = f"a.{'x' * 250}"
    files(tmp_path, name)
    with pytest.raises(SharpError, match="too long"):
        plan([tmp_path / name], None, suffix="-sharp")


# Names in general

# What Linux takes: any bytes but "/" and NUL. Few letters, so that names often meet.
letters = st.sampled_from(
    [*"aAb", "é", "E\u0301", "ß", "ss", "日", ".", " ", "-", "\n", "\x1b", "\udcff", "*", "[", "\\"]
)
stems = st.lists(letters, min_size=1, max_size=3).map("".join)
long_stems = st.builds(
    lambda letter, count: letter * count, st.sampled_from(["x", "é", "\udcff"]), st.integers(110, 125)
)
names = st.builds("{}.{}".format, stems | long_stems, st.sampled_from(["png", "PNG", "jpg", "webp", "png.jpg"]))
paths = st.lists(stems.filter(lambda stem: stem.strip(".")), max_size=2).flatmap(
    lambda folders: names.map(lambda name: "/".join([*folders, name]))
)


@pytest.mark.slow
@pytest.mark.parametrize("another_disk", [True, False])
@given(relative=st.sets(paths, min_size=1, max_size=8), format=st.sampled_from([None, "webp", "png"]))
@example(relative={"a.png", "A.png", "a.jpg", "a.png.jpg", "a.png.webp"}, format="webp")
def test_whatever_the_names_every_image_gets_a_target_of_its_own(tmp_path_factory, another_disk, relative, format):
    root, out = tmp_path_factory.mktemp("any"), tmp_path_factory.mktemp("out")
    try:
        files(root, *relative)
    except (OSError, UnicodeError):
        assume(False)
    visible = [name for name in relative if not any(passed_over(part) for part in name.split("/"))]
    assume(visible)
    with pytest.MonkeyPatch.context() as patch:
        if another_disk:
            patch.setattr(targets, "_distinct", lambda group: False)
        items = plan([root], out, suffix="", format=format).items
        assert {item.source for item in items} == {root / name for name in visible}
        assert len({key(item.target) if another_disk else item.target for item in items}) == len(items)
        sources = {item.source for item in items}
        for item in items:
            assert item.target.is_relative_to(out)
            assert item.target.parent.relative_to(out) == item.source.parent.relative_to(root)
            assert item.target.suffix == (item.source.suffix if format is None else f".{format}")
            assert item.target not in sources
            item.target.parent.mkdir(parents=True, exist_ok=True)
            item.target.touch()
        assert plan([root], out, suffix="", format=format).items == items, "the same once the results are there"
        one_by_one = plan([item.source for item in reversed(items)], None, suffix="-sharp", format=format).items
        assert len({item.target for item in one_by_one}) == len(items)
        backwards = plan([item.source for item in items], None, suffix="-sharp", format=format).items
        assert list(reversed(backwards)) == one_by_one, "the order of the inputs does not matter"


@given(st.lists(st.characters() | letters).map("".join))
def test_names_are_shown_on_one_line_that_can_be_printed(text):
    line = planning.shown(text)
    assert len(line.encode().splitlines()) <= 1
    assert len(line.splitlines()) <= 1
    assert "\x1b" not in line


def test_names_are_shown_as_they_are_where_that_is_harmless(tmp_path):
    assert planning.shown(Path("Größe 日本 👩‍👧.png")) == "Größe 日本 👩‍👧.png"
    assert planning.shown(Path("a\nb\udcff\u202e.png")) == r"a\nb\xff\u202e.png"


def test_formats_that_are_only_read_become_jpeg_where_all_are_to_be_written(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.HEIC", "b.heif", "b.jpg", "c.png"):
        (tmp_path / "in" / name).write_bytes(b"x")
    plan_of = partial(plan, [tmp_path / "in"], tmp_path / "out", suffix="")
    names = lambda **settings: sorted(item.target.name for item in plan_of(**settings).items)  # noqa: E731
    assert names() == ["a.HEIC", "b.heif", "b.jpg", "c.png"]
    assert names(all_written=True) == ["a.jpg", "b.heif.jpg", "b.jpg.jpg", "c.png"]
    assert names(all_written=True, format="png") == ["a.png", "b.heif.png", "b.jpg.png", "c.png"]
