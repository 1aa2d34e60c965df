"""Checks that an enhancer keeps its contract: for `sharpcli check`, and for the plugin of pytest.

May import `batch`, `scoring` and what is below; independent of `compare`, `bench`, `scaffold` and `testing`.
"""
