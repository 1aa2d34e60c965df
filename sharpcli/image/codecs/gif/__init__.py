"""GIF files: their blocks, reading and writing."""
