import re

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.read import read_image
from tests.image.sequences.animations import (
    DURATIONS,
    KINDS,
    animation,
    application,
    frames,
    seen,
    texts,
    with_extensions,
)

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>'


def enhanced(sharpcli, path, out, *options):
    result = sharpcli("enhance", path, "-o", out, "-e", "bicubic", *options)
    assert result.exit_code == 0, result.output
    return result


@pytest.mark.parametrize("clear", [False, True])
@pytest.mark.parametrize("kind", ["gif", "png", "webp"])
def test_what_is_not_changed_comes_back_frame_by_frame(tmp_path, sharpcli, kind, clear):
    source, out = animation(tmp_path / f"a.{kind}", clear=clear), tmp_path / f"out.{kind}"
    enhanced(sharpcli, source, out, "--strength", 0)
    before, after = seen(source), seen(out)
    assert before[1:] == after[1:] == (DURATIONS, 3)
    np.testing.assert_array_equal(before[0], after[0])


@pytest.mark.parametrize("clear", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_is_enlarged_and_keeps_its_time(tmp_path, sharpcli, kind, clear):
    source, out = animation(tmp_path / f"a.{kind}", clear=clear), tmp_path / f"out.{kind}"
    enhanced(sharpcli, source, out, "--upscale", 2)
    (before, durations, loop), (after, *told) = seen(source), seen(out)
    assert told == [durations, loop]
    for small, large in zip(before, after, strict=True):
        again = np.array(PILImage.fromarray(large).resize(small.shape[1::-1], PILImage.Resampling.BOX))
        inside = (small[..., 3] == 255) & (again[..., 3] == 255)
        assert (small[..., 3] > 0).mean() == pytest.approx((large[..., 3] > 0).mean(), abs=0.06)
        assert np.abs(small[inside].astype(int) - again[inside]).mean() < 8


@pytest.mark.parametrize("kind", ["png", "webp", "avif"])
def test_a_gif_becomes_another_animation(tmp_path, sharpcli, kind):
    source = animation(tmp_path / "a.gif", clear=True)
    enhanced(sharpcli, source, tmp_path / "out", "--format", kind, "--strength", 0)
    (before, durations, _), (after, told, loop) = seen(source), seen(tmp_path / f"out/a.{kind}")
    assert told == durations
    assert loop in (
        4,
        None,
    )  # a GIF tells how often it is shown again, others how often; of an AVIF Pillow does not tell
    if kind == "png":
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("kind", ["jpg", "bmp", "tiff"])
def test_a_format_of_one_image_is_refused(tmp_path, sharpcli, kind):
    result = sharpcli("enhance", animation(tmp_path / "a.gif"), "-o", tmp_path / "out", "--format", kind)
    assert result.exit_code == 1
    assert "has 6 frames" in result.output
    assert "use --format webp, png or avif" in result.output
    assert not list((tmp_path / "out").glob("a*"))


def test_a_gif_of_many_colours_says_what_it_costs(tmp_path, sharpcli):
    noise = np.random.default_rng(0).integers(0, 256, (36, 48, 3), np.uint8)
    smooth = PILImage.fromarray(noise).resize((96, 72), PILImage.Resampling.BICUBIC)
    smooth.save(tmp_path / "a.gif", save_all=True, append_images=[smooth.rotate(180)], duration=50)
    result = enhanced(sharpcli, tmp_path / "a.gif", tmp_path / "out.gif", "--upscale", 2)
    assert "256 colours a frame" in result.output
    assert "--format webp or png" in result.output


def test_a_gif_keeps_comments_xmp_profile_and_programs_extensions(tmp_path, sharpcli):
    source = animation(tmp_path / "a.gif", comment=b"a disc")
    magic = b"\1" + bytes(range(255, -1, -1)) + b"\0"
    own = application(b"PROGRAM 1.0", b"own data" * 40)
    profile = application(b"ICCRGBG1012", b"p" * 400)
    with_extensions(source, b"!\xff\x0bXMP DataXMP" + XMP + magic, own, profile)
    result = enhanced(sharpcli, source, tmp_path / "out.gif", "--strength", 0.5)
    assert "not carried over" not in result.output
    data = (tmp_path / "out.gif").read_bytes()
    assert own in data
    assert profile in data
    assert b"XMP DataXMP" + XMP + magic in data
    with PILImage.open(tmp_path / "out.gif") as image:
        image.seek(1)
        assert image.info["comment"] == b"a disc"
    stripped = enhanced(sharpcli, source, tmp_path / "bare.gif", "--strip")
    assert "not carried over" not in stripped.output
    assert XMP not in (tmp_path / "bare.gif").read_bytes()


def test_what_webp_cannot_hold_of_a_gif_is_said(tmp_path, sharpcli):
    source = animation(tmp_path / "a.gif", comment=b"a disc")
    assert "not carried over: comment" in enhanced(sharpcli, source, tmp_path / "out", "--format", "webp").output


@pytest.mark.parametrize("kind", ["png", "webp", "avif"])
def test_metadata_of_the_whole_survives(tmp_path, sharpcli, kind):
    exif = PILImage.Exif()
    exif[0x010E] = "a disc"
    more = {"pnginfo": texts()} if kind == "png" else {"xmp": XMP}
    source = animation(tmp_path / f"a.{kind}", exif=exif.tobytes(), **more)
    result = enhanced(sharpcli, source, tmp_path / f"out.{kind}", "--strength", 0.5)
    assert "not carried over" not in result.output
    with PILImage.open(tmp_path / f"out.{kind}") as image:
        assert image.getexif()[0x010E] == "a disc"
        if kind == "png":
            assert image.text["Title"] == "A disc"
        else:
            assert image.info["xmp"] == XMP


def test_a_lossy_webp_that_is_not_changed_keeps_its_frames(tmp_path, sharpcli):
    first, *rest = frames()
    first.save(tmp_path / "a.webp", save_all=True, append_images=rest, duration=DURATIONS, quality=40)
    enhanced(sharpcli, tmp_path / "a.webp", tmp_path / "out.webp", "--strength", 0)
    np.testing.assert_array_equal(seen(tmp_path / "a.webp")[0], seen(tmp_path / "out.webp")[0])


def test_a_gif_of_one_frame_is_an_image(tmp_path, sharpcli):
    frames()[0].save(tmp_path / "a.gif")
    assert read_image(tmp_path / "a.gif").mode == "RGB"
    enhanced(sharpcli, tmp_path / "a.gif", tmp_path / "out.gif", "--strength", 0)
    np.testing.assert_array_equal(seen(tmp_path / "a.gif")[0], seen(tmp_path / "out.gif")[0])


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_file_is_refused_and_leaves_nothing(tmp_path, sharpcli, kind):
    source = animation(tmp_path / f"a.{kind}")
    source.write_bytes(source.read_bytes()[:-300])
    result = sharpcli("enhance", source, "-o", tmp_path / "out", "-e", "bicubic")
    assert result.exit_code == 1
    assert "truncated" in result.output
    assert not list((tmp_path / "out").glob("a*"))


def test_who_wants_one_image_refuses_an_animation(tmp_path, sharpcli):
    source = animation(tmp_path / "a.gif")
    result = sharpcli("score", source, source)
    assert result.exit_code != 0
    assert "several frames or pages" in result.output


def test_an_avif_says_nothing_of_when_it_was_written(tmp_path, sharpcli):
    source, out = animation(tmp_path / "a.gif"), tmp_path / "out.avif"
    enhanced(sharpcli, source, out)
    times = {
        found.group()[:4]: found.group()[8:]
        for found in re.finditer(rb"(?:mvhd|tkhd|mdhd)[\0\x01].{19}", out.read_bytes())
    }
    assert sorted(times) == [b"mdhd", b"mvhd", b"tkhd"]
    assert set(times.values()) == {bytes(16)}


def test_a_damaged_gif_is_told(tmp_path):
    source = tmp_path / "a.gif"
    frames()[0].convert("RGB").quantize(64).save(source)
    whole = source.read_bytes()
    start = whole.index(b",", 13 + 3 * 64) + 11
    length = whole[start]
    codes = 64, 1, 2, 3, 65  # of 7 bits: begin, three pixels, end
    early = sum(code << 7 * place for place, code in enumerate(codes)).to_bytes(5, "little")
    for data, words in {
        whole[:start] + bytes([1]) + whole[start + 1 : start + 2] + b"\0;": "truncated",
        whole[:start] + bytes([len(early)]) + early + b"\0;": "truncated",
        whole[: start + length] + whole[start + length + 20 :]: "damaged",
        whole[: start - 11] + bytes(5) + whole[start - 11 :]: "zeros lie between its blocks",
    }.items():
        source.write_bytes(data)
        try:
            notes = str(read_image(source).notes)
        except ImageError as error:
            notes = str(error)
        assert words in notes, (words, notes)
