import json

import pytest

from sharpcli_training.fit.engine import Engine


def test_from_images_to_weights_by_the_commands_alone(sharpcli, images, tmp_path, monkeypatch):
    """The whole mission in small: pairs, teacher, a student of its predictions, and an ONNX file with its card."""
    engines, begin = [], Engine.__init__
    monkeypatch.setattr(Engine, "__init__", lambda engine: (engines.append(engine), begin(engine))[1])
    small = ("--set", "steps=4", "--set", "batch=2", "--set", "patch=32")

    def run(*arguments):
        done = sharpcli("train", *arguments)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    assert "9 training and 2 validation pairs" in run("prepare", images, "-o", tmp_path / "pack", "--crops", 1)
    message = run("teacher", "--pairs", tmp_path / "pack", "-o", tmp_path / "teacher", *small, "--set", "layers=1")
    assert "step 4/4" in message
    assert "min left" in message
    assert len(engines) == 1
    student = ("student", "--recipe", "student-live", "--pairs", tmp_path / "pack")
    run(*student, "--teacher", tmp_path / "teacher", "-o", tmp_path / "student", *small)
    run(*student, "--init", tmp_path / "student", "--set", "teacher_share=0", "-o", tmp_path / "tuned", *small)
    assert "10452 parameters" in run("export", tmp_path / "tuned", "-o", tmp_path / "student.onnx")
    card = json.loads((tmp_path / "student.json").read_text())
    assert card["training"]["recipe"]["teacher_share"] == 0
    assert card["training"]["lineage"] == {"init": "student"}
    assert card["training"]["pack"]["folders"] == {"DIV2K_train_HR": 11}
    run(*student, "--init", "student-live-x2", "--set", "teacher_share=0", "-o", tmp_path / "shipped", *small)
    assert json.loads((tmp_path / "shipped" / "run.json").read_text())["lineage"] == {"init": "student-live-x2"}
    run(*student, "--init", tmp_path / "student.onnx", "--set", "teacher_share=0", "-o", tmp_path / "file", *small)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["teacher", "--pairs", "nowhere", "-o", "run"], "sharpcli train prepare"),
        (["student", "--pairs", "nowhere", "-o", "run"], "use --teacher DIRECTORY"),
        (["export", "nowhere", "-o", "x.onnx"], "train there first"),
        (["prepare", "nowhere", "-o", "pack"], "is not a folder"),
        (["evaluate", "nowhere"], "is not a folder"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(sharpcli, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    done = sharpcli("train", *arguments)
    assert (done.exit_code, message in done.stderr) == (2, True), done.stderr


def test_without_torch_training_says_what_to_install(sharpcli, monkeypatch):
    monkeypatch.setattr("sharpcli_training.extras.find_spec", lambda name: None)
    done = sharpcli("train", "teacher", "--pairs", "p", "-o", "r")
    assert done.exit_code == 2
    assert "pip install 'sharpcli[train]'" in done.stderr
