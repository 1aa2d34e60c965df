"""Frames that arrive live: sources, sinks, and what keeps up with them. May import `video` and below."""
