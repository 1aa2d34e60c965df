"""Turns a trained network into the ONNX file that is shipped.

May import `evaluation` and what is below; independent of `report`.
"""
