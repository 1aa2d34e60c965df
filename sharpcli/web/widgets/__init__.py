"""The widgets that several tabs are made of.

Part of `web`.
"""
