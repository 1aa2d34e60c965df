"""One file for each command, imported when it is called.

Part of `cli`; a command turns arguments into one call of a room below.
"""
