"""What the browser finds in images, against what Python finds."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.image.read import read_image
from sharpcli.inference.conditioned import LUMA_NOISE
from sharpcli.inference.estimator import CALL_WEIGHTS, HEADS, WEIGHTS, combined, estimate
from sharpcli_training.export.estimators import write_estimator
from tests.edge.wasm_page import ROOT, opened, pages_in

BLURRY = ROOT / "examples" / "blurry"
EXAMPLES = {path.name: read_image(path).pixels for path in sorted(BLURRY.glob("*.*g"))}
SMALL = {"small": EXAMPLES["phone-soft.jpg"][200:245, 300:370], "low": EXAMPLES["webcam.jpg"][100:140, :500]}
"""Smaller than a patch, in both directions and in one."""
PICTURES = {**EXAMPLES, **SMALL}
ROUNDED = 0.02
"""What weights in eight bits may change in the vector, whose numbers are about 1."""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = pages_in(tmp_path_factory.mktemp("pages"))
    for precision in ("fp16", "int8"):
        (folder / precision).mkdir()
        for weights in (WEIGHTS, CALL_WEIGHTS):
            write_estimator(weights, folder / precision, precision)
    for name, pixels in PICTURES.items():
        PILImage.fromarray(pixels.squeeze()).save(folder / f"{name}.png")
    with opened(folder, "estimate.html") as page:
        yield page


def told(degradation, noise=1.0):
    """Vector and words for each profile; `noise` is the share of a channel's that is in luma."""
    happened = {"deblur": degradation.decided(), "call": degradation.of_call()}
    return {key: (one.vector(), replace(one, noise=one.noise / noise).describe()) for key, one in happened.items()}


def compare(found, expected, tolerance):
    vector, words = expected
    assert found["vector"] == pytest.approx(vector, abs=tolerance)
    assert found["words"] == words


@pytest.mark.parametrize(
    ("weights", "precision", "names", "tolerance"),
    [
        (WEIGHTS, "fp16", PICTURES, 0.002),
        (WEIGHTS, "int8", ["phone-blurred.jpg", "phone-shaken.jpg"], ROUNDED),
        (CALL_WEIGHTS, "fp16", ["webcam.jpg", "video-frame.png"], 0.002),
        (CALL_WEIGHTS, "int8", ["webcam.jpg"], ROUNDED),
    ],
)
def test_images_are_told_as_in_python(page, weights, precision, names, tolerance):
    profile = "call" if weights == CALL_WEIGHTS else "deblur"
    for name in names:
        pixels = PICTURES[name]
        found = page.evaluate("(files) => find(...files)", [f"{precision}/{weights.stem}.bin", f"{name}.png"])
        share = LUMA_NOISE if pixels.shape[2] == 3 else 1.0
        compare(found[profile], told(estimate(pixels, weights), share)[profile], tolerance)


def test_any_findings_are_told_as_in_python(page):
    generator = np.random.default_rng(5)
    for spread in np.geomspace(0.2, 4, 60):
        # Patches of one image agree more or less, whatever they say.
        said = generator.normal(0, 1.5, sum(HEADS.values()))
        textured, flat = (said + generator.normal(0, spread, (count, len(said))) for count in (24, 7))
        found = page.evaluate("(findings) => tell(...findings)", [textured.tolist(), flat.tolist()])
        for profile, expected in told(combined(textured, flat)).items():
            compare(found[profile], expected, 1e-6)


def test_what_is_no_estimator_is_refused_in_a_sentence(page):
    assert page.evaluate("refused('video-frame.png.png')") == "This file is not a network of sharpcli."
