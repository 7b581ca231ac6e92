"""The tour of an exported page: every step is done by its act, and what an export lacks is said."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.explainer import PATIENCE_MS
from tests.browser.test_tour import Tour, walk
from tests.site.static_host import hosting
from vqvae_explainer.resources import resource
from vqvae_explainer.site.export import export_site

DEFAULT, COLLAPSED, CURED = "residual-20", "minimal-512", "minimal-512-revived"


def weights(*names: str) -> list[Path]:
    return [resource("weights") / f"{name}.safetensors" for name in names]


def test_every_step_of_an_exported_page_is_done_by_its_act(visit: Visit, tmp_path: Path) -> None:
    export_site(tmp_path / "site", weights(DEFAULT, COLLAPSED, CURED))
    with hosting(tmp_path / "site") as host:
        walk(visit(host.url))


def test_an_export_without_a_collapsed_run_says_so(visit: Visit, tmp_path: Path) -> None:
    export_site(tmp_path / "site", weights(DEFAULT))
    with hosting(tmp_path / "site") as host:
        tour = Tour(visit(f"{host.url}#tour=collapse"))
        expect(tour.card).to_contain_text("no record of such a training", timeout=PATIENCE_MS)
        assert tour.label() == "Next"
        tour.press("Next")
        tour.at("generate")
