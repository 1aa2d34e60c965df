import gc
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from skimage import data

from sharpcli.image.image import luma
from sharpcli.image.resample import degrade
from sharpcli.inference.once import once
from sharpcli.inference.precision import int8_is_faster
from sharpcli.inference.runtime import LIVE, Network, load_network
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.plugin.registry import load_registry

FILES = [file for name in ("student", "student-live", "teacher") for file in load_registry().get(name).weights()]
HEAVY_LAST = [
    pytest.param(file, id=file.stem, marks=pytest.mark.slow if "teacher" in file.stem else ()) for file in FILES
]
SMALL = data.astronaut()[100:190, 200:330]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_bytes_and_floats_come_to_the_same_image(file):
    network = Network(file)
    levels = network(SMALL)
    floats = network((SMALL / 255).astype(np.float32))
    assert levels.dtype == np.uint8
    assert floats.dtype == np.float32
    # INT8 rounds the luma itself: where it lies between two levels, bytes and floats may fall to different sides.
    wrong = np.abs(levels - 255 * floats.clip(0, 1).astype(np.float64)) > 0.51
    assert wrong.mean() < (0.03 if "int8" in file.stem else 1e-4)


@pytest.mark.parametrize("file", [file for file in FILES if "student" in file.stem], ids=lambda file: file.stem)
def test_a_color_image_gets_the_change_of_its_luma(file):
    network = Network(file)
    pixels = (SMALL / 255).astype(np.float32)
    grey = luma(pixels)
    np.testing.assert_allclose(network(pixels) - pixels, np.repeat(network(grey) - grey, 3, 2), atol=3e-3)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 7, 1), (33, 2, 3), (17, 31, 3)])
@pytest.mark.parametrize("file", FILES[:2], ids=lambda file: file.stem)
def test_any_size_comes_back_in_its_size(file, shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    assert Network(file)(pixels).shape == shape


@pytest.mark.parametrize("file", FILES[:2], ids=lambda file: file.stem)
def test_a_compilation_for_one_size_changes_no_pixel(file):
    """The second and third call of one size run another compilation than the first."""
    network = Network(file)
    first, second, third = (network(SMALL) for _ in range(3))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, third)
    other = network(SMALL[:40])
    np.testing.assert_array_equal(other, network(SMALL[:40]))


def test_sizes_and_threads_may_mix():
    network = Network(FILES[0])
    sizes = [(40, 60), (40, 60), (64, 32), (20, 20), (22, 24), (90, 90), (64, 32)]
    expected = {size: network(SMALL[: size[0], : size[1]]) for size in set(sizes)}
    failed = []

    def work():
        for height, width in sizes * 3:
            got = network(SMALL[:height, :width])
            if not np.array_equal(got, expected[SMALL[:height, :width].shape[:2]]):
                failed.append((height, width))

    expected = {SMALL[:h, :w].shape[:2]: pixels for (h, w), pixels in expected.items()}
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_the_input_is_left_alone():
    pixels = SMALL.copy()
    Network(FILES[0])(pixels)
    np.testing.assert_array_equal(pixels, SMALL)


@pytest.mark.parametrize("name", ["student", "student-live"])
def test_auto_precision_is_int8_where_the_processor_is_faster_with_it(name):
    chosen = {p: create_enhancer(name, {"profile": "x2", "precision": p}).file() for p in ("auto", "int8", "fp32")}
    assert chosen["int8"] != chosen["fp32"]
    assert chosen["auto"] == chosen["int8" if int8_is_faster() else "fp32"]


@pytest.mark.parametrize("name", ["student", "student-live"])
def test_the_processor_is_known_without_compiling_a_network(name):
    file = create_enhancer(name, {"profile": "x2", "precision": "int8"}).file()
    compiled = Network(file)._compile(np.uint8, (64, 64, 3))
    infos = [node.get_rt_info() for node in compiled.get_runtime_model().get_ordered_ops()]
    kernels = [info["primitiveType"].astype(str) for info in infos if info["layerType"].astype(str) == "Convolution"]
    assert int8_is_faster() == all(kernel.startswith("brgconv") for kernel in kernels)


def test_one_image_compiles_each_network_once(tmp_path):
    code = """
import sys
from collections import Counter
from sharpcli.inference import runtime
compiled, compile = Counter(), runtime.Network._compile
def counted(self, *given):
    compiled[self._path.name] += 1
    return compile(self, *given)
runtime.Network._compile = counted
from sharpcli.api import enhance
import numpy as np
enhance(np.zeros((32, 32, 3), np.uint8), "student", profile="x2")
print(sum(compiled.values()))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_threads_that_ask_at_the_same_time_get_one_load():
    entered, go_on, loads = threading.Event(), threading.Event(), []

    @once(maxsize=2)
    def load(name):
        loads.append(name)
        entered.set()
        go_on.wait(10)
        return object()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(load, "net")
        assert entered.wait(10)
        second = pool.submit(load, "net")
        go_on.set()
        assert first.result() is second.result()
    assert loads == ["net"]


@pytest.mark.parametrize("profile", ["photo", "x2"])
@pytest.mark.parametrize("name", ["student", "student-live"])
def test_int8_looks_like_fp32(name, profile):
    pixels = degrade(data.coffee()[:256, :320], 2)
    quick, exact = (
        create_enhancer(name, {"profile": profile, "precision": p}).enhance(pixels) for p in ("int8", "fp32")
    )
    difference = quick.astype(float) - exact
    assert 10 * np.log10(255**2 / np.square(difference).mean()) > 44
    assert quick.any()
    assert not np.array_equal(quick, exact)


@pytest.mark.slow
def test_the_first_two_images_may_come_at_once():
    """Half of all such beginnings hung for ever, Ctrl-C and all, hence the processes of their own and their limit."""
    program = """
import sys, threading
from sharpcli.inference.runtime import openvino
sys.setswitchinterval(1e-6)  # threads change places wherever they can
start = threading.Barrier(2)
def use():
    start.wait()
    openvino.Type.u8.to_dtype()
threads = [threading.Thread(target=use) for _ in range(2)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""
    for _ in range(8):
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60)  # passes if it ends


@pytest.mark.parametrize("file", HEAVY_LAST)
def test_an_image_has_one_result_whatever_came_before_it(file):
    """The first image of a size, its successors, and those of several threads run in compilations of their own."""
    image = np.ascontiguousarray(data.astronaut()[:, :400] if "student" in file.stem else data.astronaut()[:240, :280])
    results = [network(image).copy() for network in (Network(file), Network(file, threads=2)) for _ in range(3)]
    for other in results[1:]:
        np.testing.assert_array_equal(other, results[0])


@pytest.mark.parametrize("threads", [1, 2])
def test_networks_that_were_told_of_earlier_images_are_let_go(threads):
    """Each image has a vector of its own, and a folder has thousands of images."""
    file = create_enhancer("student-live", {"profile": "deblur"}).file()
    vectors = [(float(index), *[0.0] * 28) for index in range(8)]
    alive = [weakref.ref(load_network(file, threads, vector)) for vector in vectors]
    gc.collect()
    assert sum(network() is not None for network in alive) <= threads + LIVE
    assert load_network(file, threads, vectors[-1]) is alive[-1](), "the tiles of one image share it"
