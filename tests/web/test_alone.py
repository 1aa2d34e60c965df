"""The page answers without talking to anybody, whatever the environment asks of Gradio."""

import re
import signal

import gradio_client
import pytest
from PIL import Image as PILImage

from tests.helpers.alone import Alone
from tests.web.conftest import client

ASKED = {
    "GRADIO_ANALYTICS_ENABLED": "True",
    "GRADIO_SHARE": "True",
    "GRADIO_SSR_MODE": "True",
    "GRADIO_MCP_SERVER": "True",
    "HF_HUB_DISABLE_TELEMETRY": "0",
}


@pytest.mark.parametrize("asked", [{}, ASKED], ids=["plain", "asked"])
def test_the_page_enhances_an_image_alone(asked, tmp_path, photo):
    alone = Alone(tmp_path, **asked)
    file = alone.work / "a.png"
    PILImage.fromarray(photo[:64, :80]).save(file)
    server = alone.start("-m", "sharpcli", "demo", "--no-browser")
    try:
        address = next((match[0] for line in server.stdout if (match := re.search(r"http://\S+/", line))), None)
        assert address, "the page did not start"
        page = client(address, download_files=tmp_path / "downloads")
        enhanced, _ = page.predict(gradio_client.handle_file(file), api_name="/enhance")
        assert PILImage.open(enhanced).size == (80, 64)
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=60)
    assert alone.attempts() == []
