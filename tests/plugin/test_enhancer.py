import dataclasses

import numpy as np
import pytest

from sharpcli.errors import SharpError
from sharpcli.pipeline.guard import call, for_image
from sharpcli.plugin.enhancer import Enhancer, option
from sharpcli.plugin.validate import check_enhancer


class Brighten(Enhancer):
    name = "brighten"
    summary = "adds light"
    amount: float = option(0.5, "how much", min=0, max=3)
    times: int = option(1, "how often", min=1)
    mode: str = option("plain", "which way", choices=("plain", "fancy"))
    invert: bool = option(False, "the other way round")

    def enhance(self, pixels):
        return pixels


def test_options_are_the_declared_fields_in_order():
    assert [o.name for o in Brighten.options()] == ["amount", "times", "mode", "invert"]
    assert Brighten.options()[0].max == 3


def test_texts_become_values_of_the_declared_types():
    made = Brighten.create({"amount": "1.5", "times": "2", "mode": "fancy", "invert": "yes"})
    assert (made.amount, made.times, made.mode, made.invert) == (1.5, 2, "fancy", True)


def test_an_enhancer_cannot_be_changed_once_made():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Brighten().amount = 2.0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"amount": "9"}, "a number at least 0 and at most 3"),
        ({"amount": "lots"}, "a number"),
        ({"amount": "nan"}, "a number"),
        ({"times": "0"}, "at least 1"),
        ({"times": "1.5"}, "a whole number"),
        ({"mode": "odd"}, "plain or fancy"),
        ({"invert": "perhaps"}, "true or false"),
        ({"color": "red"}, "amount, times, mode, invert"),
    ],
)
def test_a_bad_option_says_what_would_be_right(settings, message):
    with pytest.raises(SharpError, match=message):
        Brighten.create(settings)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda pixels: pixels[1:], r"\(3, 4, 3\)"),
        (lambda pixels: pixels.astype("float64"), "float64"),
        (lambda pixels: pixels * np.nan, "not finite"),
        (lambda pixels: None, "NoneType"),
        (lambda pixels: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_broken_contract_names_the_enhancer(wrong, message):
    class Broken(Enhancer):
        name = "broken"
        summary = "does it wrong"

        def enhance(self, pixels):
            return wrong(pixels)

    with pytest.raises(SharpError, match=f"enhancer broken .*{message}"):
        call(Broken(), np.zeros((4, 4, 3), np.float32))


def test_an_enhancer_is_itself_for_every_image_unless_it_says_otherwise():
    enhancer = Brighten(amount=2.0)
    assert for_image(enhancer, np.zeros((4, 4, 3), np.uint8)) is enhancer


@pytest.mark.parametrize(
    ("wrong", "message"),
    [(lambda pixels: None, "NoneType"), (lambda pixels: 1 / 0, "ZeroDivisionError")],
)
def test_a_broken_preparation_names_the_enhancer(wrong, message):
    class Broken(Brighten):
        name = "broken"

        def for_image(self, pixels):
            return wrong(pixels)

    with pytest.raises(SharpError, match=f"enhancer broken .*{message}"):
        for_image(Broken(), np.zeros((4, 4, 3), np.uint8))


def test_a_field_without_option_is_not_shown_to_users():
    class Remembering(Brighten):
        seen: int = 0

    assert "seen" not in [declared.name for declared in Remembering.options()]
    with pytest.raises(SharpError, match="no option 'seen'"):
        Remembering.create({"seen": "1"})


def test_radius_and_multiple_may_follow_from_the_options():
    class Scaled(Brighten):
        scale: int = option(2, "how much", min=1)

        @property
        def receptive_radius(self):
            return 3 * self.scale

        @property
        def tile_multiple(self):
            return self.scale

    check_enhancer(Scaled)
    assert (Scaled().receptive_radius, Scaled(scale=4).receptive_radius, Scaled(scale=4).tile_multiple) == (6, 12, 4)


def test_a_receptive_radius_that_is_no_number_is_refused_wherever_it_comes_from():
    class Fixed(Brighten):
        receptive_radius = 2.5

    class Computed(Brighten):
        @property
        def receptive_radius(self):
            return "far"

    for cls in (Fixed, Computed):
        with pytest.raises(TypeError, match=f"the receptive_radius of {cls.__name__} must be an int"):
            check_enhancer(cls)


@pytest.mark.parametrize("taken", ["device", "receptive_radius", "weight_files", "name"])
def test_an_option_must_not_hide_what_every_enhancer_has(taken):
    cls = type("Hiding", (Brighten,), {"__annotations__": {taken: str}, taken: option("auto", "help")})
    with pytest.raises(TypeError, match=f"option {taken} of Hiding has the name of an attribute of Enhancer"):
        check_enhancer(cls)
