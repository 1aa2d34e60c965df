"""The endpoints for programs.

Part of `web`.
"""
