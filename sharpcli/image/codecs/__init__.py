"""The file formats, one file for each library that reads and writes them.

Part of `image`; `read` and `write` choose among them, and nobody else need know them.
"""
