import base64
from io import BytesIO

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.errors import SharpError
from sharpcli.image.image import Image
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.web.limits import Limits
from sharpcli.web.tasks.frames import HEAD, sharpened_frame


def jpeg(image):
    content = BytesIO()
    image.save(content, "JPEG", quality=95)
    return content.getvalue()


def sent(content, **more):
    frame = HEAD + base64.b64encode(content).decode()
    return {"frame": frame, "enhancer": "student-live", "options": {}, **more}


def pixels(url):
    return np.asarray(PILImage.open(BytesIO(base64.b64decode(url.removeprefix(HEAD)))))


@pytest.mark.parametrize("options", [{"profile": "x2", "precision": "fp32"}, {}])
def test_a_frame_goes_through_the_pipeline_with_the_options_it_came_with(photo, options):
    content = jpeg(PILImage.fromarray(photo))
    answer = sharpened_frame(sent(content, options=options), Limits(), {})
    frame = Image(np.asarray(PILImage.open(BytesIO(content))), "RGB")
    due = sharpen(frame, create_enhancer("student-live", options)).pixels
    assert answer["enhancer"] == "student-live"
    assert answer["seconds"] > 0
    # What is left is the answer's own compression.
    assert np.abs(pixels(answer["frame"]) - due.astype(float)).mean() < 1.5


def test_a_grey_frame_comes_back_in_color(photo):
    content = jpeg(PILImage.fromarray(photo).convert("L"))
    assert pixels(sharpened_frame(sent(content), Limits(), {})["frame"]).shape == photo.shape


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"frame": "data:image/jpeg;base64,!"}, "not a JPEG"),
        ({"frame": HEAD + base64.b64encode(b"GIF89a no image").decode()}, "not a JPEG"),
        ({"enhancer": "nobody"}, "unknown enhancer 'nobody'"),
        ({"options": {"profile": "x9"}}, "profile must be"),
        ({"options": {"amount": 1}}, "no option 'amount'"),
    ],
)
def test_what_is_wrong_with_a_frame_is_reported(photo, change, words):
    with pytest.raises(SharpError, match=words):
        sharpened_frame({**sent(jpeg(PILImage.fromarray(photo))), **change}, Limits(), {})


def test_half_a_frame_is_refused(photo):
    content = jpeg(PILImage.fromarray(photo))
    with pytest.raises(SharpError, match="damaged"):
        sharpened_frame(sent(content[: len(content) // 2]), Limits(), {})


def test_a_frame_of_too_many_pixels_is_refused_before_it_is_decoded():
    content = jpeg(PILImage.new("RGB", (2000, 2000)))[:1000]
    with pytest.raises(SharpError, match=r"not 2000 x 2000"):
        sharpened_frame(sent(content), Limits(), {})


def test_the_governor_of_a_stream_is_kept_while_enhancer_and_size_stay(photo):
    kept = {}
    first = sharpened_frame(sent(jpeg(PILImage.fromarray(photo))), Limits(), kept)
    governor = kept["governor"]
    second = sharpened_frame(sent(jpeg(PILImage.fromarray(photo))), Limits(), kept)
    assert kept["governor"] is governor
    assert second["reason"].startswith("begin with ")
    assert not second["trying"]
    assert (first["step"], first["reason"], first["trying"]) == ("student-live", "", True)
    sharpened_frame(sent(jpeg(PILImage.fromarray(photo[:100]))), Limits(), kept)
    assert kept["governor"] is not governor


def test_what_is_found_in_the_frames_is_said(photo):
    found = [
        sharpened_frame(sent(jpeg(PILImage.fromarray(photo)), options={"profile": name}), Limits(), {})["found"]
        for name in ("deblur", "photo")
    ]
    assert found[0].startswith("undone: ")
    assert found[1] == ""


def test_without_adapting_there_is_nothing_to_step_down_to(photo):
    kept = {}
    sharpened_frame(sent(jpeg(PILImage.fromarray(photo)), adapt=False), Limits(), kept)
    assert not kept["trying"]
    assert [step.name for step in kept["governor"].steps] == ["student-live"]
