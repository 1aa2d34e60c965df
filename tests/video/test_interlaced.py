"""Interlaced clips: each field is an image of its own, and the flags are kept."""

import io

import av
import numpy as np
import pytest

from sharpcli.errors import ImageError
from sharpcli.video.frames import FrameEnhancer
from sharpcli.video.interlaced import keep_fields
from tests.helpers.frames import Brighter, Local, components, frame_of, interlaced, samples

ORDERS = {"tff": 2, "bff": 3}


@pytest.mark.parametrize("enhancer", [Local(), Brighter()], ids=["luma", "rgb"])
def test_a_field_does_not_look_at_the_other(enhancer):
    given = samples("yuv420p", 48, 32)
    other = [one.copy() for one in given]
    for one in other:
        one[1::2] = one[1::2] // 2
    first, second = (
        components(FrameEnhancer(enhancer)(interlaced(frame_of("yuv420p", one)))) for one in (given, other)
    )
    assert np.array_equal(first[0][::2], second[0][::2])
    assert not np.array_equal(first[0][::2], given[0][::2])


def test_a_field_is_enhanced_as_an_image_of_half_the_height():
    given = samples("yuv420p", 48, 32)
    whole = components(FrameEnhancer(Local())(interlaced(frame_of("yuv420p", given))))[0]
    for parity in range(2):
        field = FrameEnhancer(Local())(frame_of("gray", [given[0][parity::2]]))
        assert np.array_equal(whole[parity::2], components(field)[0])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("encoder", "name"), [("libx264", "yuv420p"), ("ffv1", "yuv422p10le"), ("prores_ks", "yuv422p10le")]
)
def test_an_encoder_keeps_the_fields_and_their_order(encoder, name, order):
    frame = interlaced(frame_of(name, samples(name, 64, 64)), order)
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as output:
        stream = output.add_stream(encoder, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, name
        keep_fields(stream.codec_context, frame, ORDERS[order])
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as clip:
        decoded = next(clip.decode(video=0))
        assert decoded.interlaced_frame
        assert clip.streams.video[0].codec_context.field_order == ORDERS[order]


def test_an_encoder_without_fields_is_refused():
    frame = interlaced(frame_of("yuv420p", samples("yuv420p", 64, 64)))
    with pytest.raises(ImageError, match="is interlaced, which libx265 cannot keep"):
        keep_fields(av.CodecContext.create("libx265", "w"), frame)


def test_progressive_frames_leave_an_encoder_alone():
    context = av.CodecContext.create("libx265", "w")
    flags = context.flags
    keep_fields(context, frame_of("yuv420p", samples("yuv420p", 64, 64)), 2)
    assert (context.flags, context.field_order) == (flags, 0)
