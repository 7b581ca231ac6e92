"""The VQ-VAE that the page explains. Read quantizer.py, architectures/residual.py, vqvae.py, in that order."""
