"""What the figures of the README were measured with."""
