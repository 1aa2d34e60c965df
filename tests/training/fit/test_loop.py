import dataclasses
import json
import re

import numpy as np
import pytest
import torch

from sharpcli.errors import SharpError
from sharpcli_training.data.pairs import Pairs
from sharpcli_training.export.onnx import export
from sharpcli_training.fit.checkpoints import load_run
from sharpcli_training.fit.loop import advice_on_batch, train
from sharpcli_training.fit.losses import LOSSES
from sharpcli_training.fit.optimizers import rate_at
from sharpcli_training.fit.teacher_labels import label
from sharpcli_training.networks.base import to_luma
from sharpcli_training.recipe import Recipe, builtin_recipes, load_recipe

TINY = Recipe("student", channels=8, layers=1, steps=6, peak_rate=1e-3, batch=2, patch=32, validate_every=3)


def silent(line):
    pass


def weights(run):
    return torch.cat([p.flatten() for p in run.network.parameters()])


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe("student", 24, 3, steps=300, peak_rate=5e-3, loss="l1"),
        Recipe("teacher", 16, 1, steps=80, peak_rate=4e-4, loss="mse", clip=200),
    ],
    ids=["student", "teacher"],
)
def test_the_loop_overfits_one_tiny_batch(packs, tmp_path, recipe):
    """One crop, always in the same place: a loop that learns wins far more on it than any network does in general."""
    pairs = Pairs(packs / "x2", luma=recipe.network == "student")
    pairs.train = [pairs.train[0][1:2, :, 48:80, 48:80]]
    pairs.val, pairs.drawn, pairs.kinds = pairs.train[0], [1], []
    recipe = dataclasses.replace(recipe, batch=1, patch=32, ema=0.9)
    always = pairs.batch(0, 0, 1, 32)
    pairs.batch = lambda *_: always
    pairs.validation = lambda count: [tuple((255 * part).round().byte() for part in always[:2])]
    last = train(recipe, pairs, tmp_path / "run", silent).history[-1]
    assert last["psnr"] > last["input"] + 10


def test_the_same_seed_gives_the_same_network_and_another_another(packs, tmp_path):
    pairs = Pairs(packs / "x2", luma=True)
    first, second = (train(TINY, pairs, tmp_path / name, silent) for name in ("a", "b"))
    other = train(dataclasses.replace(TINY, seed=1), pairs, tmp_path / "c", silent)
    assert torch.equal(weights(first), weights(second))
    assert first.history == second.history
    assert not torch.equal(weights(first), weights(other))


@pytest.mark.parametrize(
    ("changes", "stop"),
    # SOAP's bases are turned before and after the interruption.
    [({}, 4), ({"optimizer": "soap", "quantize": True, "steps": 24}, 14), ({"optimizer": "muon"}, 4)],
    ids=str,
)
def test_an_interrupted_run_goes_on_as_if_it_had_not_been(packs, tmp_path, changes, stop):
    pairs = Pairs(packs / "x2", luma=True)
    recipe = dataclasses.replace(TINY, **changes)
    unbroken = train(recipe, pairs, tmp_path / "unbroken", silent)
    draw = pairs.batch

    def stops(step, *args):
        if step == stop:
            raise KeyboardInterrupt
        return draw(step, *args)

    pairs.batch = stops
    with pytest.raises(KeyboardInterrupt):
        train(recipe, pairs, tmp_path / "broken", silent, save_every=0)
    pairs.batch = draw
    message = []
    resumed = train(recipe, pairs, tmp_path / "broken", message.append)
    assert message[0] == f"resuming at step {stop} of {recipe.steps}"
    assert torch.equal(weights(resumed), weights(unbroken))
    assert resumed.history == unbroken.history, "the losses since the last entry were forgotten"


def test_a_run_leaves_its_recipe_curves_and_tensorboard_log(packs, tmp_path):
    train(TINY, Pairs(packs / "x2", luma=True), tmp_path / "run", silent)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["recipe"]["channels"] == 8
    assert (tmp_path / "run" / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert list((tmp_path / "run" / "tensorboard").glob("events.*"))


def test_another_recipe_in_the_same_folder_is_refused(packs, tmp_path):
    train(TINY, Pairs(packs / "x2", luma=True), tmp_path / "run", silent)
    with pytest.raises(SharpError, match="another recipe"):
        train(dataclasses.replace(TINY, channels=4), Pairs(packs / "x2", luma=True), tmp_path / "run", silent)


def crops_of_error(*levels):
    """Two crops, 1 x 8 x 8, that are wrong by so many levels everywhere."""
    return torch.tensor(levels).view(2, 1, 1, 1).expand(2, 1, 8, 8)


def test_log_mse_orders_results_as_mean_psnr_does():
    """One crop twice as good is worth the same on an easy crop as on a hard one."""
    reference, came = torch.zeros(2, 1, 8, 8), crops_of_error(40.0, 10.0)
    results = crops_of_error(20.0, 10.0), crops_of_error(40.0, 5.0)
    hard, easy = (LOSSES["log_mse"](result, reference, came).item() for result in results)
    assert easy == pytest.approx(hard, rel=0.01)
    assert easy < LOSSES["log_mse"](came, reference, came)


def test_relative_mse_charges_for_spoiling_what_came_good():
    """Squared error would take the second result: the bad crop gains more levels than the good one loses."""
    reference, came = torch.zeros(2, 1, 8, 8), crops_of_error(20.0, 4.0)
    kept, spoilt = crops_of_error(19.0, 4.0), crops_of_error(18.0, 6.0)
    assert LOSSES["mse"](spoilt, reference, came) < LOSSES["mse"](kept, reference, came)
    assert LOSSES["relative_mse"](kept, reference, came) < LOSSES["relative_mse"](spoilt, reference, came)


def test_an_unknown_loss_says_which_there_are(packs, tmp_path):
    with pytest.raises(SharpError, match="mse, l1, relative_mse, log_mse"):
        train(dataclasses.replace(TINY, loss="l3"), Pairs(packs / "x2", luma=True), tmp_path / "run", silent)


def test_a_share_of_labels_that_are_not_there_is_refused(packs, tmp_path):
    with pytest.raises(SharpError, match=r"teacher_share is 0\.5 and there are no labels"):
        train(dataclasses.replace(TINY, teacher_share=0.5), Pairs(packs / "x2", luma=True), tmp_path / "run", silent)


def close(network, index):
    """Make a layer's ReLU stay shut whatever it is given, from the start."""
    with torch.no_grad():
        network.stack[index].bias.fill_(-1e3)


def test_a_run_whose_layer_is_dead_stops_and_says_which(packs, tmp_path):
    pairs, message = Pairs(packs / "x2", luma=True), []
    with pytest.raises(SharpError, match=r"layer stack\.1 is dead at step 3.*peak_rate below 0\.001"):
        train(TINY, pairs, tmp_path / "run", message.append, lambda network: close(network, 1))
    assert "stack.1 100 %" in message[-1]


def test_channels_that_never_fire_are_said_and_stand_in_the_card(packs, tmp_path):
    def close_some(network):
        with torch.no_grad():
            network.stack[1].bias[:3] = -1e3

    message = []
    train(TINY, Pairs(packs / "x2", luma=True), tmp_path / "run", message.append, close_some)
    assert any("channels that never fire:" in line for line in message)
    card = export(tmp_path / "run", tmp_path / "out.onnx")
    assert card["training"]["dead_channels"]["stack.1"] >= 3 / 8
    assert set(card["training"]["dead_channels"]) == {"stack.0", "stack.1"}


def test_validation_reports_by_what_crops_went_through(packs, tmp_path):
    """An untouched network gains nothing on any kind."""
    pairs, message = Pairs(packs / "photo", luma=True), []
    pairs.val, pairs.kinds = np.array(pairs.train[0][:4]), ["sharp", "scale to 2", "scale to 2", "sharp + JPEG"]
    entry = train(dataclasses.replace(TINY, peak_rate=0.0), pairs, tmp_path / "run", message.append).history[-1]
    assert entry["gains"] == dict.fromkeys(pairs.kinds, pytest.approx(0, abs=1e-4))
    assert any("sharp + JPEG" in line for line in message)


def test_a_gpu_is_given_enough_to_do_or_it_is_said():
    assert advice_on_batch(Recipe("student", 8, 1, 6, 1e-3), "cpu", 1) == ""
    said = advice_on_batch(Recipe("student", 8, 1, 6, 1e-3), "cuda", 2)
    assert "32 thousand pixels" in said
    batch = int(re.search(r"batch=(\d+)", said)[1])
    assert advice_on_batch(Recipe("student", 8, 1, 6, 1e-3, batch=batch), "cuda", 2) == ""


@pytest.mark.parametrize("quantize", [False, True])
def test_products_are_exact_while_quantising_and_only_then(packs, tmp_path, monkeypatch, quantize):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    pairs, seen = Pairs(packs / "x2", luma=True), []
    draw = pairs.batch

    def looks(step, *args):
        seen.append(torch.backends.cudnn.allow_tf32)
        return draw(step, *args)

    pairs.batch = looks
    train(dataclasses.replace(TINY, quantize=quantize), pairs, tmp_path / "run", silent)
    assert set(seen[-TINY.steps :]) == {not quantize}
    assert torch.backends.cudnn.allow_tf32


def test_the_rate_climbs_then_ends_at_zero():
    recipe = dataclasses.replace(TINY, steps=100, warmup=0.1)
    rates = [rate_at(recipe, step) for step in range(101)]
    assert max(rates) == pytest.approx(recipe.peak_rate)
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[100] == pytest.approx(0, abs=1e-12)


def test_labels_are_the_teachers_predictions_and_are_learned_from(packs, tmp_path):
    pairs = Pairs(packs / "x2")
    teacher = Recipe("teacher", 8, 1, steps=2, peak_rate=1e-4, batch=1, patch=32, loss="mse")
    planes = Pairs(packs / "x2", luma=True)
    train(teacher, pairs, tmp_path / "teacher", silent)
    planes.labels = [label(tmp_path / "teacher", packs / "x2", lambda done, total: None)]
    _, network, _ = load_run(tmp_path / "teacher")
    crop = torch.tensor(pairs.train[0][0, 0]).permute(2, 0, 1)[None] / 255
    ways = [(quarter, mirror) for quarter in range(4) for mirror in (False, True)]
    expected = torch.zeros(128, 128)
    with torch.no_grad():
        for quarter, mirror in ways:
            seen = crop.flip(3).rot90(quarter, (2, 3)) if mirror else crop.rot90(quarter, (2, 3))
            luma = to_luma(network(seen))[0, 0].rot90(-quarter)
            expected += (luma.flip(1) if mirror else luma) / len(ways)
    # The labels are computed in bfloat16, whose steps near 1 are 1/256 of the residual that was predicted.
    assert torch.allclose(torch.tensor(planes.labels[0][0]).float(), expected.clamp(0, 1), atol=4e-3)
    losses = {
        share: train(
            dataclasses.replace(TINY, steps=1, teacher_share=share), planes, tmp_path / str(share), silent
        ).history[0]["loss"]
        for share in (0.0, 0.5, 1.0)
    }
    assert losses[0.0] != losses[1.0]
    assert losses[0.5] == pytest.approx((losses[0.0] + losses[1.0]) / 2, rel=1e-5)


def test_every_builtin_recipe_can_be_read():
    assert {"teacher", "student", "student-live"} <= set(builtin_recipes())
    for name in builtin_recipes():
        assert load_recipe(name).steps > 0


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("studnet", (), "there are "),
        ("student", ("step=3",), "no setting 'step'"),
        ("student", ("steps=many",), "must be of type int"),
    ],
)
def test_a_wrong_recipe_says_what_would_be_right(name, changes, message):
    with pytest.raises(SharpError, match=message):
        load_recipe(name, changes)
