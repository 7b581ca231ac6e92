"""The templates' environment, with the page's texts."""

import json
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from ..errors import UserError
from ..languages import FOLDERS, LANGUAGES
from ..resources import resource

LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`]+)`")
CHOICE = re.compile(rb'^(export [^"\n]* from "\./)en\b', re.MULTILINE)
PAGE = re.compile(r"^export const page = (\{.*?^\});", re.DOTALL | re.MULTILINE)


def in_language(language: str, path: str, code: bytes) -> bytes:
    """A file of the page: where a module in texts/ exports from en*.js, it exports from the language's file instead."""
    return CHOICE.sub(rb"\g<1>" + language.encode(), code) if path.startswith("texts/") else code


def page_texts(folder: Path, language: str = LANGUAGES[0]) -> Mapping[str, Markup]:
    """The texts of the templates: those of en.json, and the object `page` of en.js, which has to be valid JSON.

    The values are escaped, so that `format` puts markup into their placeholders.

    Raises:
        UserError: the module has no such object, or one of the two is not JSON.
    """
    module, file = folder / f"{language}.js", folder / f"{language}.json"
    found = PAGE.search(module.read_text(encoding="utf-8"))
    if found is None:
        raise UserError(f"{module} has no `export const page = {{…}};` that ends in a line of its own.")
    texts = parse(file.read_text(encoding="utf-8"), str(file))
    texts |= parse(found[1], f"The object `page` in {module}", found.string[: found.start(1)].count("\n"))
    return {name: escape(text) for name, text in texts.items()}


def parse(code: str, what: str, lines_above: int = 0) -> dict[str, str]:
    try:
        texts: dict[str, str] = json.loads(code)
    except json.JSONDecodeError as error:
        raise UserError(f"{what} is not JSON: {error.msg} in line {lines_above + error.lineno}.") from error
    return texts


@pass_context
def prose(context: Context, text: Markup) -> Markup:
    """A text with code in `backquotes` and with [links](…): to a web page, to a view of the page (#show=…), or to what
    the word means, a stage or a loss, which lights up with it.

    In a document that is not the page itself, `page_url` is the address of the page.
    """

    def link(found: re.Match[str]) -> str:
        words, target = found.groups()
        if target.startswith("https:"):
            return f'<a href="{target}" target="_blank" rel="noopener">{words}</a>'
        if target.startswith("#"):
            return f'<a class="view" href="{context["page_url"]}{target}">{words}</a>'
        return f'<span class="term" data-term="{target}" tabindex="0">{words}</span>'

    return Markup(LINK.sub(link, CODE.sub(r"<code>\1</code>", str(text))))  # the texts are escaped


def template_environment(static: Path, language: str = LANGUAGES[0]) -> Environment:
    """Templates that look their texts up as `text["…"]`; a text that does not exist is an error.

    `texts(language)` has the texts of another language.

    Args:
        static: the folder with texts/en.js and texts/en.json.
        language: of the texts.
    """
    environment = Environment(
        loader=FileSystemLoader(resource("templates")), autoescape=True, undefined=StrictUndefined
    )
    texts = partial(page_texts, static / "texts")
    environment.globals["texts"] = texts
    environment.globals["text"] = texts(language)
    environment.globals["folders"] = FOLDERS
    environment.globals["language"] = language
    environment.filters["prose"] = prose
    return environment
