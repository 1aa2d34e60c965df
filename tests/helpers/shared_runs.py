"""What torchrun starts in two processes: several runs, and what must be refused. Arguments: a pack, a folder."""

import sys
from pathlib import Path

from sharpcli.errors import SharpError
from sharpcli_training.data.pairs import Pairs
from sharpcli_training.fit.engine import Engine
from sharpcli_training.fit.loop import train
from sharpcli_training.recipe import Recipe

LEARN = {"steps": 6, "peak_rate": 1e-3, "patch": 32, "validate_every": 1}
STUDENT = {"network": "student", "channels": 8, "layers": 1, "loss": "l1", **LEARN}
RECIPES = {
    # Five crops for two processes, and a parameter that no step needs (the scale of the first layer).
    "adam-edge-uneven": Recipe(**STUDENT, batch=5, blocks="edge", clip=20),
    "adam-int8-finish": Recipe(**STUDENT, batch=8, quantize=True, finish_share=0.5, finish_patch=64),
    "soap-collapsible": Recipe(**STUDENT, batch=4, blocks="collapsible", optimizer="soap"),
    "muon-teacher": Recipe("teacher", 8, 1, **LEARN, batch=2, optimizer="muon", loss="log_mse", luma_share=0.8),
}
REFUSED = {
    "small": Recipe(**STUDENT, batch=1),
    "small-finish": Recipe(**STUDENT, batch=4, finish_share=0.5, finish_patch=64),
}


def refusal(recipe, pairs, folder):
    try:
        train(recipe, pairs, folder, print)
    except SharpError as error:
        return str(error)
    return "accepted"


def main(pack, out):
    engine = Engine()
    for name, recipe in RECIPES.items():
        train(recipe, Pairs(pack, luma=recipe.network == "student"), out / name, print)
    pairs = Pairs(pack, luma=True)
    message = [refusal(recipe, pairs, out / name) for name, recipe in REFUSED.items()]
    # The second process finds no checkpoint where the first finds a finished run.
    elsewhere = out / ("adam-edge-uneven" if engine.main else "not-shared")
    message.append(refusal(RECIPES["adam-edge-uneven"], pairs, elsewhere))
    (out / f"refused-{engine.rank}.txt").write_text("\n".join(message))
    engine.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
