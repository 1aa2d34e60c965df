"""A browser, and the static page as it ships."""

import pytest
from PIL import Image as PILImage

from tests.edge.static_page import WEBGPU, served
from tests.helpers.driver import driver
from tests.web.conftest import FLAGS, chromium


@pytest.fixture(scope="session")
def browser():
    """Chromium with WebGPU and WebGL 2, both on its software renderer."""
    flags = [flag for flag in FLAGS if flag != "--disable-gpu"]
    running = driver().chromium.launch(executable_path=chromium(), args=[*flags, *WEBGPU])
    yield running
    running.close()


@pytest.fixture(scope="session")
def address():
    """Where the page is served."""
    with served() as address:
        yield address


@pytest.fixture
def file(photo, tmp_path):
    """A soft picture of odd sides."""
    image = PILImage.fromarray(photo[:149, :201])
    image.resize((101, 75), PILImage.Resampling.BICUBIC).resize(image.size).save(tmp_path / "soft.png")
    return tmp_path / "soft.png"
