import struct
import zlib

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.batch.plan import MEMORY
from sharpcli.errors import ImageError
from sharpcli.image.read import read_image
from sharpcli.image.resample import degrade
from sharpcli.scoring.score import psnr
from tests.helpers.by_hand import chunk


def names(root):
    files = (path for path in root.rglob("*") if path.is_file() and path.name != MEMORY)
    return sorted(path.relative_to(root).as_posix() for path in files)


def test_a_folder_is_enhanced_into_a_mirrored_folder(sharpcli, folder, tmp_path):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    result = sharpcli("enhance", folder, "-o", tmp_path / "out", "-e", "student-live")
    assert result.exit_code == 0
    assert result.stdout.startswith("3 done in ")
    assert str(tmp_path / "out") in result.stdout
    assert names(tmp_path / "out") == ["a.png", "sub/b.jpg", "sub/deep/ç.png"]
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    with PILImage.open(tmp_path / "out" / "sub" / "deep" / "ç.png") as grey:
        assert (grey.mode, grey.size) == ("L", (64, 64))


@pytest.mark.parametrize("name", ["student-live", "student", "teacher"])
@pytest.mark.parametrize("profile", ["photo", "x2"])
def test_a_blurred_photograph_comes_back_closer_to_its_original(sharpcli, tmp_path, photo, name, profile):
    even = photo[:298, :448]
    PILImage.fromarray(degrade(even, 2)).save(tmp_path / "blurred.png")
    done = sharpcli("enhance", tmp_path / "blurred.png", "-o", tmp_path / "out", "-e", name, "-O", f"profile={profile}")
    assert done.exit_code == 0
    before, after = (
        psnr(read_image(path).pixels.astype(float), even.astype(float))
        for path in (tmp_path / "blurred.png", tmp_path / "out" / "blurred.png")
    )
    assert after > before + (0.5 if profile == "photo" else 1.0)


def test_the_profile_auto_finds_a_shifted_grid_and_wins_more_than_photo(sharpcli, tmp_path, photo):
    PILImage.fromarray(degrade(photo, 2)[1:, 1:]).save(tmp_path / "blurred.png")
    scores = {}
    for profile in ("photo", "auto"):
        out = tmp_path / profile
        done = sharpcli("enhance", tmp_path / "blurred.png", "-o", out, "-O", f"profile={profile}")
        assert done.exit_code == 0
        scores[profile] = psnr(read_image(out / "blurred.png").pixels.astype(float), photo[1:, 1:].astype(float))
    assert scores["auto"] > scores["photo"] + 0.2


def test_upscale_gives_a_larger_sharper_image_than_bicubic_alone(sharpcli, tmp_path, photo):
    even = photo[:298, :448]
    PILImage.fromarray(even).resize((224, 149), PILImage.Resampling.BICUBIC).save(tmp_path / "small.png")
    scores = {}
    for name in ("bicubic", "student-live"):
        assert (
            sharpcli("enhance", tmp_path / "small.png", "-o", tmp_path / name, "-e", name, "--upscale", 2).exit_code
            == 0
        )
        scores[name] = psnr(read_image(tmp_path / name / "small.png").pixels.astype(float), even.astype(float))
    assert scores["student-live"] > scores["bicubic"] + 1


def test_bad_files_are_listed_at_the_end_and_the_rest_is_done(sharpcli, folder, tmp_path):
    (folder / "text.png").write_text("not an image")
    (folder / "empty.jpg").touch()
    (folder / "half.png").write_bytes((folder / "a.png").read_bytes()[:4000])
    result = sharpcli("enhance", folder, "-o", tmp_path / "out", "-e", "bicubic")
    assert result.exit_code == 1
    failed = [line for line in result.stderr.splitlines() if line.startswith("failed: ")]
    assert [line.split(": ")[1].rsplit("/", 1)[1] for line in failed] == ["empty.jpg", "half.png", "text.png"]
    assert result.stdout.startswith("3 done, 3 failed in ")
    assert len(names(tmp_path / "out")) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing-folder"], "no such file or folder: missing-folder"),
        (["{folder}", "-e", "studnet"], "available: bicubic, student, student-large, student-live, teacher"),
        (["{folder}", "-O", "profile=x9"], "deblur or photo or call or x2 or auto"),
        (["{folder}", "-O", "depth=3"], "it has profile"),
        (["{folder}", "-e", "bicubic", "-O", "depth=3"], "it has none"),
        (["{folder}", "-O", "profile"], "NAME=VALUE"),
        (["{folder}", "--strength", "3"], "0<=x<=2"),
        (["{folder}", "--format", "gif"], "'png'"),
        (["{folder}", "-o", "{folder}"], "could overwrite inputs"),
        (["{folder}", "-o", "{folder}/a.png"], "is a file"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line_and_exit_2(sharpcli, folder, arguments, message):
    result = sharpcli("enhance", *(text.format(folder=folder) for text in arguments))
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_second_run_skips_and_error_refuses(sharpcli, folder, tmp_path):
    arguments = ("enhance", folder, "-o", tmp_path / "out", "-e", "bicubic")
    sharpcli(*arguments)
    assert "0 done, 3 skipped" in sharpcli(*arguments).stdout
    refused = sharpcli(*arguments, "--on-existing", "error")
    assert (refused.exit_code, "already exists" in refused.stderr) == (2, True)


def test_a_dry_run_writes_nothing(sharpcli, folder, tmp_path):
    result = sharpcli("enhance", folder, "-o", tmp_path / "out", "--dry-run")
    assert len(result.stdout.splitlines()) == 3
    assert not (tmp_path / "out").exists()


def test_strength_zero_gives_back_the_very_pixels(sharpcli, folder, tmp_path):
    sharpcli("enhance", folder / "a.png", "-o", tmp_path / "out", "--strength", 0)
    np.testing.assert_array_equal(read_image(tmp_path / "out" / "a.png").pixels, read_image(folder / "a.png").pixels)


def test_a_decompression_bomb_is_refused_from_its_header(sharpcli, tmp_path):
    """A thousand megapixels claimed by a file of a few bytes."""
    header = struct.pack(">IIBBBBB", 40_000, 25_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    done = sharpcli("enhance", tmp_path / "bomb.png", "-o", tmp_path / "out")
    assert done.exit_code == 1
    assert "does not fit in the memory limit; use --memory 2.3GB" in done.stderr
    with pytest.raises(ImageError, match="has 1000 megapixels according to its header"):
        read_image(tmp_path / "bomb.png")
