"""The command `export-site`: the page as a folder that any static host serves."""

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from ..errors import UserError
from ..files import replacing, temporary_path, writing
from ..languages import FOLDERS
from ..resources import resource
from .build import Export, build_page, hash_of
from .inline import embed, hash_source
from .models import SiteModel, site_models
from .module import strip_comments

MARKER = "site.json"  # names the versions in an export, the newest first
VERSION = re.compile(r"[0-9a-f]{16}")  # a folder with the files of a version
UNFINISHED = re.compile(r"\.[0-9a-f]{16}\.\d+\.tmp")  # one that a killed process has left
UNKNOWN_VERSION = "0" * 16
BASE_URL = re.compile(r"(https?://[^\s\"'<>?#]+)?")
POLICY = (
    "default-src 'self'; script-src 'self' {boot} 'wasm-unsafe-eval'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'"
)
OTHERS = tuple(filter(None, FOLDERS.values()))  # folders of the other languages
NOT_FOR_OFFLINE = "preview.jpg"  # messengers show it with links to the page


def export_site(folder: Path, weights: Sequence[Path] = (), base_url: str = "") -> Path:
    """Write the page to a folder, or a newer version of it to an export.

    All files but a few lie in a folder that is named by a hash of their contents. The folder of the version before is
    kept, so that tabs that show it go on. The page itself is replaced last: what it names is there by then.

    Args:
        folder: is made if it does not exist.
        weights: weights files, and folders of them; the shipped models if there are none.
        base_url: address under which the folder will be served, for what needs it in full.

    Returns:
        The path of the page.

    Raises:
        UserError: a model cannot be exported, or the folder is something else, or it cannot be written.
    """
    if not BASE_URL.fullmatch(base_url):
        raise UserError(f"--base-url must be an address such as https://school.example/digits, got {base_url!r}.")
    former = versions_in(folder)
    models = site_models(weights or [resource("weights")])
    static = resource("static")
    pages = {path: build_page(language=language) for language, path in FOLDERS.items()}
    page = pages[""]
    boot = embed(page.files["boot.js"])
    choosing = boot + embed(strip_comments((static / "shell/missing.js").read_bytes(), "shell/missing.js"))
    policy = POLICY.format(boot=hash_source(boot))
    files = {
        **{
            f"{path}{name}": content
            for path, page in pages.items()
            for name, content in page.files.items()
            if name != "boot.js"
        },
        **{
            f"kernel/{path.name}": path.read_bytes()
            for path in (static / "kernel").iterdir()
            if path.suffix in (".js", ".wat")
        },
        **{f"weights/{name}": content for model in models for name, content in model.files.items()},
    }

    def documents(version: str) -> dict[str, bytes]:
        """The page and its article in each language, those of the first language last."""
        found = {}
        for path, page in reversed(pages.items()):
            root = f"../{version}" if path else version
            url = f"{root}/{path}".rstrip("/")
            site = site_json(models, f"{root}/weights/")
            index = Export(policy, boot, site, kernel=f"{root}/kernel/model.js")
            article = page.render("article-document.html", url, page_url="./", export=Export(policy, boot))
            found[f"{path}article.html"] = article.encode()
            found[f"{path}index.html"] = page.render("index.html", url, base_url, export=index).encode()
        return found

    version = hash_of({**files, **documents(UNKNOWN_VERSION)})
    versions = [version, *(one for one in former if one != version)][:2]
    base = f"{base_url.rstrip('/')}/" if base_url else ""
    missing = Export(POLICY.format(boot=hash_source(choosing)), choosing)
    roots = {
        MARKER: json.dumps({"versions": versions}).encode() + b"\n",
        ".nojekyll": b"",  # GitHub Pages leaves the files as they are
        "favicon.ico": page.files["favicon.ico"],
        "404.html": page.render("404.html", base + version, home=base or "./", export=missing).encode(),
        "service-worker.js": service_worker(version, files, models[0]),
        **documents(version),
    }
    write_version(folder / version, files)
    for name, content in roots.items():
        with replacing(folder / name) as temporary:
            temporary.write_bytes(content)
    for path in folder.iterdir():
        if UNFINISHED.fullmatch(path.name) or (VERSION.fullmatch(path.name) and path.name not in versions):
            shutil.rmtree(path, ignore_errors=True)
    return folder / "index.html"


def versions_in(folder: Path) -> list[str]:
    """The versions in an export, the newest first; none in a folder that is empty or does not exist.

    Raises:
        UserError: the folder holds something else.
    """
    try:
        if not folder.exists() or all(UNFINISHED.fullmatch(path.name) for path in folder.iterdir()):
            return []
        versions = json.loads((folder / MARKER).read_bytes())["versions"]
        if all(VERSION.fullmatch(version) for version in versions):
            return list(versions)
    except (OSError, ValueError, KeyError, TypeError):
        pass  # reported below
    raise UserError(f"{folder} is not an export of this command. Expected a new or empty folder, or an older export.")


def write_version(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of a version, unless they are there already.

    Raises:
        UserError: a file cannot be written.
    """
    if folder.is_dir():
        return
    temporary = temporary_path(folder)
    try:
        for name, content in files.items():
            with writing(temporary / name):
                (temporary / name).write_bytes(content)
        with writing(folder):
            temporary.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def site_json(models: Sequence[SiteModel], folder: str) -> Markup:
    """What the page knows of its models from the start, for a script element."""
    site = {"default": models[0].name, "models": [model.summary for model in models], "folder": folder}
    return Markup(json.dumps(site, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))


def service_worker(version: str, files: Mapping[str, bytes], default: SiteModel) -> bytes:
    """The script that keeps the page and its default model for visits without a network."""
    wanted = [name for name in files if not name.startswith("weights/") and not name.endswith(NOT_FOR_OFFLINE)]
    first = [name for name in wanted if not name.startswith(OTHERS)]
    pages = {"": first + [f"weights/{name}" for name in default.first_files]}
    pages |= {folder: [name for name in wanted if name.startswith(folder)] for folder in OTHERS}
    code = strip_comments((resource("static") / "service-worker.js").read_bytes(), "service-worker.js")
    return f"self.site = {json.dumps({'version': version, 'pages': pages})};\n".encode() + code
