"""Cards as people damage them: the rest of the card is still read, and what is wrong is said."""

import json
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharpcli.errors import SharpError
from sharpcli.plugin.cards import card_of, read_card
from sharpcli.plugin.registry import load_registry

FILES = [path for found in load_registry().found.values() for path in found.enhancer.weights()]
GOOD = {
    "sha256": "ab" * 32,
    "bytes": 5,
    "weights": "int8",
    "parameters": 10,
    "kmac_per_pixel": 2.5,
    "licence": "MIT",
    "training": {"pack": {"folders": {"photos": 7}}},
    "scores": {"x2": {"convention": "y", "result": {"Set5": {"psnr": 37.5, "ssim": 0.95}}, "input": {}}},
}


@pytest.fixture
def weights(tmp_path):
    """Weights with a card of this content, a text or an object."""

    def make(content):
        text = content if isinstance(content, (str, bytes)) else json.dumps(content)
        (tmp_path / "net.json").write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / "net.onnx"

    return make


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_our_own_cards_are_read_without_a_problem(file):
    card, content = card_of(file), read_card(file)
    assert card.problems == ()
    assert (card.sha256, card.kmac_per_pixel) == (content["sha256"], content["kmac_per_pixel"])
    assert card.trained_on == content["training"]["pack"]["folders"]
    assert [table.name for table in card.scores] == list(content["scores"])
    for table in card.scores:
        assert table.convention == "y"
        for row in table.rows:
            assert row.result == content["scores"][table.name]["result"][row.name]
            assert row.input == content["scores"][table.name]["input"][row.name]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not valid JSON"),
        ('{"sha256": "ab', "not valid JSON"),
        ("[1, 2]", "not a JSON object"),
        (b"\xff\xfe{}", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("1" * 5_000, "not valid JSON"),
    ],
    ids=["empty", "cut off", "a list", "no text", "nested without end", "a number without end"],
)
def test_a_card_that_cannot_be_read_is_named(weights, content, message):
    card = card_of(weights(content))
    assert len(card.problems) == 1
    assert "net.json" in card.problems[0]
    assert message in card.problems[0]
    with pytest.raises(SharpError, match=r"net\.json.*install its package again"):
        read_card(weights(content))


def test_the_card_of_the_plugin_guide_is_one(weights):
    guide = (Path(__file__).parents[2] / "docs/plugins.md").read_text()
    (example,) = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    card = card_of(weights(example))
    assert card.problems == ()
    assert all(getattr(card, name) for name in vars(card).keys() - {"problems"})


def test_a_missing_card_is_named(tmp_path):
    assert card_of(tmp_path / "net.onnx").problems == ("the card net.json is missing; install its package again",)


@pytest.mark.parametrize(
    ("change", "lost", "message"),
    [
        ({"sha256": 12}, "sha256", "sha256 is not text"),
        ({"bytes": "12"}, "bytes", "bytes is not a whole number"),
        ({"bytes": True}, "bytes", "bytes is not a whole number"),
        ({"kmac_per_pixel": [1]}, "kmac_per_pixel", "kmac_per_pixel is not a number"),
        ({"parameters": 10**400}, "parameters", "parameters is not a whole number"),
        ({"licence": {"name": "MIT"}}, "licence", "licence is not text"),
        ({"training": "on DIV2K"}, "trained_on", "training is not a JSON object"),
        ({"training": {"pack": {"folders": {"DIV2K": "all"}}}}, "trained_on", "numbers of images"),
        ({"scores": [37.5]}, "scores", "scores are not a JSON object"),
        ({"scores": {"x2": {"result": {"Set5": {"psnr": 37.5}}}}}, "scores", "'x2'"),
        ({"scores": {"x2": {"convention": "y", "result": {"Set5": 37.5}}}}, "scores", "'x2'"),
        ({"scores": {"x2": {"convention": "y", "result": {"Set5": {"psnr": "good"}}}}}, "scores", "'x2'"),
    ],
    ids=lambda value: None if not isinstance(value, dict) else " ".join(value),
)
def test_a_part_of_the_wrong_form_is_named_and_the_rest_is_read(weights, change, lost, message):
    card, whole = card_of(weights(GOOD | change)), card_of(weights(GOOD))
    assert whole.problems == ()
    assert len(card.problems) == 1
    assert message in card.problems[0]
    assert not getattr(card, lost)
    for name in vars(whole).keys() - {lost, "problems"}:
        assert getattr(card, name) == getattr(whole, name)


def test_a_figure_that_is_no_number_counts_as_not_given(weights):
    """Python's own json writes NaN, which other readers refuse."""
    text = json.dumps(GOOD | {"kmac_per_pixel": float("nan")})
    card = card_of(weights(text))
    assert "NaN" in text
    assert (card.kmac_per_pixel, card.problems) == (None, ())


OPTIONAL = {
    "bytes": st.integers(1, 10**9),
    "weights": st.sampled_from(["float32", "float16", "int8"]),
    "parameters": st.integers(1, 10**9),
    "kmac_per_pixel": st.floats(0.1, 10**6) | st.integers(1, 10**6),
    "licence": st.text(max_size=9),
    "conditioned": st.just(0),
    "training": st.none()
    | st.just({})
    | st.fixed_dictionaries(
        {}, optional={"pack": st.none() | st.fixed_dictionaries({}, optional={"folders": st.just({"DIV2K": 800})})}
    ),
    "scores": st.none()
    | st.just({})
    | st.dictionaries(
        st.text(max_size=5),
        st.fixed_dictionaries(
            {"convention": st.sampled_from(["y", "rgb"]), "result": st.just({"Set5": {"psnr": None, "ssim": 1}})},
            optional={"input": st.none() | st.sampled_from([{}, {"Set5": {}}, {"Set5": None}, {"Set5": {"psnr": 33}}])},
        ),
        max_size=2,
    ),
}
"""What the guide for authors lets a card leave out, as it may be given; null is left out too."""


def allowed_cards():
    """Cards with the three entries that are required and any of the others."""
    required = {"sha256": st.just("ab" * 32), "tile_multiple": st.just(2), "color": st.just("luma")}
    return st.fixed_dictionaries(required, optional={name: st.none() | value for name, value in OPTIONAL.items()})


@given(allowed_cards())
def test_a_card_may_leave_out_what_the_guide_says(content):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "net.json").write_text(json.dumps(content))
        card = card_of(Path(folder) / "net.onnx")
    assert card.problems == ()
    for name in ("sha256", "bytes", "weights", "parameters", "kmac_per_pixel", "licence"):
        assert getattr(card, name) == content.get(name)
    assert [table.name for table in card.scores] == list(content.get("scores") or {})
