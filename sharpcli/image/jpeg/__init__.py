"""What a JPEG file is made of besides its pixels: segments, scans, and what lies behind its end (ITU-T T.81).

Read and carried as bytes; the codecs decode and encode the pixels.
"""
