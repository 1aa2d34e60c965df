"""Measures enhancers: how fast they are, what they take, what they cost."""
