"""What the page shows of results, as HTML.

Part of `web`; knows no widgets.
"""
