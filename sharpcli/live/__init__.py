"""Video as it happens: the newest frame wins, and a governor keeps within the processor's share and the frame's time.

Needs the extra `video` (PyAV) for frames, not for arrays of pixels. May import `video` and below.
"""
