"""What `benchmarks/calls.py` measures with: the line of a call, what is tried on it, scores and tables."""
