import json
import os

import pytest

from sharpcli.batch.plan import MEMORY
from sharpcli.batch.resume import remember
from sharpcli.errors import SharpError
from sharpcli.files.locks import folder_lock

SETTINGS = {"enhancer": "student", "options": {"profile": "photo"}, "strength": 1.0, "weights": {"a.onnx": "0" * 64}}


def made(path, at):
    path.write_bytes(b"x")
    os.utime(path, ns=(at, at))
    return path


def test_the_same_settings_go_on_where_the_last_run_stopped(tmp_path):
    remember(tmp_path, SETTINGS, overwrite=False)
    result = made(tmp_path / "a.png", 0)
    assert remember(tmp_path, SETTINGS, overwrite=False).done(result)
    assert not remember(tmp_path, SETTINGS, overwrite=False).done(tmp_path / "b.png")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strength": 0.5}, "strength 1.0, now 0.5"),
        ({"options": {"profile": "x2"}}, "options profile=photo, now profile=x2"),
        ({"weights": {"a.onnx": "1" * 64}}, "weights a.onnx=000000000000, now a.onnx=111111111111"),
        ({"upscale": 2}, "upscale none, now 2"),
    ],
)
def test_other_settings_are_refused_naming_what_differs(tmp_path, change, message):
    remember(tmp_path, SETTINGS, overwrite=False)
    (tmp_path / "sub").mkdir()
    made(tmp_path / "sub" / "a.png", 0)
    with pytest.raises(SharpError, match="--on-existing overwrite") as caught:
        remember(tmp_path, {**SETTINGS, **change}, overwrite=False)
    assert message in str(caught.value)
    # A refusal changes nothing.
    remember(tmp_path, SETTINGS, overwrite=False)


def test_a_folder_in_which_nothing_was_made_takes_other_settings(tmp_path):
    remember(tmp_path, SETTINGS, overwrite=False)
    (tmp_path / "sub").mkdir()
    changed = {**SETTINGS, "strength": 0.5}
    remember(tmp_path, changed, overwrite=False)
    result = made(tmp_path / "a.png", 0)
    assert remember(tmp_path, changed, overwrite=False).done(result)


def test_hidden_results_are_results_too(tmp_path):
    remember(tmp_path, SETTINGS, overwrite=False)
    made(tmp_path / ".hidden.png", 0)
    with pytest.raises(SharpError, match="different settings"):
        remember(tmp_path, {**SETTINGS, "strength": 0.5}, overwrite=False)


def test_beside_another_run_only_the_same_settings_are_allowed(tmp_path):
    with folder_lock(tmp_path) as first:
        assert first.alone
        remember(tmp_path, SETTINGS, overwrite=False, alone=first.alone)
        first.share()
        with folder_lock(tmp_path) as second:
            assert not second.alone
            remember(tmp_path, SETTINGS, overwrite=False, alone=second.alone)
            for settings, overwrite in (({**SETTINGS, "strength": 0.5}, False), (SETTINGS, True)):
                with pytest.raises(SharpError, match="another run"):
                    remember(tmp_path, settings, overwrite=overwrite, alone=second.alone)
    with folder_lock(tmp_path) as later:
        assert later.alone


def test_after_an_interrupted_change_of_settings_old_results_are_not_taken_for_new_ones(tmp_path):
    remember(tmp_path, SETTINGS, overwrite=False)
    old, new = made(tmp_path / "old.png", 10**18), tmp_path / "new.png"
    changed = {**SETTINGS, "strength": 0.5}
    remember(tmp_path, changed, overwrite=True)
    new.write_bytes(b"x")
    again = remember(tmp_path, changed, overwrite=False)
    assert (again.done(old), again.done(new)) == (False, True)


def test_a_users_own_file_in_a_new_output_folder_is_never_taken_for_an_old_result(tmp_path):
    own = made(tmp_path / "a.png", 10**18)
    assert remember(tmp_path, SETTINGS, overwrite=False).done(own)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"settings": 3, "redone": false}', '{"settings": {}}', "\x00"])
def test_a_damaged_memory_is_reported_and_not_guessed(tmp_path, text):
    (tmp_path / MEMORY).write_text(text)
    with pytest.raises(SharpError, match="is damaged"):
        remember(tmp_path, SETTINGS, overwrite=False)


def test_the_memory_says_who_wrote_it_and_what_was_done(tmp_path):
    remember(tmp_path, SETTINGS, overwrite=False)
    known = json.loads((tmp_path / MEMORY).read_text())
    assert known["settings"] == SETTINGS
    assert known["made by"].startswith("sharpcli ")
