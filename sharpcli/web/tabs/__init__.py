"""One file for each tab of the page: its widgets and what they do.

Part of `web`; may import its `widgets`, `views`, `tasks` and `visitors`.
"""
