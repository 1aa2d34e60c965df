"""The command line: one file per command, one edge where errors become a line."""
