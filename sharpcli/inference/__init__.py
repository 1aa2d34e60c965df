"""Networks: the only room that knows the inference engine, and the enhancers that are made of an ONNX file.

May import `plugin`, `image`, `measure` and what is below; independent of `pipeline`.
"""
