"""A decoder's complaint reaches the image that is being read, from whatever thread."""

import threading

import pytest

from sharpcli.errors import ImageError
from sharpcli.image.complaints import complain, listening


def test_a_warning_is_a_note_of_its_own_image_once() -> None:
    with listening() as outer:
        with listening() as heard:
            complain("odd\x1b[31m  data\n")
            complain("odd\x1b[31m  data\n")
        complain("later")
    assert heard.notes() == ("may be damaged (odd [31m data)",)
    assert outer.notes() == ("may be damaged (later)",)
    heard.check()


def test_an_error_refuses_whatever_the_decoder_returned() -> None:
    with listening() as heard:
        complain("bad code word", error=True)
    with pytest.raises(ImageError, match=r"is damaged or truncated \(bad code word\)"):
        heard.check()


def test_a_thread_that_reads_no_image_tells_all_that_are_being_read() -> None:
    with listening() as heard:
        thread = threading.Thread(target=complain, args=("from a decoder's thread",))
        thread.start()
        thread.join()
    assert len(heard.warnings) == 1


def test_a_flood_is_cut() -> None:
    with listening() as heard:
        for number in range(1000):
            complain(f"{number} " + "x" * 1000)
    assert len(heard.notes()) == 5
    assert max(map(len, heard.notes())) < 250
