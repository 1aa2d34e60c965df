"""y4m streams: what is not understood passes through byte for byte, what is damaged is said."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharpcli.errors import ImageError
from sharpcli.files.feed import Feed
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.video.consumer import Consumer
from sharpcli.video.pipe import enhance_stream
from sharpcli.video.y4m import read_frames, read_header

BYTES_A_PIXEL = {
    "420jpeg": 1.5,
    "420mpeg2": 1.5,
    "420paldv": 1.5,
    "422": 2,
    "444": 3,
    "mono": 1,
    "420p10": 3,
    "422p10": 4,
    "444p10": 6,
    "420p12": 3,
    "422p16": 4,
    "411": 1.5,
    "444alpha": 4,
    "mono16": 2,
}


def stream(chroma="420jpeg", sides=(48, 32), frames=3, others=b"F30000:1001 Ip A4:3", line=b"FRAME"):
    """Noise that fills no more bits than there are."""
    random = np.random.default_rng(1)
    size = int(sides[0] * sides[1] * BYTES_A_PIXEL[chroma])
    header = b"YUV4MPEG2 W%d H%d %s C%s\n" % (*sides, others, chroma.encode())
    if chroma[-2:] not in ("10", "12", "16"):
        pictures = [random.integers(16, 236, size, np.uint8).tobytes() for _ in range(frames)]
    else:
        most = 1 << int(chroma[-2:])
        pictures = [random.integers(0, most, size // 2, np.uint16).tobytes() for _ in range(frames)]
    return header + b"".join(line + b"\n" + picture for picture in pictures)


def through(data, name="bicubic", format="y4m"):
    """What comes out, where `bicubic` changes nothing."""
    output = io.BytesIO()
    enhance_stream(Feed(io.BytesIO(data)), Consumer(output), create_enhancer(name, {}), format=format)
    return output.getvalue()


@pytest.mark.parametrize("chroma", BYTES_A_PIXEL)
@pytest.mark.parametrize("sides", [(48, 32), (64, 2)])
def test_an_enhancer_that_changes_nothing_gives_back_the_very_stream(chroma, sides):
    data = stream(chroma, sides)
    assert through(data) == data


@given(
    st.lists(st.from_regex(rb"X[A-Z0-9=:/_.-]{1,20}", fullmatch=True), max_size=3),
    st.sampled_from([b"Ip", b"It", b"Ib", b"Im", b"I?", b""]),
    st.sampled_from([b"FRAME", b"FRAME Xkept", b"FRAME I1pp", b"FRAME Itip XA=1"]),
)
def test_parameters_of_the_stream_and_of_frames_pass_through_as_they_are(others, interlacing, line):
    data = stream(sides=(16, 16), frames=2, others=b" ".join(filter(None, [b"F25:1", interlacing, *others])), line=line)
    assert through(data) == data


def test_odd_sides_have_chroma_for_the_half_pixel_too():
    header = b"YUV4MPEG2 W5 H3 F25:1\n"
    data = header + b"FRAME\n" + bytes(range(15 + 2 * 3 * 2))
    assert through(data) == data


@pytest.mark.parametrize(
    ("others", "line", "interlaced"),
    [(b"Ip", b"FRAME", False), (b"It", b"FRAME", True), (b"Im", b"FRAME Ibip", True), (b"Im", b"FRAME I1pp", False)],
)
def test_frames_tell_whether_they_are_two_fields_and_how_their_colours_are_meant(others, line, interlaced):
    feed = Feed(io.BytesIO(stream(others=others + b" F50:2 XCOLORRANGE=FULL", line=line)))
    header = read_header(feed.read)
    frames = [frame for frame, _ in read_frames(feed.read, header)]
    assert [(frame.interlaced_frame, frame.color_range, frame.time) for frame in frames] == [
        (interlaced, 2, number / 25) for number in range(3)
    ]


@pytest.mark.parametrize("chroma", ["420jpeg", "420p10"])
def test_the_network_changes_luma_alone(chroma):
    data = stream(chroma)
    result = through(data, "student-live")
    start, luma = data.index(b"FRAME\n") + 6, 48 * 32 * (2 if chroma == "420p10" else 1)
    chroma_end = start + int(48 * 32 * BYTES_A_PIXEL[chroma])
    assert len(result) == len(data)
    assert result[start : start + luma] != data[start : start + luma]
    assert result[start + luma : chroma_end] == data[start + luma : chroma_end]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"YUV4MPEG2 W16\nFRAME\n", "has no size"),
        (b"YUV4MPEG2 W0 H16\nFRAME\n", "has no size"),
        (b"YUV4MPEG2 W99999 H99999\nFRAME\n", "has no size"),
        (b"YUV4MPEG2 W16 H16 C999\nFRAME\n", "the pixel format C999"),
        (b"YUV4MPEG2 W16 H16" + b" Xlong" * 2000, "cut off or damaged in its header"),
        (b"YUV4MPEG2 W16 H16", "cut off or damaged in its header"),
        (b"YUV4MPEG2 W16 H16\n", "holds no frame"),
        (b"YUV4MPEG2 W16 H16\nFRAME\nabc", "cut off in frame 1"),
        (b"YUV4MPEG2 W16 H16\nHELLO\nabc", "damaged before frame 1"),
    ],
)
def test_a_damaged_stream_is_said(data, message):
    with pytest.raises(ImageError, match=message):
        through(data)


def test_what_was_whole_before_it_was_cut_off_is_written():
    data = stream()
    output = io.BytesIO()
    with pytest.raises(ImageError, match="cut off in frame 3"):
        enhance_stream(Feed(io.BytesIO(data[:-1])), Consumer(output), create_enhancer("bicubic", {}), format="y4m")
    assert output.getvalue() == data[: data.rindex(b"FRAME\n")]
