import json

import pytest

from sharpcli.plugin.registry import load_registry

NETWORKS = ["student", "student-large", "student-live", "teacher"]


def test_the_list_shows_options_weights_and_origin(sharpcli):
    lines = sharpcli("enhancers").stdout.splitlines()
    heads = [line.split(":")[0] for line in lines if not line.startswith(" ")]
    assert heads == ["bicubic", *NETWORKS]
    text = "\n".join(lines)
    assert "profile=auto (deblur or photo or call or x2 or auto)" in text
    assert "package  sharpcli 0.1.0 (sharpcli_student)" in text
    assert text.count("student-live-x2.onnx (0.0") == 1
    assert "MISSING" not in text


def test_as_json_it_has_all_that_is_known(sharpcli):
    listing = json.loads(sharpcli("enhancers", "--json").stdout)
    assert [entry["name"] for entry in listing["enhancers"]] == ["bicubic", *NETWORKS]
    assert listing["broken"] == []
    files = {file["name"]: file for entry in listing["enhancers"] for file in entry["weights"]}
    (table,) = files["student-x2.onnx"]["card"]["scores"]
    assert (table["name"], table["convention"]) == ("x2", "y")
    for row in table["rows"]:
        assert row["result"]["psnr"] > row["input"]["psnr"] > 25


def test_a_damaged_card_is_reported_in_its_place(sharpcli, tmp_path, monkeypatch):
    student = load_registry().get("student")
    for file in student.weights():
        (tmp_path / file.name).symlink_to(file)
        (tmp_path / file.name).with_suffix(".json").write_bytes(file.with_suffix(".json").read_bytes())
    (tmp_path / "student-x2.json").write_text("{")
    (tmp_path / "student-photo.onnx").unlink()
    monkeypatch.setattr(student, "folder", tmp_path)
    done = sharpcli("enhancers")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    place = lines.index("    weights  student-x2.onnx (0.20 MB)")
    assert lines[place + 1].startswith("    problem  student-x2.onnx: the card student-x2.json is not valid JSON")
    assert any(line.startswith("    weights  student-photo.onnx (MISSING, sha256 c430") for line in lines)
    assert lines[-1].startswith("    weights  teacher-x2.onnx (6.59 MB")


@pytest.mark.parametrize("name", NETWORKS)
def test_every_card_is_complete_and_true_of_its_file(name):
    import hashlib

    cls = load_registry().get(name)
    assert len(cls.weights()) == {"student-large": 4, "teacher": 3}.get(name, 8)
    for path in cls.weights():
        card = json.loads(path.with_suffix(".json").read_text())
        assert card["name"] == path.stem
        assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert card["bytes"] == path.stat().st_size < 16_000_000
        color = "rgb" if name == "teacher" else "luma"
        profile = path.stem.removesuffix("-int8").rsplit("-", 1)[1]
        assert (card["color"], card["tile_multiple"], card["receptive_radius"]) == (
            color,
            cls.tile_multiple,
            cls(profile=profile).receptive_radius,
        )
        # A run by the clock has no number of steps to reach.
        assert card["training"]["recipe"]["steps"] in (0, card["training"]["steps_done"])
        assert card["training"]["pack"]["profile"] == profile
        assert card["licence"]
        if card["weights"] == "int8":
            assert path.stem.endswith("-int8")
        if card.get("conditioned"):
            continue  # measured in docs/deblur.md; `train report` does not know these networks yet
        assert card["scores"], "the card shows no figures"
        if card["weights"] == "int8":
            lost = [figure["psnr"] for score in card["scores"].values() for figure in score["against_fp32"].values()]
            assert all(-0.3 < loss < 0.3 for loss in lost if loss is not None)


@pytest.mark.parametrize(("name", "limit"), [("student", 12.5), ("student-live", 2.6)])
def test_students_stay_within_their_budget(name, limit):
    for path in load_registry().get(name).weights():
        assert json.loads(path.with_suffix(".json").read_text())["kmac_per_pixel"] <= limit
