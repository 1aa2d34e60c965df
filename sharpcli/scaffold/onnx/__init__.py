"""What an ONNX file of unknown origin says of itself, and what trying it tells.

Part of `scaffold`, and the one place that may import `onnx`, inside a function.
"""
