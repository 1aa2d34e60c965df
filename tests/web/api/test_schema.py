"""What `/openapi.json` says is what the server does: whatever is asked, it answers as it says."""

import io

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image as PILImage

schemathesis = pytest.importorskip("schemathesis")

from schemathesis import GenerationMode  # noqa: E402
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance  # noqa: E402

from sharpcli.web.app import create  # noqa: E402

FORMS = {"POST /api/enhance", "POST /api/score"}
ROUTES = {"GET /api/enhancers", "GET /api/health", *FORMS}
EXAMPLES = 16
UNDECIDABLE = [positive_data_acceptance]
"""Which options there are depends on the enhancer, and a file may be none of an image."""


def picture(format):
    file = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (24, 20, 3), np.uint8)
    PILImage.fromarray(pixels).save(file, format)
    return file.getvalue()


# Images, and files that are none: otherwise no example would come as far as an enhancer.
FILES = [picture("PNG"), picture("JPEG"), picture("BMP"), b"no image"]
schemathesis.openapi.format("binary", st.sampled_from(FILES))


@pytest.fixture(scope="module")
def schema():
    return schemathesis.openapi.from_asgi("/openapi.json", create(page=False, host="0.0.0.0", allow_host="testserver"))


def test_it_lists_exactly_what_there_is(schema):
    assert {found.ok().label for found in schema.get_all_operations()} == ROUTES


@pytest.mark.parametrize(
    ("route", "mode"),
    [
        *((route, GenerationMode.POSITIVE) for route in sorted(ROUTES)),
        *((route, GenerationMode.NEGATIVE) for route in sorted(FORMS)),  # the others take nothing
    ],
)
def test_answers_are_as_it_says(schema, route, mode):
    (operation,) = (found.ok() for found in schema.get_all_operations() if found.ok().label == route)
    statuses = set()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), plain=st.booleans())
    def asked(case, plain):
        excluded = UNDECIDABLE
        if mode is GenerationMode.POSITIVE and plain and isinstance(case.body, dict):
            case.body = {name: value for name, value in case.body.items() if not name.startswith("options")}
            excluded = [*UNDECIDABLE, negative_data_rejection]  # it takes what was changed by hand for wrong
        statuses.add(case.call_and_validate(excluded_checks=excluded).status_code)

    asked()
    if mode is GenerationMode.POSITIVE:
        assert 200 in statuses
    else:
        assert statuses & {400, 415, 422}
