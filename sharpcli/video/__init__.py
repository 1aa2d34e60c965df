"""Clips: decoded frame by frame, luma enhanced, encoded again, and everything else in the file copied.

Needs the extra `video` (PyAV). May import `pipeline` and below.
"""
