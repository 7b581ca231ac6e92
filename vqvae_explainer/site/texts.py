"""The templates' environment, with the page's texts from the JavaScript module that the browser loads too."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ..errors import UserError
from ..resources import resource

PAGE = re.compile(r"^export const page = (\{.*?^\});", re.DOTALL | re.MULTILINE)


def page_texts(path: Path) -> Mapping[str, Markup]:
    """The texts of the templates: the object literal `page` of the module at `path`, which has to be valid JSON.

    The values are escaped, so that `format` puts markup into their placeholders.

    Raises:
        UserError: the module has no such object, or it is not JSON.
    """
    found = PAGE.search(path.read_text(encoding="utf-8"))
    if found is None:
        raise UserError(f"{path} has no `export const page = {{…}};` that ends in a line of its own.")
    try:
        texts: dict[str, str] = json.loads(found[1])
    except json.JSONDecodeError as error:
        line = found.string[: found.start(1)].count("\n") + error.lineno
        raise UserError(f"The object `page` in {path} is not JSON: {error.msg} in line {line}.") from error
    return {name: escape(text) for name, text in texts.items()}


def template_environment(static: Path) -> Environment:
    """Templates that look their texts up as `text["…"]`; a text that does not exist is an error.

    Args:
        static: the folder with texts/en.js.
    """
    environment = Environment(
        loader=FileSystemLoader(resource("templates")), autoescape=True, undefined=StrictUndefined
    )
    environment.globals["text"] = page_texts(static / "texts" / "en.js")
    return environment
