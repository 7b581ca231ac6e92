"""A folder for static hosts: complete, relative, replaced without a gap."""

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from vqvae_explainer.errors import UserError
from vqvae_explainer.resources import resource
from vqvae_explainer.server.headers import POLICY as SERVER_POLICY
from vqvae_explainer.site import export, kernel
from vqvae_explainer.site.export import MARKER, export_site

SMALL, OTHER = (resource("weights") / f"{name}.safetensors" for name in ("explainer", "explainer-frozen"))
ROOTS = {".nojekyll", "404.html", "article.html", "es", "favicon.ico", "index.html", "service-worker.js", MARKER}
DOCUMENTS = ("index.html", "404.html", "article.html", "es/index.html", "es/article.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of two models; do not write to it."""
    folder = tmp_path_factory.mktemp("site")
    assert export_site(folder, [SMALL, OTHER]) == folder / "index.html"
    return folder


def versions(folder: Path) -> list[str]:
    found: list[str] = json.loads((folder / MARKER).read_bytes())["versions"]
    return found


def text(folder: Path, name: str = "index.html") -> str:
    return (folder / name).read_text(encoding="utf-8")


def addresses(page: str) -> list[str]:
    """What a page names outside its data and the article's references."""
    markup = re.sub(r"""<script type=.text.*?</script>|<a href="https:[^>]+>""", "", page)
    return re.findall(r"""\s(?:src|href|content)="([^"]*[./][^" ]*)""", markup)


def test_the_folder_is_complete(site: Path) -> None:
    (version,) = versions(site)
    assert {path.name for path in site.iterdir()} == {*ROOTS, version}
    page = text(site)
    assert 'data-backend="page"' in page
    for address in re.findall(rf'"({version}/[^"]+)"', page):
        assert address.endswith("/") or (site / address).is_file(), address
    described = json.loads(page.partition('data-file="site.json">')[2].partition("</script>")[0])
    assert described["default"] == "explainer"
    assert [model["name"] for model in described["models"]] == ["explainer", "explainer-frozen"]
    for model in described["models"]:
        content = gzip.decompress((site / described["folder"] / f"{model['name']}.safetensors.gz").read_bytes())
        assert content == (resource("weights") / f"{model['name']}.safetensors").read_bytes()
        detail = json.loads((site / described["folder"] / f"{model['name']}.detail.json").read_bytes())["detail"]
        assert detail["title"] == model["title"]
        assert "embeddings" not in detail
        check = json.loads((site / described["folder"] / f"{model['name']}.detail.json").read_bytes())["check"]
        assert check.keys() == {"pixels", "indices", "commitment", "reconstruction"}
        assert model["playback"] == (site / described["folder"] / f"{model['name']}.playback.json").is_file()


def test_the_page_in_spanish_has_its_own_files_and_the_same_models(site: Path) -> None:
    (version,) = versions(site)
    assert {path.name for path in (site / "es").iterdir()} == {"article.html", "index.html"}
    page = text(site, "es/index.html")
    assert '<html lang="es" data-backend="page">' in page
    named = re.findall(rf'"(\.\./{version}/[^"]+)"', page)
    assert {f"../{version}/es/main.js", f"../{version}/es/main.css", f"../{version}/kernel/model.js"} < set(named)
    for address in named:
        assert address.endswith("/") or (site / "es" / address).is_file(), address
    assert f'"folder":"../{version}/weights/"' in page
    assert "El servidor responde" in text(site, f"{version}/es/main.js")
    assert '<a class="language" data-action="language" href="../" lang="en"' in page
    assert '<a class="language" data-action="language" href="es/" lang="es"' in text(site)
    assert '<html lang="es">' in text(site, "es/article.html")


def test_every_address_is_relative(site: Path) -> None:
    for name in DOCUMENTS:
        linked = [address for address in addresses(text(site, name)) if "://" in address or address.startswith("/")]
        assert linked == [], name


def test_the_policy_adds_webassembly_and_what_runs_first_to_that_of_the_server(site: Path) -> None:
    for name in DOCUMENTS:
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text(site, name))
        assert policy is not None
        directives = set(policy[1].replace("&#39;", "'").split("; "))
        (boot,) = re.findall(r"<script>(.*?)</script>", text(site, name), re.DOTALL)
        allowed = f"'sha256-{b64encode(hashlib.sha256(boot.encode()).digest()).decode()}'"
        assert directives == {*SERVER_POLICY.split("; "), f"script-src 'self' {allowed} 'wasm-unsafe-eval'"}


def test_the_service_worker_keeps_files_that_are_there(site: Path) -> None:
    found = re.match(r"self\.site = (\{.*\});\n", text(site, "service-worker.js"))
    assert found is not None
    kept = json.loads(found[1])
    assert kept["version"] == versions(site)[0]
    pages = {page: set(names) for page, names in kept["pages"].items()}
    assert {"main.js", "main.css", "backend/worker.js", "weights/explainer.safetensors.gz"} <= pages[""]
    assert {"es/main.js", "es/main.css", "es/tour/guide.js", "es/texts/es-levels.js"} <= pages["es/"]
    assert all(name.startswith("es/") for name in pages["es/"])
    assert not [name for names in pages.values() for name in names if not (site / kept["version"] / name).is_file()]
    assert not [name for name in pages[""] if "frozen" in name or "playback.json" in name]


def test_a_prior_is_exported_and_kept_when_it_was_used(tmp_path: Path, make_prior: Callable[[Path], None]) -> None:
    (tmp_path / "weights").mkdir()
    for path in SMALL.parent.glob(f"{SMALL.stem}.*"):
        shutil.copy(path, tmp_path / "weights")
    weights = tmp_path / "weights" / SMALL.name
    make_prior(weights)
    export_site(tmp_path / "site", [weights])
    folder = tmp_path / "site" / versions(tmp_path / "site")[0] / "weights"
    assert json.loads((folder / f"{SMALL.stem}.prior.json").read_bytes())["config"]["model"] == SMALL.stem
    content = gzip.decompress((folder / f"{SMALL.stem}.prior.safetensors.gz").read_bytes())
    assert content == weights.with_suffix(".prior.safetensors").read_bytes()
    assert '"prior":true' in text(tmp_path / "site")
    assert ".prior." not in text(tmp_path / "site", "service-worker.js")


def test_a_base_url_completes_addresses(tmp_path: Path) -> None:
    export_site(tmp_path, [SMALL], "https://school.example/digits/")
    (version,) = versions(tmp_path)
    assert f'"og:image" content="https://school.example/digits/{version}/preview.jpg"' in text(tmp_path)
    assert f'"og:image" content="https://school.example/digits/es/../{version}/es/preview.jpg"' in text(
        tmp_path, "es/index.html"
    )
    assert '<link rel="alternate" hreflang="es" href="https://school.example/digits/es/">' in text(tmp_path)
    for language in ("", "es/"):
        assert f'href="https://school.example/digits/{language}"' in text(tmp_path, "404.html")
    assert f'href="https://school.example/digits/{version}/main.css"' in text(tmp_path, "404.html")
    with pytest.raises(UserError, match=r"--base-url must be an address such as .*, got 'school\.example'\."):
        export_site(tmp_path, [SMALL], "school.example")


def test_a_newer_export_keeps_one_version_before_it(tmp_path: Path) -> None:
    seen = []
    for weights in ([SMALL], [OTHER], [SMALL, OTHER]):
        export_site(tmp_path, weights)
        seen.append(versions(tmp_path)[0])
    assert len(set(seen)) == 3
    assert versions(tmp_path) == [seen[2], seen[1]]
    assert {path.name for path in tmp_path.iterdir()} == {*ROOTS, seen[1], seen[2]}
    export_site(tmp_path, [SMALL, OTHER])
    assert versions(tmp_path) == [seen[2], seen[1]], "the same again changes nothing"


def test_a_failure_leaves_the_older_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export_site(tmp_path, [SMALL])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def fail(*_: object) -> None:
        raise UserError("The disk is full.")

    monkeypatch.setattr(export, "writing", fail)
    with pytest.raises(UserError, match="disk is full"):
        export_site(tmp_path, [OTHER])
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_killed_export_can_be_repeated(tmp_path: Path) -> None:
    left = tmp_path / f".{'0' * 16}.123.tmp"
    left.mkdir()
    (left / "main.js").write_bytes(b"")
    export_site(tmp_path, [SMALL])
    assert {path.name for path in tmp_path.iterdir()} == {*ROOTS, *versions(tmp_path)}


@pytest.mark.parametrize("content", [b"", b"{}", b'{"versions": ["../x"]}', b'{"versions": 1}'])
def test_a_folder_that_is_no_export_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    if content:
        (tmp_path / MARKER).write_bytes(content)
    with pytest.raises(UserError, match=r"is not an export of this command\. Expected a new or empty folder"):
        export_site(tmp_path, [SMALL])
    assert (tmp_path / "notes.txt").read_text() == "mine"
    with pytest.raises(UserError, match="not an export"):
        export_site(tmp_path / "notes.txt", [SMALL])


def test_an_architecture_that_the_kernel_lacks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "ARCHITECTURES", ("mlp", "minimal"))
    with pytest.raises(
        UserError, match=r"explainer cannot be exported: .* no architecture .strided. \(it has mlp, minimal"
    ):
        export_site(tmp_path / "site", [SMALL])
    assert not (tmp_path / "site").exists()


def test_weights_without_a_bundle_are_refused(tmp_path: Path) -> None:
    for suffix in ("safetensors", "json"):
        (tmp_path / f"explainer.{suffix}").write_bytes(SMALL.with_suffix(f".{suffix}").read_bytes())
    with pytest.raises(
        UserError, match=r"explainer cannot be exported, because .*run `vqvae-explainer export --weights"
    ):
        export_site(tmp_path / "site", [tmp_path])


def test_a_name_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Two of the weights files are named explainer"):
        export_site(tmp_path / "site", [SMALL, SMALL])


def test_no_pytorch_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from vqvae_explainer.cli import main; "
        f"assert main(['export-site', {str(tmp_path / 'site')!r}, '--weights', {str(SMALL)!r}]) == 0; "
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Wrote {tmp_path / 'site' / 'index.html'}.\n"
