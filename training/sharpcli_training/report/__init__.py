"""The benchmark pages of the documentation: figures, plots and crops.

May import `evaluation` and what is below; independent of `export`.
"""
