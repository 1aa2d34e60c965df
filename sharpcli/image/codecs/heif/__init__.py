"""HEIF files, which AVIF and HEIC are: their boxes, what these say, reading and writing."""
