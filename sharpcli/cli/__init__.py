"""The command line: what the commands share, and one edge where errors become a line.

May import every room; only here and in the hook that hands it out is click known.
"""
