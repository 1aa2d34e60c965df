"""TIFF files: checks of their tags, reading, strict reading by libtiff, and writing."""
