from pathlib import Path

import pytest

from sharpcli.files.names import without_base

HERE = Path("/srv/visit")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/srv/visit/in/a.png", "in/a.png"),
        ("cannot be written to /srv/visit/out/a b.png (full)", "cannot be written to out/a b.png (full)"),
        ("'/srv/visit/a' and (/srv/visit/b), name=/srv/visit/c", "'a' and (b), name=c"),
        ("/srv/visitors/a.png", "/srv/visitors/a.png"),
        ("/mnt/srv/visit/a.png", "/mnt/srv/visit/a.png"),
        ("is empty", "is empty"),
    ],
)
def test_only_what_lies_below_the_base_is_reported_from_there(text, expected):
    assert without_base(HERE, text) == expected
    assert without_base(None, text) == text
