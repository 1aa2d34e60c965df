"""Judges trained networks: on test sets, against each other, against published figures.

May import `fit` and what is below.
"""
