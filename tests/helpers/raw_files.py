"""Files that begin as cameras' RAW files do, as far as their directories tell; the pixels are noughts."""

import struct

import numpy as np
import tifffile

CR2 = b"II*\0\x10\0\0\0CR\x02\0"
CR3 = struct.pack(">I", 24) + b"ftypcrx \0\0\0\x01crx isom" + bytes(100)
RAF = b"FUJIFILMCCD-RAW 0201FF383501X-T3" + bytes(100)
ORF = b"IIRO\x08\0\0\0" + bytes(100)
RW2 = b"IIU\0\x18\0\0\0" + bytes(100)
X3F = b"FOVb\x01\0\x04\0" + bytes(100)


def camera_tiff(path, make, *, below=False, photometric="cfa", tags=()):
    """A TIFF as a camera of that make writes its RAW files: the sensor's values first, or below a thumbnail."""
    sensor = np.zeros((16, 16), np.uint16)
    by = [(271, "s", 0, make, True), *tags]
    with tifffile.TiffWriter(path) as file:
        if below:
            file.write(np.zeros((8, 8, 3), np.uint8), photometric="rgb", subifds=1, extratags=by)
            file.write(sensor, photometric=photometric, subfiletype=0)
        else:
            file.write(sensor, photometric=photometric, extratags=by)
    return path


def digital_negative(path):
    """What tells a DNG is its version, in the first directory."""
    tags = [(50706, "B", 4, (1, 4, 0, 0), True)]
    return camera_tiff(path, "Apple", below=True, photometric="minisblack", tags=tags)
