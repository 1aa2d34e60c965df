"""Degradations that are asked for by name: blur, resampling, noise and compression, in the order of a camera's chain.

Part of `image`. Training draws them at random and does the same in tensors.
"""
