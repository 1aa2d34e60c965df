"""The networks: their blocks, what they cost, how they are quantized.

May import `recipe` and what is below.
"""
