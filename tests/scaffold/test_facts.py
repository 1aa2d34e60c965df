"""What is found out about a network is true, and an enhancer made of it does what the network does."""

import re
from importlib.util import module_from_spec, spec_from_file_location

import numpy as np
import pytest

from sharpcli.errors import SharpError
from sharpcli.image.image import Image, luma
from sharpcli.image.resample import degrade
from sharpcli.image.sample import photograph
from sharpcli.inference.native_scale import at_native_scale
from sharpcli.pipeline.guard import call
from sharpcli.pipeline.run import sharpen
from sharpcli.scaffold.onnx.facts import read_facts
from sharpcli.scaffold.package import module_of, new_plugin
from tests.helpers.onnx_networks import run

# layout, channels, order, peak, scale, multiple, and how far torch's layers reach
TRUE = {
    "Certain": ("nchw", 3, "rgb", 1, 1, 1, 2),
    "OpenCv": ("nchw", 3, "bgr", 255, 1, 1, 2),
    "Keras": ("nhwc", 3, "rgb", 1, 1, 1, 2),
    "Bytes": ("nchw", 3, "rgb", 255, 1, 1, 2),
    "Half": ("nchw", 3, "rgb", 1, 1, 1, 2),
    "Luma": ("nchw", 1, "rgb", 1, 1, 1, 2),
    "Mirroring": ("nchw", 3, "rgb", 1, 1, 1, 2),
    "Shrinking": ("nchw", 3, "rgb", 1, 1, 8, 9),
    "Padding": ("nchw", 3, "rgb", 1, 1, 1, 9),
    "Doubler": ("nchw", 3, "rgb", 1, 2, 1, 4),
}


def refuse(questions):
    raise AssertionError(f"asked for {[question.name for question in questions]}")


@pytest.fixture(scope="session")
def known(exported):
    """The facts of a network that tells all of them."""
    read = {}

    def one(name):
        if name not in read:
            read[name] = read_facts(exported(name)[0], refuse, None, None, None)
        return read[name]

    return one


def enhancer(facts, folder):
    """What a plugin made of these facts offers."""
    new_plugin("a-network", folder, facts)
    spec = spec_from_file_location("a_network", folder / module_of("a-network") / "__init__.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Network()


def soft(facts, size=(150, 130)):
    pixels = np.divide(degrade(photograph(size).pixels, 2), 255, dtype=np.float32)
    return luma(pixels) if facts.form.channels == 1 else pixels


@pytest.mark.parametrize("name", TRUE)
def test_the_facts_are_true(known, name):
    facts = known(name)
    form = facts.form
    layout, channels, order, peak, scale, multiple, radius = TRUE[name]
    assert (form.layout, form.channels, form.order, form.peak) == (layout, channels, order, peak)
    assert (facts.scale, form.multiple) == (scale, multiple)
    assert radius <= facts.tiles.receptive_radius <= 3 * radius + 16
    assert facts.tiles.tile_multiple == {"Shrinking": 8, "Padding": 8, "Doubler": 2}.get(name, 1)
    assert 5 < form.least <= 8 if name == "Mirroring" else form.least == multiple


@pytest.mark.parametrize("name", TRUE)
def test_the_enhancer_does_what_the_network_does(known, exported, tmp_path, name):
    network = exported(name)[1]
    pixels = soft(known(name))
    made = enhancer(known(name), tmp_path / "p")
    if made.dtype == "uint8":
        levels = np.rint(pixels * 255).astype(np.uint8)
        np.testing.assert_array_equal(call(made, levels), np.rint(run(network, levels / np.float32(255)) * 255))
        return
    expected = at_native_scale(pixels, network.scale, lambda small: run(network, small))
    tolerance = 2e-3 if name == "Half" else 1e-5
    np.testing.assert_allclose(call(made, pixels), expected, atol=tolerance)
    np.testing.assert_allclose(call(made.with_threads(2), pixels), expected, atol=tolerance)


@pytest.mark.parametrize("name", TRUE)
def test_tiles_give_what_the_whole_gives(known, tmp_path, name):
    facts = known(name)
    made = enhancer(facts, tmp_path / "p")
    image = Image(degrade(photograph((203, 171)).pixels, 2), "RGB")
    whole, tiles = (sharpen(image, made, tile=tile).pixels.astype(int) for tile in (1024, 48))
    assert np.abs(whole - tiles).max() <= 1
    assert np.abs(whole - image.pixels).max() > 1


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 2)])
@pytest.mark.parametrize("name", ["Shrinking", "Mirroring", "Doubler"])
def test_the_smallest_images_are_taken(known, tmp_path, name, size):
    made = enhancer(known(name), tmp_path / "p")
    assert call(made, soft(known(name), size)).shape == (*size[::-1], 3)


@pytest.mark.slow
def test_what_looks_at_the_whole_image_has_no_receptive_radius(exported):
    facts = read_facts(exported("Pooling")[0], refuse, None, "rgb", None)
    assert facts.tiles.receptive_radius is None
    assert "needs: the whole image at once" in "\n".join(facts.lines())


def test_what_cannot_be_told_is_asked_for_and_the_answer_is_taken(exported):
    asked = []

    def ask(questions):
        asked.extend(question.name for question in questions)
        return {"peak": "255", "order": "bgr"}

    facts = read_facts(exported("Sharpener")[0], ask, None, None, None)
    assert asked == ["peak", "order"]
    assert (facts.form.peak, facts.form.order) == (255, "bgr")


def test_what_is_given_is_not_asked_for(exported):
    facts = read_facts(exported("Sharpener")[0], refuse, "nchw", "bgr", 1)
    assert (facts.form.peak, facts.form.order) == (1, "bgr")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Classifier", "the output of classifier.onnx is out (1 x 3, float32); an image needs 4 dimensions"),
        ("Twin", "twin.onnx has 2 inputs (x (1 x 3 x ? x ?, float32), y (1 x 3 x ? x ?, float32))"),
        ("Rgba", "the input of rgba.onnx is x (1 x 4 x ? x ?, float32); images have 3 channels, or 1 for luma"),
        ("Grey", "cannot be used: it turns 97 x 95 x 3 into 97 x 95 x 1 "),
        ("Valid", "cannot be used: it turns 97 x 95 x 3 into 89 x 87 x 3 "),
        ("Thumbnail", "cannot be used: it turns 97 x 95 x 3 into 48 x 47 x 3 "),
        ("Fixed", "cannot be used: it only accepts 64 x 64 pixels; export it with dynamic axes"),
        ("Residual", "the output of residual.onnx does not resemble its input"),
    ],
)
def test_what_is_no_enhancer_is_refused_in_words(exported, name, words):
    with pytest.raises(SharpError) as refused:
        read_facts(exported(name)[0], refuse, None, None, None)
    assert re.match(rf"(the (input|output) of )?{name.lower()}\.onnx ", str(refused.value))
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("Luma", {"order": "rgb"}, "omit --order"),
        ("Bytes", {"peak": 1}, "omit --peak"),
        ("Certain", {"layout": "nhwc"}, "not --layout nhwc"),
        ("Certain", {"peak": 255}, "does not resemble its input"),
    ],
)
def test_what_is_given_must_fit(exported, name, given, words):
    with pytest.raises(SharpError, match=words):
        read_facts(exported(name)[0], refuse, **{"layout": None, "order": None, "peak": None, **given})


@pytest.mark.parametrize("weights", ["student-photo", "student-x2", "student-x2-int8", "student-live-photo"])
def test_a_real_network_is_recognised(weights):
    from sharpcli.plugin.registry import load_registry

    student = load_registry().get(weights.partition("-photo")[0].partition("-x2")[0])
    file = next(path for path in student.weights() if path.stem == weights)
    facts = read_facts(file, refuse, None, None, None)
    assert (facts.form.channels, facts.form.peak, facts.scale) == (1, 1, 1)
    assert facts.form.multiple == facts.tiles.tile_multiple == student.tile_multiple
    assert facts.look.after > facts.look.before + 1
    assert student.receptive_radius - 2 <= facts.tiles.receptive_radius <= student.receptive_radius + 2
