import numpy as np

from sharpcli.live.steps import ladder
from sharpcli.pipeline.spec import create_enhancer
from tests.helpers.frames import Local, Same, components, frame_of, samples


def names(enhancer):
    return [step.name for step in ladder(enhancer)]


def test_the_ladder_goes_by_lighter_networks_and_fewer_tiles_to_nothing():
    parts = ["student-live on what changed", "student-live on the centre", "pass through"]
    assert names(create_enhancer("student", {})) == ["student", "student-live", *parts]
    assert names(create_enhancer("teacher", {}))[:3] == ["teacher", "student", "student-live"]
    assert names(create_enhancer("student-live", {})) == ["student-live", *parts]


def test_lighter_ones_are_given_the_same_options():
    steps = ladder(create_enhancer("student", {"profile": "photo", "precision": "fp32"}))
    assert {(step.enhancer.profile, step.enhancer.precision) for step in steps if step.enhancer} == {("photo", "fp32")}


def test_another_s_enhancer_is_never_replaced_by_one_of_ours():
    assert names(Same()) == ["same", "same on what changed", "same on the centre", "pass through"]


def test_a_frame_and_its_pixels_come_to_the_same():
    given = samples("gray", 96, 64)
    for step in ladder(Local()):
        after = components(step(frame_of("gray", given)))[0]
        assert np.array_equal(after, step.pixels(given[0].astype(np.uint8)[..., None])[..., 0]), step.name
    assert np.array_equal(after, given[0])


def test_a_blank_frame_passes_and_settles_nothing():
    step = ladder(Local())[0]
    blank = np.full((64, 96, 1), 16, np.uint8)
    assert np.array_equal(step.pixels(blank), blank)
    pixels = samples("gray", 96, 64)[0].astype(np.uint8)[..., None]
    assert not np.array_equal(step.pixels(pixels), pixels)


def test_frames_that_pass_through_are_enlarged_all_the_same():
    step = ladder(Same(), upscale=2)[-1]
    after = step(frame_of("yuv420p", samples("yuv420p", 32, 32)))
    assert (after.width, after.height) == (64, 64)
