"""The page as one HTML file."""

import gzip
import hashlib
import re
from base64 import b64decode, b64encode
from html import unescape
from pathlib import Path

import pytest

from vqvae_explainer.errors import UserError
from vqvae_explainer.resources import resource
from vqvae_explainer.site.models import site_models
from vqvae_explainer.site.single_file import DEFAULTS, embed, export_single_file

MEGABYTES = 2  # compressed, with three models and a prior


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("stick")
    path = export_single_file(folder)
    assert list(folder.iterdir()) == [path]
    assert path.name == "vqvae-explainer.html"
    return path.read_text(encoding="utf-8")


def test_it_is_small(page: str) -> None:
    # Compressed data in base64 compress to their own size again.
    embedded = re.findall(r'data-file="[^"]+">([A-Za-z0-9+/=]{1000,})<', page)
    models = site_models([resource("weights") / f"{name}.safetensors" for name in DEFAULTS])
    assert len(embedded) == sum(len(model.files) for model in models)
    assert len(page) - sum(map(len, embedded)) < 650_000
    assert sum(map(len, embedded)) * 3 / 4 < 1e6 * MEGABYTES


def test_only_its_own_code_may_run(page: str) -> None:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert found is not None
    policy = dict(directive.split(" ", 1) for directive in unescape(found[1]).split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["worker-src"] == "blob:"
    assert "connect-src" not in policy
    style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    code = re.findall(r"<script(?: type=\"module\")?>(.*?)</script>", page, re.DOTALL)
    hashes = [f"'sha256-{b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in (*style, *code)]
    assert len(hashes) == 3
    assert policy["style-src"].split() == hashes[:1]
    assert policy["script-src"].split() == [*hashes[1:], "'wasm-unsafe-eval'"]


def test_it_holds_the_article(page: str) -> None:
    assert page.count('<div class="article-body">') == 1
    assert 'href="#show=straight-through"' in page


def test_it_names_no_other_file(page: str) -> None:
    markup = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    markup = re.sub(r'<a href="https:[^>]+>', "", markup)  # the article's references, which a reader may follow
    named = re.findall(r"""\s(?:src|href)="([^"]+)""", markup)
    assert [address for address in named if not address.startswith(("#", "data:"))] == []
    assert "@import" not in page
    assert not re.search(r"\bimport\b\s*[({\"'*]", page.partition('<script type="module">')[2])


def test_it_holds_the_weights(page: str) -> None:
    found = re.search(r'data-file="explainer\.safetensors\.gz">([^<]+)<', page)
    assert found is not None
    assert gzip.decompress(b64decode(found[1])) == (resource("weights") / "explainer.safetensors").read_bytes()


def test_it_can_be_in_spanish(page: str, tmp_path: Path) -> None:
    path = export_single_file(tmp_path, [resource("weights") / "explainer.safetensors"], "es")
    assert path.name == "vqvae-explainer.es.html"
    spanish = path.read_text(encoding="utf-8")
    for text, other in (("El modelo funciona en esta página", "The model runs in this page"), ("Dibuja un", "Draw a")):
        assert (text in spanish, other in spanish) == (True, False)
        assert (text in page, other in page) == (False, True)
    assert '<html lang="es"' in spanish
    assert '<div class="article-body">' in spanish


def test_more_than_three_models_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"at most 3 models, got \d+: name those to include with --weights\."):
        export_single_file(tmp_path, [resource("weights")])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", ["a = '</script>'", "'<!--'", "a {} </STYLE"])
def test_code_that_would_end_its_element_is_refused(code: str) -> None:
    with pytest.raises(UserError, match="cannot be written into it: it contains"):
        embed(code.encode())
