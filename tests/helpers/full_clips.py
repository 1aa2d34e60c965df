"""Clips that hold something of everything, made with PyAV, and what there is to compare of two."""

import hashlib
from fractions import Fraction

import av
import numpy as np

RATE, HERTZ = 25, 48000
CHAPTERS = [
    {"id": number + 1, "start": 500 * number, "end": 500 * (number + 1), "time_base": Fraction(1, 1000)}
    | {"metadata": {"title": title}}
    for number, title in enumerate(("One", "Zwei"))
]
COVER = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000100000001080000000"
    "03a7e9b550000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
)


def picture(number, width=96, height=64, format="yuv420p"):
    """A frame whose bars move."""
    bars = (np.arange(width)[None] * 3 + np.arange(height)[:, None] * 2 + 5 * number) % 220 + 16
    rgb = np.stack([bars, bars[::-1], np.full_like(bars, 90)], 2).astype(np.uint8)
    return av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=format)


def full_clip(  # noqa: PLR0912
    path,
    frames=25,
    *,
    size=(96, 64),
    codec="libx264",
    options=None,
    pixels="yuv420p",
    times=None,
    start=0.0,
    time_base=Fraction(1, 12800),
    sounds=(("aac", "deu"),),
    texts=None,
    chapters=(),
    attachment=None,
    cover=False,
    matrix=None,
    aspect=None,
    colors=None,
    tags=None,
    muxing=None,
):
    """Write a clip; `times` are those of its frames in units of `time_base`, `texts` the codec of its subtitles."""
    times = times if times is not None else [round(number / RATE / time_base) for number in range(frames)]
    times = [moment + round(start / time_base) for moment in times]
    muxing = {"avoid_negative_ts": "disabled"} | (muxing or {})
    with av.open(str(path), "w", options=muxing) as output:
        output.metadata.update(tags or {})
        video = output.add_stream(codec, rate=RATE, options=options or {})
        video.width, video.height, video.pix_fmt, video.time_base = *size, pixels, time_base
        context = video.codec_context
        context.time_base = time_base
        if matrix:
            video.set_display_matrix(matrix)
        if aspect:
            context.sample_aspect_ratio = aspect
        for name, value in (colors or {}).items():
            setattr(context, name, value)
        audios = []
        for coder, language in sounds:
            audio = output.add_stream(coder, rate=HERTZ)
            audio.metadata["language"] = language
            audios.append(audio)
        text = None
        if texts:
            text = output.add_mux_stream(texts)
            text.time_base = Fraction(1, 1000)
            text.metadata["language"] = "eng"
            text.disposition = av.stream.Disposition.forced
        if attachment:
            output.add_attachment(*attachment)
        art = None
        if cover:
            art = output.add_mux_stream("png", width=1, height=1)
            art.disposition = av.stream.Disposition.attached_pic
        if chapters:
            output.set_chapters(list(chapters))
        output.start_encoding()
        if art:
            packet = av.Packet(COVER)
            packet.stream, packet.pts, packet.dts, packet.time_base = art, 0, 0, Fraction(1, 90000)
            packet.is_keyframe = True
            output.mux(packet)
        packets = [*_video(video, times, time_base, size, pixels)]
        seconds = len(times) / RATE
        for number, audio in enumerate(audios):
            packets += _audio(audio, seconds, start, 300 + 200 * number)
        if text:
            for number in range(2):
                line = f"Line {number}".encode()
                packet = av.Packet(len(line).to_bytes(2, "big") + line if texts == "mov_text" else line)
                packet.stream, packet.time_base = text, Fraction(1, 1000)
                packet.pts = packet.dts = round(1000 * (start + 0.3 * number + 0.1))
                packet.duration, packet.is_keyframe = 250, True
                packets.append(packet)
        for packet in sorted(packets, key=lambda one: one.dts * one.time_base):
            output.mux_one(packet)
    return path


def _video(stream, times, time_base, size, pixels):
    for number, moment in enumerate(times):
        frame = picture(number, *size, format=pixels)
        frame.pts, frame.time_base = moment, time_base
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _audio(stream, seconds, start, hertz):
    size = stream.codec_context.frame_size or 1024
    for place in range(0, int(seconds * HERTZ), size):
        wave = 0.2 * np.sin(2 * np.pi * hertz * (place + np.arange(size)) / HERTZ)
        frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]).astype(np.float32), "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = HERTZ, place + round(start * HERTZ), Fraction(1, HERTZ)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def streams_of(path):
    """Of each stream but the one that is enhanced: kind, codec, language, title, disposition, each packet's MD5."""
    found = []
    with av.open(str(path)) as container:
        packets = {one.index: [] for one in container.streams}
        for packet in container.demux():
            if packet.size and bytes(packet) != b"\0\0":  # which in an mp4 is a pause between subtitles
                sides = sorted((side.data_type, bytes(side)) for side in packet.iter_sidedata())
                moment = None if packet.pts is None else packet.pts * packet.time_base
                packets[packet.stream_index].append((hashlib.md5(bytes(packet)).hexdigest(), moment, sides))
        for one in container.streams:
            if one.type == "video" and not one.disposition & one.disposition.attached_pic:
                continue
            if one.type == "data":  # chapters and time codes, which are looked at elsewhere
                continue
            codec = one.codec_context.name if one.codec_context else one.name
            tags = {key.lower(): value for key, value in one.metadata.items() if key.lower() in ("language", "title")}
            data = one.data if one.type == "attachment" else b""
            found.append((one.type, codec, tags, int(one.disposition), packets[one.index], data))
    return found


def video_packets(path):
    """Time, decoding time, and MD5 of each packet of the enhanced video, as they are stored."""
    with av.open(str(path)) as container:
        video = next(one for one in container.streams.video if not one.disposition & one.disposition.attached_pic)
        return [
            (packet.pts, packet.dts, packet.is_keyframe, hashlib.md5(bytes(packet)).hexdigest())
            for packet in container.demux(video)
            if packet.size
        ]


def shown_at(path):
    """The exact times in seconds at which frames are shown."""
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


def about(path):
    """What else there is to tell of a clip: chapters, tags, and the first frame's colours, sides and side data."""
    with av.open(str(path)) as container:
        chapters = [
            (one["start"] * one["time_base"], one["end"] * one["time_base"], one["metadata"].get("title"))
            for one in container.chapters()
        ]
        tags = {key.lower(): value for key, value in container.metadata.items()}
        own = ("encoder", "compatible_brands", "major_brand", "minor_version", "duration", "software")
        video = container.streams.video[0]
        frame = next(container.decode(video))
        seen = {
            "size": (frame.width, frame.height, frame.format.name),
            "colors": (frame.color_range, frame.colorspace, frame.color_primaries, frame.color_trc),
            "rotation": frame.rotation,
            "aspect": video.sample_aspect_ratio,
            "rate": video.average_rate,
            "sides": {one.type.name: bytes(one) for one in frame.side_data if one.type.name != "SEI_UNREGISTERED"},
        }
        return chapters, {key: value for key, value in tags.items() if key not in own}, seen
