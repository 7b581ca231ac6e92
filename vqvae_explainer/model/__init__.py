"""The model that the page explains. Read quantizer.py, networks.py, vqvae.py, in that order."""
