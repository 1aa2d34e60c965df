"""A strict reader, libvips failing on any warning of the decoders below it: it judges what was read without a note."""

import os

os.environ["VIPS_WARNING"] = "0"  # it would write to the screen as well
os.environ["VIPS_CONCURRENCY"] = "1"

import pyvips

pyvips.cache_set_max(0)

OTHER_DECODER = "corrupt frame detected"
"""In the words of libaom, its AV1 decoder; dav1d, which libavif has here, decodes such data without a complaint."""
NOT_ITS_KIND = ("not in a known format", "not configured", "not supported", "unsupported", "has no codec")
"""What it says of sound files of kinds that it does not read."""


def objection(data):
    """What it has against a file, in its words; empty where it has nothing, or does not read such files."""
    try:
        pyvips.Image.new_from_buffer(data, "", fail_on="warning").copy_memory()
    except pyvips.Error as error:
        words = " ".join(str(error).split())
        return "" if any(kind in words.lower() for kind in (*NOT_ITS_KIND, OTHER_DECODER)) else words
    return ""
