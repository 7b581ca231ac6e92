"""Training and evaluation: data, loop, callbacks, metrics, checkpoints, report."""
