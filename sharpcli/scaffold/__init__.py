"""Writes a plugin's package to begin with: around an unsharp mask, or around an ONNX network that was made elsewhere.

May import `batch`, `scoring` and what is below; independent of `compare`, `bench`, `checks` and `testing`.
"""
