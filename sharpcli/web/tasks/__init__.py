"""The work behind the tabs: batches, scores, comparisons and camera frames of visitors.

Part of `web`; knows no widgets.
"""
