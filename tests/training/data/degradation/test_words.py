import pytest

from sharpcli_training.data.degradation.draw import FAMILIES
from sharpcli_training.data.degradation.words import family, words
from tests.training.degradations import drawn


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "nothing"),
        ({"blur": True, "kind": 1, "radius": 2.31, "noise": 3.0}, "defocus 2.3, noise 3.0"),
        ({"blur": True, "sigma": 1.2, "linear": True}, "Gaussian 1.2 in linear light"),
        ({"blur": True, "sigma": 1.2, "anisotropy": -0.25, "exponent": 0.9}, "Gaussian 1.2 (1.6:1) of exponent 0.9"),
        ({"blur": True, "kind": 2, "length": 7.0, "theta": 0.5236}, "motion 7.0 at 30 degrees"),
        ({"resample": True, "down": 3, "up": 2}, "1/2.00 aliased and back bilinear"),
        (
            {"resample": True, "jpeg_before": True, "quality_before": 60, "jpeg": True},
            "1/2.00 bicubic and back bicubic, JPEG 60 in between, JPEG 75",
        ),
        ({"noise": 3.0, "correlation": 0.5, "sharpen": 0.4}, "coarse noise 3.0, sharpened 0.4"),
        ({"recompressed": True, "quality_first": 80, "jpeg": True}, "JPEG 80, JPEG 75"),
    ],
)
def test_what_a_draw_did_is_said_in_order(changes, said):
    assert words(drawn(2, **changes), 1) == said


def test_blur_is_called_by_its_kind():
    blur = FAMILIES.index("blur")
    draw = drawn(3, family=[blur, blur, FAMILIES.index("both")], kind=[0, 1, 1])
    assert [family(draw, index) for index in range(3)] == ["gaussian", "disc", "both"]
