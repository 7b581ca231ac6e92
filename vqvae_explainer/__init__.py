"""Draw a digit and see inside a vector-quantized variational autoencoder while it works."""

__version__ = "0.1.0"
