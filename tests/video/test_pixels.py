"""Clips of all kinds of pixels from file to file: planes as they were, fields, and other sizes."""

from fractions import Fraction

import av
import numpy as np
import pytest
from sharpcli_bicubic import Bicubic

from sharpcli.errors import ImageError
from sharpcli.video.clip import opened
from sharpcli.video.coding import Coding, coding
from sharpcli.video.enhance import enhance_clip
from tests.helpers.frames import Local, components
from tests.helpers.full_clips import full_clip

INTERLACED = {"tff": 2, "bff": 3}
LOSSLESS = [
    "yuv440p",
    "yuv411p",
    "yuva420p",
    "yuv422p10le",
    "yuv444p12le",
    "gray",
    "gray16le",
    "bgr0",
    "bgra",
    "gbrp10le",
]


def planes_of(path):
    with av.open(str(path)) as clip:
        return [components(frame) for frame in clip.decode(video=0)]


@pytest.mark.parametrize("pixels", LOSSLESS)
def test_planes_come_through_bit_for_bit(tmp_path, pixels):
    source, target = tmp_path / "in.mkv", tmp_path / "out.mkv"
    full_clip(source, 4, codec="ffv1", pixels=pixels, sounds=())
    enhance_clip(source, target, Bicubic(), Coding("ffv1"))
    for before, after in zip(planes_of(source), planes_of(target), strict=True):
        assert all(map(np.array_equal, before, after))


@pytest.mark.parametrize("order", INTERLACED)
@pytest.mark.parametrize("codec", ["h264", "ffv1"])
def test_interlaced_clips_stay_interlaced(tmp_path, codec, order):
    source, target = tmp_path / "in.mkv", tmp_path / "out.mkv"
    full_clip(source, 4, options={"x264-params": f"{order}=1"}, sounds=())
    enhance_clip(source, target, Local(), coding(codec))
    with opened(target) as clip:
        assert all(frame.interlaced_frame for frame in clip.container.decode(clip.video))
        assert clip.video.codec_context.field_order == INTERLACED[order]


def test_interlaced_clips_are_refused_where_fields_would_be_lost(tmp_path):
    source, target = tmp_path / "in.mkv", tmp_path / "out.mkv"
    full_clip(source, 4, options={"x264-params": "tff=1"}, sounds=())
    with pytest.raises(ImageError, match="is interlaced, which libx265 cannot keep; use --codec h264"):
        enhance_clip(source, target, Local(), coding("hevc"))
    with pytest.raises(ImageError, match="is interlaced, which cannot be enlarged"):
        enhance_clip(source, target, Local(), coding("h264"), upscale=2)
    assert [path.name for path in tmp_path.iterdir()] == ["in.mkv"]


@pytest.mark.parametrize("upscale", [2, 1.5])
def test_an_enlarged_clip_keeps_the_shape_of_its_pixels(tmp_path, upscale):
    source, target = tmp_path / "in.mp4", tmp_path / "out.mp4"
    full_clip(source, 4, aspect=Fraction(4, 3), sounds=())
    enhance_clip(source, target, Local(), coding("h264"), upscale=upscale)
    with opened(target) as clip:
        assert (clip.width, clip.height) == (96 * upscale, 64 * upscale)
        assert clip.video.sample_aspect_ratio == Fraction(4, 3)
        assert len(list(clip.container.decode(clip.video))) == 4


def test_a_palette_is_refused_in_words(tmp_path):
    source = tmp_path / "in.mov"
    with av.open(str(source), "w") as output:
        stream = output.add_stream("png", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "pal8"
        frame = av.VideoFrame(64, 48, "pal8")
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    with pytest.raises(ImageError, match="has pixels of the kind pal8, which is not supported; convert it to"):
        enhance_clip(source, tmp_path / "out.mov", Local(), coding("h264"))
