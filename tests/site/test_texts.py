"""The templates' texts come from a file of their own and from the module that the browser loads."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from jinja2 import UndefinedError
from markupsafe import Markup, escape

from vqvae_explainer.errors import UserError
from vqvae_explainer.languages import LANGUAGES
from vqvae_explainer.model.card import load_card
from vqvae_explainer.resources import resource
from vqvae_explainer.site.texts import PAGE, page_texts, parse, template_environment

TEMPLATES = sorted(resource("templates").glob("*.html"))
TOLD = ("alt", "aria-description", "aria-label", "content", "data-label", "placeholder", "title")
SYMBOLS = ("code", "kbd", "math", "sub")  # hold symbols, not words
WORD = re.compile(r"[^\W\d_]{2,}")

COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
LITERAL = re.compile(r'"([^"\n]*)"|`([^`]*)`')
SENTENCE = re.compile(r"^\W*[A-Z][a-z]+( |\W*$)|[a-z]{2,} [a-z]{2,}.*[.?!:;,’]")
# Names of keys, fonts, and messages that only developers see.
NO_SENTENCE = re.compile(
    r""""(Home|End|Enter|Escape|Delete|Backspace)"|['`][^'`\n]*ui-monospace[^'`\n]*['`]"""
    r"""|(new \w*Error|damaged|console\.info)\([^\n]*\)"""
)


class Words(HTMLParser):
    """Collects what a visitor reads of a template whose expressions are taken out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SYMBOLS:
            self._open.append(tag)
        # A meta element's content is read where it describes the page.
        attributes = dict(attrs)
        told = [name for name in TOLD if name != "content" or attributes.get("name") == "description"]
        self.found += [value for name in told if WORD.search(value := attributes.get(name) or "")]

    def handle_endtag(self, tag: str) -> None:
        if tag in SYMBOLS:
            self._open.remove(tag)

    def handle_data(self, data: str) -> None:
        if not self._open and WORD.search(data):
            self.found.append(data.strip())


def words_of(template: str) -> list[str]:
    parser = Words()
    parser.feed(re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", template, flags=re.DOTALL))
    return parser.found


def module(folder: Path, page: str) -> Path:
    code = f"// @ts-check\n\nexport const page = {page};\n\nexport const other = {{\n}};\n"
    (folder / "en.js").write_text(code, encoding="utf-8")
    (folder / "en.json").write_text('{ "c": "d" }', encoding="utf-8")
    return folder


def test_texts_are_escaped_and_take_markup(tmp_path: Path) -> None:
    texts = page_texts(module(tmp_path, '{\n  "a.b": "{n} < “2” & {m}"\n}'))
    assert texts["c"] == "d"
    assert texts["a.b"].format(n=Markup("<b>1</b>"), m="<i>") == "<b>1</b> &lt; “2” &amp; &lt;i&gt;"


@pytest.mark.parametrize("page", ['{\n  "a": "b",\n}', "{\n  a: 1\n}", '{\n  "a": `b`\n}', '{\n  "a": "b" // no\n}'])
def test_what_is_not_json_is_refused_with_its_line(tmp_path: Path, page: str) -> None:
    with pytest.raises(UserError, match=r"`page` in .*en\.js is not JSON: .* in line \d+\."):
        page_texts(module(tmp_path, page))


def test_a_module_without_the_object_is_refused(tmp_path: Path) -> None:
    (module(tmp_path, "{\n}") / "en.js").write_text("export const pages = {};\n")
    with pytest.raises(UserError, match=r"en\.js has no `export const page"):
        page_texts(tmp_path)


def test_a_file_that_is_not_json_is_refused_with_its_line(tmp_path: Path) -> None:
    (module(tmp_path, "{\n}") / "en.json").write_text("{\n  a: 1\n}")
    with pytest.raises(UserError, match=r"en\.json is not JSON: .* in line 2\."):
        page_texts(tmp_path)


def test_prose_has_links_terms_and_code() -> None:
    environment = template_environment(resource("static"))
    template = environment.from_string("{{ text | prose }}")
    text = escape("See `a < b`, [this](https://x.example/y), [a view](#show=bypass), [it](features).")
    assert template.render(text=text, page_url="./") == (
        'See <code>a &lt; b</code>, <a href="https://x.example/y" target="_blank" rel="noopener">this</a>, '
        '<a class="view" href="./#show=bypass">a view</a>, '
        '<span class="term" data-term="features" tabindex="0">it</span>.'
    )


def test_a_missing_text_is_an_error() -> None:
    template = template_environment(resource("static")).from_string('{{ text["no.such.text"] }}')
    with pytest.raises(UndefinedError, match=r"no\.such\.text"):
        template.render()


def test_every_placeholder_is_filled(client: TestClient) -> None:
    page = client.get("/").text
    assert "VQ-VAE Explainer" in page
    assert not re.search(r"\{\w*\}", page)


def test_what_the_shipped_models_say_is_translated() -> None:
    spanish = (resource("static") / "texts" / "es.js").read_text(encoding="utf-8")
    cards = [
        load_card(path.with_suffix(".json"))
        for path in resource("weights").glob("*.safetensors")
        if "." not in path.stem
    ]
    said = {text for card in cards for text in (card.config.title, card.config.description, card.config.claim) if text}
    assert len(said) > 20
    assert [text for text in sorted(said) if f"  {json.dumps(text, ensure_ascii=False)}:" not in spanish] == []


def test_every_text_is_used() -> None:
    source = resource("static")
    english = (source / "texts" / "en.js").read_text(encoding="utf-8")
    modules = "".join(path.read_text(encoding="utf-8") for path in source.rglob("*.js") if path.parent.name != "texts")
    templates = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    unused = {
        name
        for name in page_texts(source / "texts")
        if f'text["{name}"]' not in templates and f'"{name}"' not in modules and english.count(f'"{name}"') < 2
    }
    in_loops = {"models.playback.left", "models.playback.right", *(f"shell.language.{name}" for name in LANGUAGES)}
    assert unused == in_loops
    # What no module says is not sent to the browser.
    said_by_modules = set(parse(PAGE.search(english)[1], "page"))  # type: ignore[index]
    assert {name for name in said_by_modules if f'"{name}"' not in modules and english.count(f'"{name}"') < 2} == set()
    assert said_by_modules.isdisjoint(json.loads((source / "texts" / "en.json").read_text(encoding="utf-8")))
    said = re.findall(r"^export const (?!page )\w+ = \{\n(.*?)^\};", english, re.MULTILINE | re.DOTALL)
    sentences = re.findall(r"^  (\w+)(?:: |\()", "".join(said), re.MULTILINE)
    assert len(sentences) > 80
    assert [name for name in sentences if f".{name}" not in modules] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_words_of_their_own(path: Path) -> None:
    assert words_of(path.read_text(encoding="utf-8")) == []


def test_words_in_a_template_are_found() -> None:
    assert (
        words_of('<p title="{{ text["a"] }}">{{ text["b"] }} ×2 <b>f</b></p><meta name="x" content="some text">') == []
    )
    assert words_of('<p title="one">two <code>three</code><b>four</b></p>') == ["one", "two", "four"]
    assert words_of('<meta name="description" content="some text">') == ["some text"]


def sentences_of(module: str) -> list[str]:
    """String literals of JavaScript that look like something a visitor reads."""
    code = NO_SENTENCE.sub("", COMMENT.sub("", module))
    literals = ("".join(found) for found in LITERAL.findall(code))
    return [literal for literal in literals if SENTENCE.search(re.sub(r"\$\{.*?\}", "1", literal))]


def test_modules_hold_no_sentences_of_their_own() -> None:
    source = resource("static")
    modules = {path.relative_to(source): path for path in source.rglob("*.js") if path.parent.name != "texts"}
    assert len(modules) > 40
    found = {name.as_posix(): sentences_of(path.read_text(encoding="utf-8")) for name, path in modules.items()}
    assert {name: sentences for name, sentences in found.items() if sentences} == {}


@pytest.mark.parametrize(
    "literal",
    [
        '"The server cannot be reached."',
        '"Point at a row"',
        '"Pause"',
        '"each row, from low to high"',
        "`Step ${step}, epoch`",
        "`the loss of ${name} is ${value}.`",
    ],
)
def test_sentences_in_a_module_are_found(literal: str) -> None:
    assert len(sentences_of(f"// Not this.\nconst a = find(b, '.c d', \"e f\", {literal});")) == 1
