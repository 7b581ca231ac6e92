"""Training and measuring: data, metrics, loop, checkpoints, report."""
