"""The parts of benchmarks/edge.py: the browser edition's backends, driven from Python."""
