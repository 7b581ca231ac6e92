"""Training and evaluation of priors."""
