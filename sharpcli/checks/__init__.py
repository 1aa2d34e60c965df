"""Checks that an enhancer keeps its contract: for `sharpcli check`, and for the plugin of pytest."""
