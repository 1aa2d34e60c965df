import json

import pytest

from sharpcli.registry import load_registry

NETWORKS = ["student", "student-live", "teacher"]


def test_the_list_shows_options_weights_and_origin(sharpcli):
    lines = sharpcli("enhancers").stdout.splitlines()
    heads = [line.split(":")[0] for line in lines if not line.startswith(" ")]
    assert heads == ["bicubic", "student", "student-live", "teacher"]
    text = "\n".join(lines)
    assert "profile=photo (photo or x2 or auto)" in text
    assert "from     sharpcli 0.1.0 (sharpcli_student)" in text
    assert text.count("student-live-x2.onnx (0.0") == 1
    assert "MISSING" not in text


@pytest.mark.parametrize("name", NETWORKS)
def test_every_card_is_complete_and_true_of_its_file(name):
    import hashlib

    cls = load_registry().get(name)
    assert len(cls.weights()) == (2 if name == "teacher" else 4)
    for path in cls.weights():
        card = json.loads(path.with_suffix(".json").read_text())
        assert card["name"] == path.stem
        assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert card["bytes"] == path.stat().st_size < 16_000_000
        colour = "rgb" if name == "teacher" else "luma"
        assert (card["colour"], card["align"], card["reach"]) == (colour, cls.align, cls.reach)
        assert card["training"]["steps_done"] == card["training"]["recipe"]["steps"]
        assert card["training"]["pack"]["profile"] == path.stem.removesuffix("-int8").rsplit("-", 1)[1]
        assert card["licence"]
        assert card["scores"], "the card shows no figures"
        if card["weights"] == "int8":
            assert path.stem.endswith("-int8")
            lost = [figure["psnr"] for score in card["scores"].values() for figure in score["against_fp32"].values()]
            assert all(-0.3 < loss < 0.3 for loss in lost if loss is not None)


@pytest.mark.parametrize(("name", "limit"), [("student", 12.5), ("student-live", 2.6)])
def test_students_stay_within_their_budget(name, limit):
    for path in load_registry().get(name).weights():
        assert json.loads(path.with_suffix(".json").read_text())["kmac_per_pixel"] <= limit
