"""The wide grid: what methods give back of blurred, noisy, enlarged and compressed images, classical ones beside them.

May import what `evaluation` may; imports no torch.
"""
