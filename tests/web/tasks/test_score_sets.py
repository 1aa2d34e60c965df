import zipfile

import pytest
from PIL import Image as PILImage

from sharpcli.errors import SharpError
from sharpcli.scoring.score import Score
from sharpcli.web.limits import Limits
from sharpcli.web.tasks.runs import Runs, Visitor
from sharpcli.web.tasks.score import RunningScore
from sharpcli.web.tasks.score_sets import Sets, paired


@pytest.fixture
def upload(tmp_path, photo):
    """Lay out what a browser uploads: images of these names, or an archive of them."""
    image = tmp_path / "image.png"
    PILImage.fromarray(photo[:32, :48]).save(image)
    count = iter(range(100))

    def files(*names):
        folder = tmp_path / f"upload-{next(count)}"
        folder.mkdir()
        for name in names:
            if name.endswith(".txt"):
                (folder / name).write_text("no image")
            else:
                (folder / name).hardlink_to(image)
        return [str(folder / name) for name in names]

    def archive(name, *members):
        folder = tmp_path / f"upload-{next(count)}"
        folder.mkdir()
        with zipfile.ZipFile(folder / name, "w") as packed:
            for member in members:
                packed.write(image, member)
        return str(folder / name)

    files.archive = archive
    return files


@pytest.fixture
def pairs(tmp_path):
    """The names of the pairs, and what cannot be scored."""

    def of(*sets, megapixels=50):
        folder = tmp_path / "visit"
        folder.mkdir()
        found, failures = paired(Sets(*sets), folder, Limits(megapixels))
        return sorted(pair[0] for pair in found), failures

    return of


def test_files_pair_by_name_whatever_their_ending_and_what_is_alone_is_listed(upload, pairs):
    names, failures = pairs(upload("a.png", "b.webp"), upload("a.jpg", "b.png", "c.png"))
    assert names == ["a", "b"]
    assert failures == ["c: no result for this reference"]


def test_one_file_a_set_pairs_whatever_it_is_called(upload, pairs):
    assert pairs(upload("cat-sharp.jpg"), upload("cat.png"), upload("small.png")) == (["cat-sharp"], [])


@pytest.mark.parametrize(
    ("results", "references", "inputs", "expected"),
    [
        # Each archive holds one folder, of whatever name.
        (["out/a.png", "out/sub/b.png"], ["in/a.jpg", "in/sub/b.jpg"], None, ["a", "sub/b"]),
        (["x/a.png"], ["x/a.png"], ["y/a.png"], ["a"]),
        # No folder around the files of one set.
        (["out/a.png", "out/b.png"], ["a.png", "b.png"], None, ["a", "b"]),
        # The only folder is one of several in the other sets, so it belongs to the names.
        (["x/a.png"], ["x/a.png", "y/a.png"], ["x/a.png", "y/a.png"], ["x/a"]),
    ],
)
def test_the_folder_around_all_of_an_archive_does_not_matter(upload, pairs, results, references, inputs, expected):
    sets = [None if names is None else [upload.archive("all.zip", *names)] for names in (results, references, inputs)]
    assert pairs(*sets)[0] == expected


def test_archives_and_loose_files_can_be_mixed(upload, pairs):
    results = [*upload("a.png"), upload.archive("more.zip", "b.png")]
    references = [*upload("a.jpg"), upload.archive("more.zip", "b.jpg")]
    assert pairs(results, references)[0] == ["a", "more/b"]


@pytest.mark.parametrize(
    ("results", "references", "message"),
    [
        ((), ("a.png",), r"^no results yet; add some first$"),
        (("a.png",), (), r"^no references yet; add some first$"),
        (("a.png", "b.png"), ("a.png", "c.png"), r"^results/b\.png has no counterpart in references; "),
        (("a.png", "b.png"), ("a.png", "a.jpg", "b.png"), r"^references/a\.jpg and references/a\.png differ only in"),
        (("a.txt", "b.txt"), ("a.png", "b.png"), r"^no images found in .*; results/a\.txt: is neither an image nor"),
    ],
)
def test_sets_that_do_not_pair_are_refused_in_words_without_paths_of_this_machine(
    upload, pairs, tmp_path, results, references, message
):
    with pytest.raises(SharpError, match=message) as refused:
        pairs(upload(*results), upload(*references))
    assert str(tmp_path) not in str(refused.value)


def test_an_image_over_the_limit_is_listed_and_the_others_are_paired(upload, pairs, tmp_path):
    results = upload("a.png", "b.png")
    PILImage.new("RGB", (2000, 1000)).save(tmp_path / "large.png")
    (tmp_path / "large.png").replace(results[0])
    names, failures = pairs(results, upload("a.png", "b.png"), megapixels=1)
    assert names == ["b"]
    assert failures == ["results/a.png: has 2 megapixels; this page accepts up to 1"]


def test_uploads_that_were_deleted_meanwhile_are_asked_for_again(upload, pairs, tmp_path):
    results = upload("a.png", "b.png")
    (tmp_path / results[0]).unlink()
    with pytest.raises(SharpError, match="upload them again"):
        pairs(results, upload("a.png", "b.png"))


def test_who_leaves_stops_the_scoring(upload, tmp_path, monkeypatch):
    begun = []

    def scored(name, *rest):
        begun.append(name)
        return Score(name, {"psnr": 30.0, "ssim": 0.9})

    monkeypatch.setattr("sharpcli.scoring.folder.score_files", scored)
    names = [f"{number}.png" for number in range(50)]
    (tmp_path / "visit").mkdir()
    score = RunningScore(Sets(upload(*names), upload(*names)), tmp_path / "visit", "rgb")
    with Runs().run(Visitor("visit", "")) as run:
        steps = score.steps(Limits(), run)
        assert [next(steps) for _ in range(3)] == [0, 2, 4]
        steps.close()
    assert len(begun) == 4
    assert len(score.scores) == 4
