"""`python -m vqvae_explainer`."""

import sys

from .cli import main

sys.exit(main())
