import pytest

from sharpcli.errors import SharpError
from sharpcli_training.data.sources import find_images, is_held_out, photograph


@pytest.mark.parametrize(
    ("names", "shows"),
    [
        (("a_b_01.png", "set/a_b_02.webp", "a_b_x.jpg"), "a_b"),
        (("plain.webp",), "plain"),
        (("0001.png", "0001_2.png"), "0001"),
        (("IMG_0001.jpg", "IMG_0001_2.jpg", "IMG_0001-small.png"), "IMG_0001"),
        (("_MG_1234.tif",), "_MG_1234"),
    ],
)
def test_names_tell_the_photograph(names, shows):
    assert {photograph(name) for name in names} == {shows}


def test_about_one_photograph_of_a_camera_in_ten_is_held_out():
    """And not all or none, though they differ in their number only."""
    held = sum(is_held_out(photograph(f"IMG_{number:04}.jpg")) for number in range(2000))
    assert 150 < held < 250


def test_images_come_in_one_order_with_those_of_subfolders(tmp_path):
    for name in ("b.png", "a.jpg", "sub/c.webp", "sub/.hidden.png", "._a.jpg", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "x.png").mkdir()
    assert [path.relative_to(tmp_path).as_posix() for path in find_images(tmp_path)] == ["a.jpg", "b.png", "sub/c.webp"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(SharpError, match="is not a folder"):
        list(find_images(tmp_path / "no"))
