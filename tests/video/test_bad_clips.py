"""What cannot be done is refused in one line, and leaves nothing."""

import re
from fractions import Fraction

import av
import pytest

from sharpcli.errors import ImageError
from sharpcli.video.coding import coding
from sharpcli.video.enhance import enhance_clip
from sharpcli_bicubic import Bicubic
from tests.helpers.full_clips import full_clip, shown_at


def refused(path, target=None, codec="h264"):
    target = target or path.with_name(f"out{path.suffix}")
    with pytest.raises(ImageError) as error:
        enhance_clip(path, target, Bicubic(), coding(codec))
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".avi"])
def test_a_damaged_clip(tmp_path, ending):
    clip = full_clip(tmp_path / f"a{ending}", time_base=Fraction(1, 25), options={"bf": "0"}, sounds=())
    data = bytearray(clip.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    clip.write_bytes(data)
    assert "damaged" in refused(clip)


@pytest.mark.parametrize("ending", [".mkv", ".webm"])
def test_a_clip_that_ends_early(tmp_path, ending):
    """Matroska is read as far as it goes, and only its header knows how far that should be."""
    vp8 = {"codec": "libvpx", "options": {"deadline": "realtime", "cpu-used": "8"}} if ending == ".webm" else {}
    clip = full_clip(tmp_path / f"a{ending}", 50, sounds=(), **vp8)
    data = clip.read_bytes()
    # The tags, at the end, tell the length of each track.
    clip.write_bytes(data[: len(data) // 2] + data[data.rindex(b"\x12T\xc3g") :])
    refused(clip, codec="vp8" if vp8 else "h264")


def test_a_truncated_mp4(tmp_path):
    clip = full_clip(tmp_path / "a.mp4")
    clip.write_bytes(clip.read_bytes()[:-1500])
    assert "damaged" in refused(clip)


def test_sound_without_video(tmp_path):
    both, path = full_clip(tmp_path / "both.mp4"), tmp_path / "a.mp4"
    with av.open(str(both)) as given, av.open(str(path), "w") as output:
        stream = output.add_stream_from_template(given.streams.audio[0])
        for packet in given.demux(given.streams.audio[0]):
            if packet.size:
                packet.stream = stream
                output.mux(packet)
    both.unlink()
    assert refused(path) == "holds no video, only audio"


def test_no_frames(tmp_path):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        output.start_encoding()
    refused(path)


def test_a_size_that_changes(tmp_path):
    parts = [
        full_clip(tmp_path / f"{number}.ts", 8, size=size, sounds=())
        for number, size in enumerate(((96, 64), (64, 48)))
    ]
    whole = tmp_path / "a.ts"
    whole.write_bytes(b"".join(part.read_bytes() for part in parts))
    for part in parts:
        part.unlink()
    words = refused(whole)
    assert "changes its size" in words or "damaged" in words or "go back" in words


def test_a_clip_with_the_ending_of_another_kind_is_told_by_its_bytes(tmp_path):
    clip = full_clip(tmp_path / "a.mkv")
    named = clip.rename(tmp_path / "a.mp4")
    target = tmp_path / "out.mp4"
    enhance_clip(named, target, Bicubic(), coding("h264"))
    assert len(shown_at(target)) == 25
    with av.open(str(target)) as container:
        assert "mp4" in container.format.name


def test_frames_that_a_container_cannot_tell_apart(tmp_path):
    clip = full_clip(tmp_path / "a.mkv", times=[0, 512, 600, 1024, 1100], sounds=())
    words = refused(clip, tmp_path / "out.avi")
    assert "mkv" in words


def test_an_encoder_that_cannot_encode_the_pixels(tmp_path):
    clip = full_clip(tmp_path / "a.mkv", 4, codec="ffv1", pixels="yuv444p", sounds=())
    with pytest.raises(ImageError, match="cannot encode"):
        enhance_clip(clip, tmp_path / "out.mkv", Bicubic(), coding("vp8"))


def test_an_encrypted_clip(tmp_path):
    clear, path = full_clip(tmp_path / "clear.mp4", sounds=()), tmp_path / "a.mp4"
    key = "76a6c65c5ea762046bd749a2e632ccbb"
    scheme = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": key, "encryption_kid": key}
    with av.open(str(clear)) as given, av.open(str(path), "w", format="mp4", options=scheme) as output:
        stream = output.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(given.streams.video[0]):
            if packet.size:
                packet.stream = stream
                output.mux(packet)
    clear.unlink()
    assert refused(path, tmp_path / "out.mkv").startswith("is encrypted")


def test_a_clip_in_pieces_that_begins_late_is_whole(tmp_path):
    """FFmpeg counts the time before such a clip into its length."""
    clip = full_clip(tmp_path / "a.mp4", times=range(0, 2 * 12800, 512), sounds=())
    pieces, target = tmp_path / "b.mp4", tmp_path / "out.mp4"
    with (
        av.open(str(clip)) as given,
        av.open(str(pieces), "w", options={"movflags": "frag_keyframe+empty_moov"}) as made,
    ):
        stream = made.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(given.streams.video[0]):
            if packet.size:
                packet.stream = stream
                made.mux(packet)
    data = pieces.read_bytes()
    for place in (found.end() + 3 for found in re.finditer(rb"tfdt\x01", data)):
        begin = int.from_bytes(data[place : place + 8]) + 8 * 12800  # of a piece; the muxer has them begin at 0
        data = data[:place] + begin.to_bytes(8) + data[place + 8 :]
    pieces.write_bytes(data)
    with av.open(str(pieces)) as told:
        video = told.streams.video[0]
        assert (video.start_time + video.duration) * video.time_base > 17  # the last frame is over at 10 s
    enhance_clip(pieces, target, Bicubic(), coding("h264"))
    assert shown_at(target) == shown_at(pieces)
