"""Give blurry, low-resolution pictures their sharpness back."""

__version__ = "0.1.0"
