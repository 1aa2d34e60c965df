from pathlib import Path

import pytest

from sharpcli.files.names import told_from

HERE = Path("/srv/visit")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/srv/visit/in/a.png", "in/a.png"),
        ("cannot be written to /srv/visit/out/a b.png (full)", "cannot be written to out/a b.png (full)"),
        ("'/srv/visit/a' and (/srv/visit/b), name=/srv/visit/c", "'a' and (b), name=c"),
        ("/srv/visitors/a.png", "/srv/visitors/a.png"),
        ("/mnt/srv/visit/a.png", "/mnt/srv/visit/a.png"),
        ("is empty", "is empty"),
    ],
)
def test_only_what_lies_below_the_base_is_told_from_there(text, told):
    assert told_from(HERE, text) == told
    assert told_from(None, text) == text
