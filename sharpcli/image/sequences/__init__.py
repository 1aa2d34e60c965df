"""Images of several frames or pages: GIF, APNG, animated WebP, AVIF sequences, TIFF of several pages.

May import the rest of `sharpcli.image` and what lies below it.
"""
