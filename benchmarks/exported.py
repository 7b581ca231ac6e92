"""The page of `export-site`, served as GitHub Pages does: texts are compressed, other files are sent as they are."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.site.static_host import hosting
from vqvae_explainer.site.export import export_site


@contextmanager
def exported() -> Iterator[str]:
    """The address of an export of the shipped models, for the time of the `with` block."""
    with tempfile.TemporaryDirectory() as folder:
        export_site(Path(folder))
        with hosting(Path(folder), compresses=True) as host:
            yield host.url
