"""JPEGs that the tests put together from segments and from what lies behind an image."""

import io

import numpy as np
from PIL import Image as PILImage
from skimage import data

from sharpcli.image.jpeg.segments import Segment

XMP_MARK, EXTENSION_MARK = b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
RDF = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
RDF_END = b"</rdf:RDF></x:xmpmeta>"
HDRGM = b'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"'
CONTAINER = (
    b' xmlns:Container="http://ns.google.com/photos/1.0/container/"'
    b' xmlns:Item="http://ns.google.com/photos/1.0/container/item/"'
)
VIDEO = (24).to_bytes(4, "big") + b"ftypmp42" + bytes(12) + b"\0\0\1\0mdat" + bytes(range(248))


def picture(height=64, width=96, mode="RGB"):
    """A part of a photograph."""
    return PILImage.fromarray(np.ascontiguousarray(data.chelsea()[50 : 50 + height, 100 : 100 + width])).convert(mode)


def jpeg(image=None, **options):
    """The file of an image."""
    file = io.BytesIO()
    (image or picture()).save(file, "JPEG", **{"quality": 90, **options})
    return file.getvalue()


def with_segments(file, *segments, behind=b""):
    """The same file with these (mark, payload) behind its first two bytes, and other bytes behind all of it."""
    return file[:2] + b"".join(Segment(*one).file for one in segments) + file[2:] + behind


def xmp(attributes=b"", inside=b""):
    """An XMP packet of one description."""
    return RDF + b'<rdf:Description rdf:about="" ' + attributes + b">" + inside + b"</rdf:Description>" + RDF_END


def directory(*semantics):
    """Google's directory of these images."""
    item = b'<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg" Item:Semantic="%s"/></rdf:li>'
    return (
        b"<Container:Directory><rdf:Seq>"
        + b"".join(item % one for one in semantics)
        + b"</rdf:Seq></Container:Directory>"
    )


def gain_map(height=16, width=24):
    """A small JPEG that says that it is a gain map."""
    return with_segments(jpeg(picture(height, width)), (0xE1, XMP_MARK + xmp(HDRGM + b' hdrgm:GainMapMax="2"')))


def motion_xmp():
    """XMP that tells of a video behind the image."""
    camera = b'xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"'
    return xmp(camera + b' GCamera:MotionPhoto="1" GCamera:MicroVideoOffset="292"')


def uhdr(behind=b"", **options):
    """A photo with a gain map that its XMP and an index tell of."""
    from sharpcli.image.jpeg.mpf import Entry, index

    said = xmp(HDRGM + CONTAINER, directory(b"Primary", b"GainMap"))
    extra = gain_map()
    base = with_segments(jpeg(**options), (0xE1, XMP_MARK + said))
    length = len(base) + len(index([Entry(0, 0, 0)] * 2).file)
    entries = [Entry(0x030000, 0, length), Entry(0, length, length + len(extra))]
    return base[:2] + index(entries, 2 + 8).file + base[2:] + extra + behind
