"""The file of an enhanced clip, written while its video is made: the new video, and all else packet by packet."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.video.boxes import without_empty_tracks
from sharpcli.video.clip import Clip, in_words, library, written
from sharpcli.video.length import check_length
from sharpcli.video.streams import OWN_TAGS, added
from sharpcli.video.subtitles import Converter

if TYPE_CHECKING:
    from av import Packet, VideoFrame

__all__ = ["OWN_TAGS", "Muxer", "options_of"]

FINEST = 10_000_000
"""Parts of a second that times in the header of an mp4 are counted in at most."""

ITUNES = frozenset(
    (
        *(
            "album",
            "album_artist",
            "artist",
            "comment",
            "compilation",
            "composer",
            "copyright",
            "creation_time",
            "date",
        ),
        *("description", "disc", "episode_id", "gapless_playback", "genre", "grouping", "hd_video", "keywords"),
        *("location", "lyrics", "media_type", "network", "season_number", "show", "synopsis", "timecode", "title"),
        *("track", "location-eng", "episode_sort"),
    )
)
"""Tags with a place of their own in an mp4; others need a list that takes the place of all, of cover art too."""
PREROLL = Fraction(1, 20)
"""Seconds of what an edit list cuts off that a decoder of sound may need before the first sample."""


def options_of(format: str) -> dict[str, str]:
    """FFmpeg's options of a container: nothing is shifted or random, and what a killed program wrote can be read."""
    options = {"avoid_negative_ts": "disabled", "flush_packets": "1", "fflags": "+bitexact"}
    # Packets come in order, so that none need wait long for those of a stream that has few or has ended.
    options["max_interleave_delta"] = "100000"
    if format in ("mp4", "mov"):
        options |= {
            "movflags": "+hybrid_fragmented+frag_keyframe+delay_moov",
            "frag_duration": "1000000",  # in microseconds; the file is one piece in the end
            "use_editlist": "1",
            "write_tmcd": "1",
        }
    if format == "mpegts":
        options |= {"mpegts_copyts": "1"}
    return options


class Muxer:
    """Writes a clip's file; its other streams are read from `clip` as far as the video has come.

    `notes` tell what its format cannot hold, `carried` which of its streams (the value) is which of the clip's.
    """

    def __init__(self, clip: Clip, path: Path, format: str, encoder: Any, frame: VideoFrame, depth: int) -> None:
        self.notes: list[str] = []
        self._clip, self._path, self._format = clip, path, format
        self._output: Any = library().open(
            str(path), "w", format=format, options=self._options(), metadata_errors="surrogateescape"
        )
        tags = {key: value for key, value in clip.container.metadata.items() if key not in OWN_TAGS}
        self._output.metadata.update(tags)
        self._converters: dict[int, Converter] = {}
        self._video, self._streams = added(
            self._output, clip, format, encoder, frame, self.notes, converters=self._converters
        )
        self._video.codec_context.reorder_depth = depth
        if chapters := clip.container.chapters():
            self._output.set_chapters(chapters)
        with written():
            self._output.start_encoding()
        self.carried = {index: made.index for index, made in {**self._streams, clip.video.index: self._video}.items()}
        pictures = [one.disposition for one in clip.container.streams.video if one.index in self._streams]
        self._has_cover = any(one & one.attached_pic for one in pictures)
        self._end = Fraction(0)
        self._others = self._copied()
        self._next = next(self._others, None)

    @property
    def time_base(self) -> Fraction:
        """Of the video in the file, which may not be the clip's."""
        made: Fraction = self._video.time_base
        return made

    def write(self, packet: Packet[Any]) -> None:
        """Write a packet of the video, and before it what comes earlier in the other streams."""
        moment = _moment(packet)
        while self._next is not None and _moment(self._next) <= moment:
            self._copy()
        packet.stream = self._video
        self._end = max(self._end, ((packet.pts or 0) + (packet.duration or 0)) * packet.time_base)
        with written():
            self._output.mux_one(packet)

    def close(self) -> None:
        """Write what is left of the other streams, and the file's end. Raises ImageError if the clip was cut short."""
        check_length(self._clip, self._end)
        while self._next is not None:
            self._copy()
        with written():
            self._output.close()
        if self._format in ("mp4", "mov") and self._has_cover:
            without_empty_tracks(self._path)

    def abandon(self) -> None:
        """Close the file as far as it has come."""
        with written():
            self._output.close()

    def _options(self) -> dict[str, str]:
        options = options_of(self._format)
        if self._format in ("mp4", "mov"):
            # Edit lists count in it, and would be rounded to milliseconds.
            streams = (*self._clip.container.streams.video, *self._clip.container.streams.audio)
            exact = math.lcm(1000, *(one.time_base.denominator for one in streams if one.time_base))
            covers = any(one.disposition & one.disposition.attached_pic for one in self._clip.container.streams.video)
            tags = {key.lower() for key in self._clip.container.metadata} - OWN_TAGS
            if tags - ITUNES and not covers:
                options["movflags"] += "+use_metadata_tags"
            options["movie_timescale"] = str(exact if exact < FINEST else 1000)
        return options

    def _copied(self) -> Iterator[Packet[Any]]:
        others = [one for one in self._clip.container.streams if one.index in self._streams]
        if not others:
            return
        cut = self._format in ("mp4", "mov")
        with in_words():
            for packet in self._clip.container.demux(*others):
                dropped = packet.is_discard and not cut and _moment(packet) < -PREROLL
                # The muxer writes the pauses between subtitles itself.
                pause = cut and packet.size == 2 and packet.stream.type == "subtitle"
                if packet.size and not dropped and not pause:
                    yield packet

    def _copy(self) -> None:
        packet = self._next
        assert packet is not None
        if packet.stream_index in self._converters:
            with in_words():
                made = self._converters[packet.stream_index](packet)
        else:
            made = packet
        if made is not None:
            made.stream = self._streams[packet.stream_index]
            with written():
                self._output.mux_one(made)
        self._next = next(self._others, None)


def _moment(packet: Packet[Any]) -> Fraction:
    moment = packet.dts if packet.dts is not None else packet.pts
    return Fraction(0) if moment is None else moment * packet.time_base
