"""The page of `export-site` on a static host of its own."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measuring import serving
from vqvae_explainer.site.export import export_site


@contextmanager
def exported() -> Iterator[str]:
    """The address of an export of the shipped models, for the time of the `with` block."""
    with tempfile.TemporaryDirectory() as folder:
        export_site(Path(folder))
        with serving(sys.executable, "-m", "benchmarks.static_host", folder) as host:
            yield host.url
