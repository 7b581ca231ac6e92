"""The exported page on a trivial static host, under a path, and as a file on a disk: the model runs in the browser."""

import gzip
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Visit, open_page
from tests.browser.details import Details
from tests.browser.explainer import Explainer
from tests.site.static_host import StaticHost, hosting
from vqvae_explainer.explain.trace import trace
from vqvae_explainer.model.weights import load_weights
from vqvae_explainer.resources import resource
from vqvae_explainer.site.export import MARKER, export_site
from vqvae_explainer.site.single_file import export_single_file

DEFAULT, USED, UNUSED = "residual-20", "explainer-frozen", "mlp-512"
LOST = "Failed to load resource|Failed to fetch|error loading dynamically imported module"

KEPT = """async (name) => {
  const { installing, waiting } = await navigator.serviceWorker.ready;
  const { folder } = JSON.parse(document.querySelector("[data-file='site.json']").textContent);
  const [version] = /[0-9a-f]{16}/.exec(folder);
  const key = (await caches.keys()).find((one) => one.endsWith(version));
  if (!key || installing || waiting || !navigator.serviceWorker.controller) return false;
  const cache = await caches.open(key);
  const kept = (path) => cache.match(new URL(path, document.baseURI), { ignoreVary: true });
  return Boolean(await kept("./") && await kept(`${folder}${name}.safetensors.gz`));
}"""
RUNS_SHOWN = """() => explainer.store.get("playback") && explainer.store.get("runs").length === 2
  && explainer.store.get("runs").every((name) => explainer.store.get("playbacks")[name])"""
SHOWN = "(name) => explainer.store.get('model').name === name && explainer.store.get('trace')?.model === name"
GRADIENTS = """(straightThrough) => {
  const gradients = explainer.store.get("gradients");
  return gradients?.straightThrough === straightThrough && gradients.pixels === explainer.store.get("pixels");
}"""
VERSION = "() => /[0-9a-f]{16}/.exec(document.querySelector('script[type=module]').src)[0]"

COUNT_WORKERS = """
globalThis.workers = [];
globalThis.Worker = class extends Worker {
  constructor(...rest) {
    super(...rest);
    workers.push({ page: document.readyState, first: JSON.parse(rest[1].name).weights });
  }
};
"""


def weights(*names: str) -> list[Path]:
    return [resource("weights") / f"{name}.safetensors" for name in names]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of three models that the tests copy."""
    folder = tmp_path_factory.mktemp("exported") / "site"
    export_site(folder, weights(DEFAULT, USED, UNUSED))
    return folder


@pytest.fixture
def site(exported: Path, tmp_path: Path) -> Iterator[StaticHost]:
    """A host with an export of three models, which the test may change and stop."""
    shutil.copytree(exported, tmp_path / "site")
    with hosting(tmp_path / "site") as host:
        yield host


def choose(explainer: Explainer, name: str) -> None:
    explainer.page.locator("[data-action=model]").select_option(name)


def shows_what_pytorch_computes(explainer: Explainer) -> None:
    """Compare the trace with that of the model in PyTorch."""
    model, _ = load_weights(resource("weights") / f"{explainer.model('name')}.safetensors")
    (expected,) = trace(model, [explainer.ink("pixels").tobytes()])
    assert explainer.indices() == expected.indices.flatten().tolist()
    for stage in ("features", "reconstruction"):
        found, wanted = explainer.tensor(stage), getattr(expected, stage)
        assert np.abs(found - wanted).max() <= 2e-5 * np.ptp(wanted)


def visit_every_view(explainer: Explainer) -> Details:
    """What a visitor does that needs no further file: point, look inside, what-ifs, edit, backward."""
    row = explainer.inked_row()
    explainer.cell("indices", row).hover()
    explainer.until("() => explainer.store.get('selection')")
    assert "Cell" in explainer.page.locator(".inspector-title").inner_text()
    explainer.point_at_nothing()

    details = Details(explainer).open()
    assert explainer.tensor("distances").shape == (49, 20)
    assert "own kernel" in explainer.page.locator(".kernel-note").inner_text()
    explainer.action("bypass").click()
    explainer.until("() => explainer.store.get('trace').variant === 'bypass' && explainer.store.get('reference')")
    assert "error" in explainer.page.locator("[data-variant=bypass] .verdict").inner_text()
    explainer.action("bypass").click()
    explainer.until("() => explainer.store.get('trace').variant === 'normal'").settled()

    explainer.action("backward").click()
    explainer.until(GRADIENTS, True)
    assert "in this page" in explainer.page.locator(".computed-by").inner_text()
    assert float(explainer.page.locator("[data-gradient=features]").get_attribute("data-norm") or 0) > 0
    explainer.action("straight-through").click()
    explainer.until(GRADIENTS, False)
    assert explainer.page.locator("[data-gradient=features]").get_attribute("data-norm") == "0"
    explainer.action("backward").click()
    explainer.page.keyboard.press("v")

    own = explainer.tensor("reconstruction")
    explainer.action("edit").click()
    explainer.page.locator(".palette [data-code='3']").click()
    explainer.cell("indices", row).click()
    explainer.until("() => explainer.store.get('editedReconstruction')")
    edited = explainer.evaluate("() => Array.from(explainer.store.get('editedReconstruction').data)")
    assert np.abs(np.array(edited).reshape(28, 28) - own).max() > 0.01
    explainer.page.keyboard.press("Escape")
    explainer.action("edit-reset").click()
    explainer.action("edit").click()
    return details


def test_a_first_visit_is_light(visit: Visit, site: StaticHost, tmp_path: Path) -> None:
    requested: list[str] = []
    explainer = visit(
        site.url, first=True, init_script=COUNT_WORKERS, prepare=record(requested), service_workers="block"
    ).settled()
    explainer.watch.expect("Service Worker registration blocked")
    paths = [url.removeprefix(site.url) or "index.html" for url in requested if url.startswith(site.url)]
    names = [Path(path).name for path in paths]
    model = [f"{DEFAULT}.detail.json", f"{DEFAULT}.safetensors.gz"]
    assert sorted(names) == sorted(["favicon.svg", "index.html", "main.css", "main.js", "worker.js", *model])
    # One worker is started before main.js runs, and knows what to download.
    (weights,) = (url for url in requested if url.endswith(model[1]))
    assert explainer.evaluate("() => workers") == [{"page": "loading", "first": weights}]
    contents = {name: (tmp_path / "site" / path).read_bytes() for name, path in zip(names, paths, strict=True)}
    # Static hosts compress; their headers take a few hundred bytes.
    sent = {name: min(len(content), len(gzip.compress(content))) + 300 for name, content in contents.items()}
    assert sum(size for name, size in sent.items() if name not in model) <= 100_000, sent
    assert sum(sent.values()) <= 700_000, sent


def test_a_visit_goes_on_when_the_host_is_gone(visit: Visit, site: StaticHost) -> None:
    explainer = visit(site.url)
    page = explainer.page
    explainer.stroke((8, 5), (20, 6), (10, 22))
    assert explainer.ink().any()
    shows_what_pytorch_computes(explainer)
    choose(explainer, USED)
    explainer.until(SHOWN, USED).settled()
    shows_what_pytorch_computes(explainer)
    choose(explainer, DEFAULT)
    page.keyboard.press("p")
    explainer.until(RUNS_SHOWN)
    page.keyboard.press("p")
    for name in (DEFAULT, USED):
        explainer.until(KEPT, name)

    site.stop()
    explainer.watch.expect(LOST)
    visit_every_view(explainer)
    explainer.stroke((8, 12), (20, 12))
    drawn = explainer.ink()
    for key, section in (("h", "health"), ("z", "compare")):
        page.keyboard.press(key)
        explainer.until("(name) => !document.getElementById(`section-${name}`).hidden", section).settled()
    assert page.locator("#section-compare tbody tr").count() == 3
    assert page.locator("#section-health .usage-bars [data-item]").count() == 20

    explainer.reload()
    assert page.locator(".connection-word").inner_text() == "Live"
    np.testing.assert_array_equal(explainer.ink(), drawn)
    shows_what_pytorch_computes(explainer)
    choose(explainer, USED)
    explainer.until(SHOWN, USED).settled()
    page.keyboard.press("p")
    explainer.until(RUNS_SHOWN)
    choose(explainer, UNUSED)
    assert "could not be loaded" in explainer.notice()
    assert explainer.model("name") == USED

    site.start()
    choose(explainer, UNUSED)
    explainer.until(SHOWN, UNUSED).settled()
    shows_what_pytorch_computes(explainer)


def record(requested: list[str]) -> Callable[[Page], None]:
    """What a page and its worker request is added to a list."""
    return lambda page: page.on("request", lambda request: requested.append(request.url))


def test_a_first_visit_needs_the_page_and_one_model(visit: Visit, site: StaticHost) -> None:
    requested: list[str] = []
    explainer = visit(site.url, first=True, prepare=record(requested))
    explainer.until("() => explainer.store.get('drawing').some((value) => value)").settled()
    assert explainer.evaluate("() => document.documentElement.dataset.backend") == "page"
    loaded = [url for url in requested if "/weights/" in url]
    assert {url.rsplit("/", 1)[1] for url in loaded} == {f"{DEFAULT}.detail.json", f"{DEFAULT}.safetensors.gz"}
    assert explainer.evaluate("() => [...document.querySelectorAll('[data-meter]')].length") == 3
    assert "Kernel" in (explainer.page.locator(".meter").text_content() or "")


def test_a_link_opens_its_model(visit: Visit, site: StaticHost) -> None:
    explainer = visit(f"{site.url}#model={USED}")
    explainer.until(SHOWN, USED)
    explainer.until(KEPT, USED)


def test_a_model_of_which_the_kernel_computes_something_else_is_refused(visit: Visit, site: StaticHost) -> None:
    [path] = site.folder.glob(f"*/weights/{USED}.detail.json")
    document = json.loads(path.read_bytes())
    document["check"]["commitment"] *= 1.01
    path.write_text(json.dumps(document))
    explainer = visit(site.url)
    choose(explainer, USED)
    notice = explainer.notice()
    assert document["detail"]["title"] in notice
    assert "cannot be used" in notice
    choose(explainer, DEFAULT)
    explainer.until(SHOWN, DEFAULT).settled()
    shows_what_pytorch_computes(explainer)


def test_a_first_download_that_fails_is_repeated(visit: Visit, site: StaticHost) -> None:
    attempts: list[str] = []

    def fail_twice(route: Route) -> None:
        attempts.append(route.request.url)
        if len(attempts) <= 2:
            route.abort()
        else:
            route.continue_()

    explainer = visit(site.url, prepare=lambda page: page.route("**/*.safetensors.gz", fail_twice))
    explainer.watch.expect(LOST)
    assert len(attempts) == 3
    assert explainer.page.locator(".connection-word").inner_text() == "Live"


def test_a_new_export_leaves_open_tabs_alone(visit: Visit, site: StaticHost) -> None:
    folder = site.folder
    tab = visit(site.url, service_workers="block")
    tab.watch.expect("Service Worker registration blocked")
    (former,) = json.loads((folder / MARKER).read_bytes())["versions"]
    export_site(folder, weights(DEFAULT, UNUSED))
    newest, kept = json.loads((folder / MARKER).read_bytes())["versions"]
    assert kept == former
    # Code and model that the tab has not loaded yet.
    tab.page.keyboard.press("h")
    tab.until("() => document.querySelectorAll('#section-health .usage-bars [data-item]').length === 20")
    choose(tab, USED)
    tab.until(SHOWN, USED)
    fresh = visit(site.url)
    assert f"/{newest}/" in fresh.evaluate("() => document.querySelector('script[type=module]').src")
    assert fresh.evaluate("() => explainer.store.get('models').map(({ name }) => name)") == [DEFAULT, UNUSED]


def test_a_new_export_replaces_the_one_that_is_kept_for_offline(visit: Visit, site: StaticHost) -> None:
    explainer = visit(f"{site.url}es/")  # is kept because it is visited
    explainer.until(KEPT, DEFAULT)
    former = explainer.evaluate(VERSION)
    export_site(site.folder, weights(DEFAULT, UNUSED))
    explainer.reload()
    newest = explainer.evaluate(VERSION)
    assert newest != former
    explainer.until(KEPT, DEFAULT)
    site.stop()
    explainer.watch.expect(LOST)
    explainer.reload()
    assert explainer.evaluate(VERSION) == newest
    assert explainer.page.locator(".connection-word").inner_text() == "En vivo"
    explainer.draw((6, 6), (14, 20), (22, 6))
    shows_what_pytorch_computes(explainer)
    explainer.set("article", True)  # a part that was not used before
    expect(explainer.page.locator(".article-body h3").first).to_be_visible()


def test_there_is_a_page_for_addresses_that_do_not_exist(visit: Visit, site: StaticHost) -> None:
    answer = httpx.get(f"{site.url}none")
    assert "There is nothing at this address" in answer.text
    explainer = visit(site.url)
    page = explainer.page.context.new_page()
    page.goto(f"{site.url}none")
    page.locator(".missing a:visible").click()
    page.wait_for_url(site.url)
    page.goto(f"{site.url}es/none")
    expect(page.locator(".missing:visible h1")).to_have_text("No hay nada en esta dirección")
    page.close()
    explainer.watch.expect(LOST)


def test_one_file_works_from_a_disk(browser: Browser, tmp_path: Path) -> None:
    path = export_single_file(tmp_path, weights(DEFAULT, USED))
    context, explainer = open_page(browser, path.as_uri())
    requested: list[str] = []
    context.on("request", lambda request: requested.append(request.url))
    try:
        explainer.stroke((8, 5), (20, 6), (10, 22))
        shows_what_pytorch_computes(explainer)
        visit_every_view(explainer)
        explainer.page.keyboard.press("h")
        explainer.until("() => document.querySelectorAll('#section-health .usage-bars [data-item]').length === 20")
        explainer.page.keyboard.press("p")
        explainer.until(RUNS_SHOWN)
        explainer.example(4)
        choose(explainer, USED)
        explainer.until(SHOWN, USED).settled()
        shows_what_pytorch_computes(explainer)
        assert [url for url in requested if not url.startswith(("blob:", "data:"))] == []
        explainer.watch.check()
    finally:
        context.close()
