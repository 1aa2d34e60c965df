"""What libraries log while they read an image, as complaints about it."""

from __future__ import annotations

import logging
import re

from sharpcli.image.complaints import complain

OBJECT = re.compile(r"^(<[^>]*> *)+(raised \w+\(['\"]?)?|['\"]?\)$")
"""What of a message speaks of code: the object that logs, and the exception that it caught."""
OF_NO_PIXEL = re.compile(r"metadata|series|GDAL_NODATA|TiffTag|incorrect Strip|eXIf")
"""Words of messages about tags, which the list of what a file holds tells of, and about what we check ourselves."""


class ToTheImage(logging.Handler):
    """Errors that a library logs refuse the image that is being read, warnings become a note of it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Complain of what is logged, unless it is about a tag."""
        text = record.getMessage()
        if not OF_NO_PIXEL.search(text):
            complain(OBJECT.sub("", text), error=record.levelno >= logging.ERROR)
