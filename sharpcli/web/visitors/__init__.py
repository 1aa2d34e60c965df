"""Who visits the page, and the files that are theirs until their session ends.

Part of `web`.
"""
