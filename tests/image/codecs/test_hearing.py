"""What a library logs reaches the image that is read, without words about code."""

import logging

import pytest

from sharpcli.image.codecs.hearing import ToTheImage
from sharpcli.image.complaints import listening


@pytest.mark.parametrize(
    ("level", "message", "errors", "warnings"),
    [
        (logging.ERROR, "<tifffile.TiffPage 0 @8> missing data offset tag", ["missing data offset tag"], []),
        (logging.WARNING, "PNG warning: IDAT: too much data", [], ["PNG warning: IDAT: too much data"]),
        (logging.ERROR, "<TiffTag.fromfile> raised TiffFileError('<tifffile.TiffTag 3 @3> invalid')", [], []),
        (logging.DEBUG, "disabling predictor", [], []),
    ],
)
def test_errors_refuse_and_warnings_are_noted(level, message, errors, warnings):
    logger = logging.getLogger("tests.a_decoder")
    logger.addHandler(handler := ToTheImage(logging.WARNING))
    try:
        with listening() as heard:
            logger.log(level, message)
    finally:
        logger.removeHandler(handler)
    assert (heard.errors, heard.warnings) == (errors, warnings)
