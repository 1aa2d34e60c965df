"""PNG files: their chunks, reading and writing."""
