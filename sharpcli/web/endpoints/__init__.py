"""What programs can ask of the page.

Part of `web`.
"""
