"""The page in the browser: one file per tab, which call what the command line calls."""
