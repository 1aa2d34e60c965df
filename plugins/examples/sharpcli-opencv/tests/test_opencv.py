"""OpenCV's networks as an enhancer, tried with graphs written here by hand: no weights are needed."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from sharpcli.image.image import Image, luma
from sharpcli.inference import receptive_radius_at_native_scale
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import describe_enhancer
from sharpcli.plugin import SharpError
from sharpcli.plugin.validate import check_enhancer
from sharpcli.testing import degrade, receptive_field, resize, run_enhancer, sample_image
from sharpcli_opencv import OpenCV, enhancers


def field(number, value):
    """A field of a protobuf message: a varint, or bytes with their length."""

    def varint(rest):
        return bytes([rest & 127 | 128]) + varint(rest >> 7) if rest > 127 else bytes([rest])

    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


FLOAT = field(6, 1)  # type: DT_FLOAT
SAME, NHWC = field(2, b"SAME"), field(2, b"NHWC")
ONES = field(1, b"".join(field(3, 1) for _ in range(4)))


def node(name, operation, *inputs, **attributes):
    """A NodeDef of a TensorFlow GraphDef."""
    body = field(1, name.encode()) + field(2, operation.encode())
    body += b"".join(field(3, one.encode()) for one in inputs)
    pairs = [field(1, key.encode()) + field(2, value) for key, value in attributes.items()]
    return field(1, body + b"".join(field(5, pair) for pair in pairs))


def tensor(array):
    """An AttrValue that holds a float32 array."""
    shape = b"".join(field(2, field(1, side)) for side in array.shape)
    return field(8, field(1, 1) + field(2, shape) + field(4, array.astype("<f4").tobytes()))


def graph(kernel, scale):
    """A convolution with `kernel` (rows x columns x in x out) whose outputs become pixels, as ESPCN ends."""
    return (
        node("input", "Placeholder", dtype=FLOAT)
        + node("kernel", "Const", dtype=FLOAT, value=tensor(kernel))
        + node("convolved", "Conv2D", "input", "kernel", T=FLOAT, strides=ONES, padding=SAME, data_format=NHWC)
        + node("output", "DepthToSpace", "convolved", T=FLOAT, block_size=field(3, scale), data_format=NHWC)
    )


@pytest.fixture
def espcn(tmp_path):
    """A network on luma that repeats each pixel 2 x 2 times."""
    file = tmp_path / "ESPCN_x2.pb"
    file.write_bytes(graph(np.ones((1, 1, 1, 4)), 2))
    return file


@pytest.fixture
def edsr(tmp_path):
    """A network on colour that repeats each pixel 3 x 3 times."""
    kernel = np.zeros((1, 1, 3, 27))
    for channel in range(3):
        kernel[0, 0, channel, channel::3] = 1
    file = tmp_path / "edsr_x3.pb"
    file.write_bytes(graph(kernel, 3))
    return file


def repeated(small, scale):
    return small.repeat(scale, axis=0).repeat(scale, axis=1)


def image(size, mode="RGB"):
    return Image(sample_image(size, mode), mode)


def floats(size, mode="RGB"):
    return np.float32(sample_image(size, mode)) / 255


def test_it_is_a_usable_class_before_any_file_is_given():
    (cls,) = enhancers()
    check_enhancer(cls)
    assert cls().tile_multiple == 1
    assert cls().receptive_radius is None


def test_an_enlarged_image_becomes_what_opencv_makes_of_the_small_one(espcn):
    small = image((150, 110))
    result = sharpen(small, OpenCV(model=str(espcn)), upscale=2)
    network = cv2.dnn_superres.DnnSuperResImpl_create()
    network.readModel(str(espcn))
    network.setModel("espcn", 2)
    expected = network.upsample(np.ascontiguousarray(small.pixels[..., ::-1]))[..., ::-1]
    error = np.abs(result.pixels.astype(int) - expected)
    assert error.mean() < 0.5
    assert (error > 2).mean() < 0.01
    # Which is not what it was given.
    assert np.abs(resize(small.pixels, (220, 300)).astype(int) - expected).mean() > 2


def test_a_network_on_luma_repeats_the_luma_of_the_small_image(espcn):
    small = image((120, 90))
    result = sharpen(small, OpenCV(model=str(espcn)), upscale=2)
    after, before = (luma(np.float32(pixels)) for pixels in (result.pixels, small.pixels))
    assert np.abs(after - repeated(before, 2)).mean() < 1


def test_a_network_on_color_repeats_every_channel(edsr):
    small = image((60, 50))
    result = sharpen(small, OpenCV(model=str(edsr)), upscale=3)
    assert np.abs(result.pixels.astype(int) - repeated(small.pixels, 3)).mean() < 0.5


def test_grey_stays_grey(espcn):
    small = image((60, 50), "L")
    result = sharpen(small, OpenCV(model=str(espcn)), upscale=2)
    assert result.pixels.shape == (100, 120, 1)
    assert np.abs(result.pixels.astype(int) - repeated(small.pixels, 2)).mean() < 0.5


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (8, 3), (63, 41)])
def test_any_size_goes(espcn, edsr, size):
    pixels = np.random.default_rng(0).random((*size, 3), np.float32)
    for file in (espcn, edsr):
        enhancer = OpenCV(model=str(file))
        assert run_enhancer(enhancer, pixels).shape == pixels.shape


def test_a_file_of_another_name_is_reported_what_it_is(espcn):
    named, other = OpenCV(model=str(espcn)), espcn.rename(espcn.with_name("mine.pb"))
    explicit = OpenCV(model=str(other), algorithm="espcn", scale=2)
    assert (
        (explicit.tile_multiple, explicit.receptive_radius)
        == (named.tile_multiple, named.receptive_radius)
        == (2, receptive_radius_at_native_scale(2, 4))
    )
    pixels = floats((64, 48))
    assert run_enhancer(explicit, pixels).shape == pixels.shape


def test_the_name_of_the_file_tells_what_it_is():
    kinds = {
        "EDSR_x3.pb": (3, None),
        "FSRCNN-small_x4.pb": (4, receptive_radius_at_native_scale(4, 8)),
        "LapSRN_x8.pb": (8, None),
    }
    assert {name: (OpenCV(model=name).tile_multiple, OpenCV(model=name).receptive_radius) for name in kinds} == kinds


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({}, "needs the file of a network; give one with -O model="),
        ({"model": "no/such_x2.pb"}, "finds no file 'no/such_x2.pb'"),
        ({"model": "{espcn}", "scale": 3}, "cannot run 'ESPCN_x2.pb' as espcn at scale 3"),
        ({"model": "{espcn}", "scale": 1}, "cannot run 'ESPCN_x2.pb' as espcn at scale 1"),
        ({"model": "{espcn}", "algorithm": "edsr"}, "cannot run 'ESPCN_x2.pb' as edsr at scale 2"),
        ({"model": "{edsr}", "scale": 2}, "'edsr_x3.pb' enlarges 3 times, not 2"),
        ({"model": "{text}"}, "the name of 'text.pb' does not say what it is; give -O algorithm="),
        ({"model": "{text}", "algorithm": "fsrcnn", "scale": 2}, "cannot run 'text.pb' as fsrcnn"),
    ],
)
def test_what_cannot_work_is_reported_in_one_line(espcn, edsr, options, wrong, capfd):
    text = espcn.with_name("text.pb")
    text.write_text("no network")
    options = {key: str(value).format(espcn=espcn, edsr=edsr, text=text) for key, value in options.items()}
    with pytest.raises(SharpError, match=wrong) as raised:
        run_enhancer(OpenCV.create(options), floats((32, 32)))
    assert "\n" not in str(raised.value)
    assert capfd.readouterr() == ("", "")


def test_a_report_remembers_the_file_by_its_content(espcn):
    before = describe_enhancer(OpenCV(model=str(espcn)))["weights"]
    espcn.write_bytes(graph(np.zeros((1, 1, 1, 4)), 2))
    after = describe_enhancer(OpenCV(model=str(espcn)))["weights"]
    assert list(before) == list(after) == ["ESPCN_x2.pb"]
    assert before != after


def test_a_file_that_changed_is_loaded_again(espcn):
    enhancer, grey = OpenCV(model=str(espcn)), floats((32, 32), "L").repeat(3, axis=2)
    assert run_enhancer(enhancer, grey).std() > 0.1
    espcn.write_bytes(graph(np.zeros((1, 1, 1, 4)), 2))
    assert run_enhancer(enhancer, grey).max() < 0.01


def test_letting_go_of_the_network_changes_nothing(espcn):
    enhancer, pixels = OpenCV(model=str(espcn)), floats((64, 64))
    before = run_enhancer(enhancer, pixels)
    enhancer.free_memory()
    np.testing.assert_array_equal(run_enhancer(enhancer, pixels), before)


def test_threads_get_what_one_alone_gets(espcn, edsr):
    images = [degrade(sample_image((40 + 7 * place, 50)), 2) for place in range(6)]
    chosen = [OpenCV(model=str(espcn)), OpenCV(model=str(edsr))]
    work = [(Image(pixels, "RGB"), enhancer) for pixels in images for enhancer in chosen] * 4
    alone = [sharpen(*one).pixels for one in work]
    chosen[0].free_memory()
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda one: sharpen(*one).pixels, work))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_tiles_show_no_seam(tmp_path):
    """With a kernel that looks as far as ESPCN does, and nowhere else."""
    kernel = np.zeros((9, 9, 1, 4))
    kernel[[0, 8], [0, 8]] = 0.5
    file = tmp_path / "ESPCN_x2.pb"
    file.write_bytes(graph(kernel, 2))
    enhancer, soft = OpenCV(model=str(file)), image((331, 257))
    whole = sharpen(soft, enhancer).pixels
    assert np.abs(whole.astype(int) - sharpen(soft, enhancer, tile=97).pixels).max() <= 1
    radius = receptive_field(enhancer.enhance, floats((151, 151)))
    assert 2 * 4 < radius.visible <= radius.any <= enhancer.receptive_radius
