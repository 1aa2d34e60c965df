"""What a file lacks of another is told by kind and name, and nothing else is."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sharpcli.image.inventory.part import Part, missing, part

KINDS = st.sampled_from(["comment", "Exif", "HDR gain map"])
PARTS = st.lists(
    st.builds(part, KINDS, st.sampled_from([b"one", b"two"]), st.sampled_from(["", "Artist"]), color=st.booleans()),
    max_size=6,
)


@given(PARTS)
def test_a_file_lacks_nothing_of_itself(parts: list[Part]) -> None:
    assert missing(parts, parts) == ()


@given(PARTS, PARTS)
def test_a_note_is_there_exactly_where_something_is_missing(before: list[Part], after: list[Part]) -> None:
    assert bool(missing(before, after)) == bool(Counter(before) - Counter(after))


@given(PARTS)
def test_what_was_to_be_left_out_is_told_for_colours_alone(parts: list[Part]) -> None:
    assert bool(missing(parts, [], strip=True)) == any(one.color for one in parts)


def test_what_another_file_holds_in_other_bytes_is_there() -> None:
    assert missing([Part("XMP")], [Part("XMP")]) == ()
    assert missing([Part("XMP")], []) == ("not carried over: XMP",)


def test_names_are_gathered_by_kind_and_many_are_counted() -> None:
    before = [Part("Exif", f"Tag{number}") for number in range(11)] + [Part("comment"), Part("comment")]
    (note,) = missing(before, [])
    assert note == "not carried over: Exif (Tag0, Tag1, Tag2, Tag3, Tag4, Tag5, Tag6, Tag7 and 3 more), comment x 2"
