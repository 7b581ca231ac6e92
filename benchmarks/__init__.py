"""Measurements of the figures in docs/."""
