"""Measures enhancers: how fast they are, what they take, what they cost.

May import `batch`, `scoring` and what is below; independent of `compare`, `checks`, `scaffold` and `testing`.
"""
