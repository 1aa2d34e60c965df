"""Training data: fetched, drawn, degraded, packed, and read as pairs.

May import `networks`, `recipe` and what is below.
"""
