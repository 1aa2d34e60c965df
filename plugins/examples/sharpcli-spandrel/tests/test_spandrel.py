"""Networks that spandrel reads as an enhancer, tried with real architectures of random weights."""

import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import safetensors.torch
import torch
from spandrel.architectures.Compact import Compact
from spandrel.architectures.DnCNN import DnCNN
from spandrel.architectures.LaMa import LaMa
from spandrel.architectures.SAFMN import SAFMN
from spandrel.architectures.SPAN import SPAN

from sharpcli.image.image import Image
from sharpcli.inference import at_native_scale
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import describe_enhancer
from sharpcli.plugin import SharpError
from sharpcli.plugin.validate import check_enhancer
from sharpcli.testing import resize, run_enhancer, sample_image
from sharpcli_spandrel import Spandrel, enhancers


def compact(scale=2, channels=3):
    """Real-ESRGAN's compact network: a change to the image repeated, here a small one."""
    network = Compact(num_in_ch=channels, num_out_ch=channels, num_feat=8, num_conv=2, upscale=scale)
    with torch.no_grad():
        network.body[-1].weight *= 0.2
    return network


NETWORKS = {
    "compact_x2": compact,
    "compact_x4": lambda: compact(4),
    "compact_x1": lambda: compact(1),
    "compact_grey_x2": lambda: compact(2, 1),
    "denoiser_grey": lambda: DnCNN(nc=8, nb=17, act_mode="R"),
    "safmn_x2": lambda: SAFMN(dim=8, n_blocks=2, upscaling_factor=2),  # its sides must be multiples of 8
    "span_x2": lambda: SPAN(num_in_ch=3, num_out_ch=3, feature_channels=8, upscale=2),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Each network by its name, and the file of its weights."""
    folder, found = tmp_path_factory.mktemp("weights"), {}
    for name, make in NETWORKS.items():
        torch.manual_seed(0)
        network = make().eval()
        torch.save(network.state_dict(), folder / f"{name}.pth")
        found[name] = network, folder / f"{name}.pth"
    return found


def directly(network, pixels):
    """What the network itself makes of H x W x C floats, C as it wants it."""
    with torch.inference_mode():
        return network(torch.from_numpy(pixels).permute(2, 0, 1)[None]).clamp(0, 1)[0].permute(1, 2, 0).numpy()


def image(size, mode="RGB"):
    return Image(sample_image(size, mode), mode)


def floats(size, mode="RGB"):
    return np.float32(sample_image(size, mode)) / 255


def test_it_is_a_usable_class_before_any_file_is_given():
    (cls,) = enhancers()
    check_enhancer(cls)
    assert cls().cost() is None


@pytest.mark.parametrize(("name", "scale"), [("compact_x2", 2), ("compact_x4", 4), ("span_x2", 2)])
def test_an_enlarged_image_becomes_what_the_network_makes_of_the_small_one(made, name, scale):
    network, file = made[name]
    small = image((104, 88))
    result = sharpen(small, Spandrel(model=str(file)), upscale=scale).pixels.astype(float)
    expected = directly(network, np.float32(small.pixels) / 255) * 255
    given = resize(small.pixels, expected.shape[:2]).astype(float)
    assert np.abs(result - expected).mean() < 1
    assert np.abs(given - expected).mean() > 3


def test_a_network_that_does_not_enlarge_sees_the_image_itself(made):
    network, file = made["compact_x1"]
    pixels = floats((65, 47))
    np.testing.assert_allclose(run_enhancer(Spandrel(model=str(file)), pixels), directly(network, pixels), atol=1e-6)


@pytest.mark.parametrize(("name", "scale"), [("compact_grey_x2", 2), ("denoiser_grey", 1)])
def test_a_network_for_grey_is_given_each_channel(made, name, scale):
    network, file = made[name]
    pixels = floats((66, 48))
    result = run_enhancer(Spandrel(model=str(file)), pixels)
    for channel in range(3):
        one = at_native_scale(pixels[..., channel : channel + 1], scale, lambda seen: directly(network, seen))
        np.testing.assert_allclose(result[..., channel], one[..., 0], atol=1e-6)


def test_grey_stays_grey(made):
    result = sharpen(image((50, 40), "L"), Spandrel(model=str(made["compact_x2"][1])), upscale=2)
    assert result.pixels.shape == (80, 100, 1)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (13, 2), (41, 67)])
@pytest.mark.parametrize("name", NETWORKS)
def test_any_size_goes_without_a_warning(made, name, size):
    pixels = np.random.default_rng(0).random((*size, 3), np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = run_enhancer(Spandrel(model=str(made[name][1])), pixels)
    assert result.std() > 0 or size == (1, 1)


def test_weights_of_both_kinds_of_file_give_the_same(made, tmp_path):
    network, file = made["compact_x2"]
    safetensors.torch.save_file(network.state_dict(), tmp_path / "compact.safetensors")
    one, other = (Spandrel(model=str(path)) for path in (file, tmp_path / "compact.safetensors"))
    pixels = floats((40, 40))
    np.testing.assert_array_equal(run_enhancer(one, pixels), run_enhancer(other, pixels))


def test_threads_get_what_one_alone_gets(made):
    """SPAN makes its weights anew in every call."""
    chosen = [Spandrel(model=str(made[name][1])) for name in ("span_x2", "compact_x2", "safmn_x2")]
    work = [(enhancer, floats((40 + 3 * place, 50))) for place in range(6) for enhancer in chosen] * 3
    alone = [run_enhancer(*one) for one in work]
    chosen[0].free_memory()
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda one: run_enhancer(*one), work))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_cost_is_the_networks_own(made):
    network, file = made["compact_x2"]
    cost = Spandrel(model=str(file)).cost()
    assert cost.parameters == sum(one.numel() for one in network.parameters())
    # Every weight of a convolution is used once for each small pixel, of which one makes 2 x 2.
    weights = sum(one.numel() for one in network.parameters() if one.dim() == 4)
    assert cost.kmac_per_pixel == pytest.approx(weights / 4 / 1000)


def test_a_report_remembers_the_file_by_its_content(made):
    (weights,) = describe_enhancer(Spandrel(model=str(made["compact_x2"][1])))["weights"].items()
    other = describe_enhancer(Spandrel(model=str(made["compact_x4"][1])))["weights"]
    assert weights[0] == "compact_x2.pth"
    assert weights[1] not in other.values()


def test_the_processor_is_settled_before_a_batch_and_told(made):
    settled = Spandrel(model=str(made["compact_x2"][1])).for_this_machine()
    assert settled.processor == ("cuda" if torch.cuda.is_available() else "cpu")
    assert settled.device().split(":")[0] == settled.processor
    assert Spandrel(processor="cpu").device() == "cpu"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a graphics card")
def test_a_graphics_card_that_is_not_there_is_missed_in_words(made):
    with pytest.raises(SharpError, match="no graphics card for CUDA"):
        run_enhancer(Spandrel(model=str(made["compact_x2"][1]), processor="cuda"), floats((8, 8)))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a graphics card")
@pytest.mark.parametrize("name", NETWORKS)
def test_a_graphics_card_gives_nearly_the_same(made, name):
    pixels, model = floats((64, 64)), str(made[name][1])
    cpu, cuda = (run_enhancer(Spandrel(model=model, processor=processor), pixels) for processor in ("cpu", "cuda"))
    assert np.abs(cpu - cuda).max() < 0.01


class Evil:
    """What a file would have PyTorch's usual reader do."""

    def __reduce__(self):
        return print, ("this must not be run",)


def test_a_file_that_would_run_code_is_refused_and_runs_none(tmp_path, capsys):
    torch.save({"weight": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(SharpError, match=r"evil.pth' holds no weights that spandrel can load \(.*print.*forbidden"):
        run_enhancer(Spandrel(model=str(tmp_path / "evil.pth")), floats((8, 8)))
    (tmp_path / "raw.pth").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(SharpError, match=r"raw.pth' holds no weights"):
        run_enhancer(Spandrel(model=str(tmp_path / "raw.pth")), floats((8, 8)))
    assert capsys.readouterr().out == ""


def test_a_network_that_wants_a_mask_is_refused(tmp_path):
    torch.save(LaMa(in_nc=4).half().state_dict(), tmp_path / "lama.pth")
    with pytest.raises(SharpError, match=r"lama.pth' \(LaMa\) wants more than an image"):
        run_enhancer(Spandrel(model=str(tmp_path / "lama.pth")), floats((8, 8)))


@pytest.mark.parametrize(
    ("name", "content", "wrong"),
    [
        ("a.pth", {"weight": torch.zeros(3)}, "a.pth' is of no architecture that spandrel knows"),
        ("a.pth", compact(2, 4).state_dict(), "a.pth' makes 4 channels of 4"),
        ("a.pth", b"no weights", "a.pth' holds no weights that spandrel can load"),
        ("a.pth", b"", "a.pth' holds no weights that spandrel can load"),
        ("a.safetensors", b"no weights", "a.safetensors' holds no weights that spandrel can load"),
        ("a.pt", b"a program", "a.pt' is none of .pth, .ckpt, .safetensors"),
        ("a", None, "finds no file .*a'; give one with -O model="),
        (None, None, "needs the file of a network; give one with -O model="),
    ],
)
def test_what_cannot_work_is_reported_in_one_line(tmp_path, name, content, wrong):
    if isinstance(content, bytes):
        (tmp_path / name).write_bytes(content)
    elif content:
        torch.save(content, tmp_path / name)
    with pytest.raises(SharpError, match=wrong) as raised:
        run_enhancer(Spandrel(model=str(tmp_path / name) if name else ""), floats((8, 8)))
    assert "\n" not in str(raised.value)
