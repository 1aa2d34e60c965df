import dataclasses
import json

import pytest
import torch

from sharpcli.errors import SharpError
from sharpcli_training.data.pairs import Pairs
from sharpcli_training.fit.checkpoints import load_run
from sharpcli_training.fit.loop import train
from sharpcli_training.fit.losses import LOSSES
from sharpcli_training.fit.optimizers import rate_at
from sharpcli_training.fit.teacher_labels import label
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
    pairs.train = [pairs.train[0][:1, :, 48:80, 48:80]]
    pairs.val = pairs.train[0]
    recipe = dataclasses.replace(recipe, batch=1, patch=32, ema=0.9)
    always = pairs.batch(0, 0, 1, 32)
    pairs.batch = lambda *_: always
    pairs.validation = lambda: always[:2]
    last = train(recipe, pairs, tmp_path / "run", silent).history[-1]
    assert last["psnr"] > last["input"] + 10


def test_the_same_seed_gives_the_same_network_and_another_another(packs, tmp_path):
    pairs = Pairs(packs / "x2", luma=True)
    first, second = (train(TINY, pairs, tmp_path / name, silent) for name in ("a", "b"))
    other = train(dataclasses.replace(TINY, seed=1), pairs, tmp_path / "c", silent)
    assert torch.equal(weights(first), weights(second))
    assert first.history == second.history
    assert not torch.equal(weights(first), weights(other))


@pytest.mark.parametrize("changes", [{}, {"optimizer": "soap", "quantize": True}, {"optimizer": "muon"}], ids=str)
def test_an_interrupted_run_goes_on_as_if_it_had_not_been(packs, tmp_path, changes):
    pairs = Pairs(packs / "x2", luma=True)
    recipe = dataclasses.replace(TINY, **changes)
    unbroken = train(recipe, pairs, tmp_path / "unbroken", silent)
    draw = pairs.batch

    def stops_at_four(step, *args):
        if step == 4:
            raise KeyboardInterrupt
        return draw(step, *args)

    pairs.batch = stops_at_four
    with pytest.raises(KeyboardInterrupt):
        train(recipe, pairs, tmp_path / "broken", silent, save_every=0)
    pairs.batch = draw
    message = []
    resumed = train(recipe, pairs, tmp_path / "broken", message.append)
    assert message[0] == "resuming at step 4 of 6"
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
    planes.labels = [label(tmp_path / "teacher", pairs, lambda done, total: None)]
    _, network, _ = load_run(tmp_path / "teacher")
    from sharpcli_training.data.pairs import to_tensor
    from sharpcli_training.networks.base import to_luma

    with torch.no_grad():
        expected = to_luma(network(to_tensor([pairs.train[0][0, 0]])))[0, 0]
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
