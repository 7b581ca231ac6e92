"""The command `export-site --single-file`: the page and its models as one HTML file."""

import gzip
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from ..errors import UserError
from ..files import replacing
from ..languages import FOLDERS, LANGUAGES
from ..resources import resource
from .build import LATER_STYLES, Export, build_page
from .export import site_json
from .inline import embed, hash_source
from .join import join_whole
from .models import SiteModel, site_models

NAMES = {one: f"vqvae-explainer{f'.{one}' if FOLDERS[one] else ''}.html" for one in LANGUAGES}
DEFAULTS = ("residual-20", "explainer", "explainer-frozen")
MAX_MODELS = 3  # more would make a file that browsers open slowly
WORKER = "backend/worker.js"


def export_single_file(folder: Path, weights: Sequence[Path] = (), language: str = LANGUAGES[0]) -> Path:
    """Write the page to one file in a folder. It needs no network: browsers open it from a disk.

    Args:
        folder: is made if it does not exist.
        weights: of up to three models; a choice of the shipped ones if there are none.
        language: of the texts.

    Returns:
        The path of the file.

    Raises:
        UserError: there are too many models, one cannot be exported, or the file cannot be written.
    """
    models = site_models(weights or [resource("weights") / f"{name}.safetensors" for name in DEFAULTS])
    if len(models) > MAX_MODELS:
        raise UserError(
            f"A single file holds at most {MAX_MODELS} models, got {len(models)}: name those to include with --weights."
        )
    path = folder / NAMES[language]
    with replacing(path) as temporary:
        temporary.write_text(document(language, models), encoding="utf-8", newline="\n")
    return path


def document(language: str, models: Sequence[SiteModel]) -> str:
    static, page = resource("static"), build_page(language=language)
    inline = {
        "main.css": embed(b"\n".join(page.files[name] for name in ("main.css", *LATER_STYLES))),
        "main.js": embed(join_whole(static, "main.js", language)),
        "favicon.svg": Markup("data:image/svg+xml;base64," + b64encode(page.files["favicon.svg"]).decode()),
    }
    boot = embed(page.files["boot.js"])
    files: dict[str, Markup] = {}
    for model in models:
        for name, content in model.files.items():
            compressed = content if name.endswith(".gz") else gzip.compress(content, mtime=0)
            files[name] = Markup(b64encode(compressed).decode())
    # The last one, so that its source is easily found in the file.
    files["worker.js"] = embed(join_whole(static, WORKER, language))
    style, *scripts = (hash_source(code) for code in (inline["main.css"], boot, inline["main.js"]))
    policy = (
        f"default-src 'none'; script-src {' '.join(scripts)} 'wasm-unsafe-eval'; worker-src blob:; style-src {style}; "
        "img-src data: blob:; base-uri 'none'; form-action 'self'"
    )
    return page.render("index.html", "", export=Export(policy, boot, site_json(models, ""), files=files, inline=inline))
