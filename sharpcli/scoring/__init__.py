"""Results against their references: metrics, pairs of files, figures and tables.

May import `pipeline`, `inference` and what is below; independent of `batch`.
"""
