"""Networks that were made elsewhere: what an ONNX file says of itself, what trying it tells, and how it is run."""
