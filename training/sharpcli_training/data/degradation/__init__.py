"""Degradations of photographs, drawn per crop and applied as tensor code on any device.

The order is that of a camera's chain: blur, resampling (with or without JPEG in between), noise, sharpening, JPEG.
May import `networks` and what is below.
"""
