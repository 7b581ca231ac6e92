"""The page: its files, and the documents rendered from its templates."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup
from rcssmin import cssmin

from .. import __version__
from ..errors import UserError
from ..languages import LANGUAGES
from ..resources import resource
from .join import join_modules
from .module import strip_comments
from .texts import in_language, template_environment

SOURCES = (".css", ".js", ".json", ".ts")
LATER_STYLES = ("article/article.css", "tour/tour.css")  # loaded with what they are for
IMPORT = re.compile(rb'^@import "\./([^"]+)";\n', re.MULTILINE)
DESCENDANT = re.compile(rb"(?<=[^\s,>+~{};]) (?=:)")  # where cssmin would join `a :is(b)`, within another rule


@dataclass(frozen=True)
class Export:
    """What the templates need to know of a page without a server."""

    policy: str  # its Content-Security-Policy
    boot: Markup  # code of boot.js
    site: Markup | None = None  # what the page knows of its models from the start
    kernel: str = ""  # address of the kernel's source; empty if it is in the page
    files: Mapping[str, str] = field(default_factory=dict)  # in script elements, by the file's name
    inline: Mapping[str, Markup] | None = None  # main.css, main.js and the icon of a page that is one file


@dataclass(frozen=True)
class Page:
    files: Mapping[str, bytes]  # by path
    templates: Environment

    def render(
        self,
        template: str,
        files_url: str,
        public_url: str = "",
        home: str = "/",
        page_url: str = "",
        export: Export | None = None,
        training: bool = False,
    ) -> str:
        """A document.

        Args:
            template: name of its template.
            files_url: address of the folder with `files`.
            public_url: address of the page; without it, links to the page name their picture by its path only.
            home: address of the page in links of a document whose own address is not known.
            page_url: address of the page, relative to the document, unless it is the page itself.
            export: of a page without a server.
            training: whether the server may train models.
        """
        return self.templates.get_template(template).render(
            version=__version__,
            asset=lambda path: f"{files_url}/{path}",
            public_url=public_url.rstrip("/"),
            home=home,
            page_url=page_url,
            export=export,
            training=training,
        )


def hash_of(files: Mapping[str, bytes]) -> str:
    """Hash of the names and contents of files: in their address, it lets browsers keep them forever."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(b"%b\0%d\0%b" % (name.encode(), len(content), content))
    return digest.hexdigest()[:16]


def build_page(folder: Path | None = None, joined: bool = True, language: str = LANGUAGES[0]) -> Page:
    """The page from the sources in `folder`, by default "static".

    Args:
        joined: whether modules and styles are joined into few files; otherwise the files are the sources.
        language: of the texts.

    Raises:
        UserError: the sources cannot be joined.
    """
    folder = folder or resource("static")
    sources = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    if joined:
        files = {name: path.read_bytes() for name, path in sources.items() if path.suffix not in SOURCES}
        files |= join_modules(folder, "main.js", language)
        files |= {name: join_styles(folder, name) for name in ("main.css", *LATER_STYLES)}
        files["boot.js"] = strip_comments((folder / "boot.js").read_bytes(), "boot.js")
    else:
        files = {name: in_language(language, name, path.read_bytes()) for name, path in sources.items()}
    return Page(files, template_environment(folder, language))


def join_styles(folder: Path, root: str) -> bytes:
    """The style sheets that the one at `root` imports, without comments and white space."""
    code = (folder / root).read_bytes()
    joined = b"\n".join((folder / path.decode()).read_bytes() for path in IMPORT.findall(code))
    styles: bytes = cssmin(DESCENDANT.sub(b" *", IMPORT.sub(b"", code) + joined))
    for form in (b"@import", b"url("):
        if form in styles:
            raise UserError(f"Style sheets with `{form.decode()}` cannot be joined.")
    return styles
