"""The page's files."""

import re
import shutil
from pathlib import Path

import pytest

from vqvae_explainer.errors import UserError
from vqvae_explainer.resources import resource
from vqvae_explainer.site.build import LATER_STYLES, build_page, hash_of, join_styles


@pytest.fixture
def static(tmp_path: Path) -> Path:
    return Path(shutil.copytree(resource("static"), tmp_path / "static"))


def test_files_are_joined() -> None:
    files = build_page().files
    assert "core/store.js" not in files
    assert "core/tokens.css" not in files
    assert "core/types.d.ts" not in files
    assert "drawing/examples.json" not in files
    sources = build_page(joined=False).files
    assert files["preview.jpg"] == sources["preview.jpg"]
    assert sum(map(len, files.values())) < sum(map(len, sources.values()))


def test_sources_are_served_as_they_are() -> None:
    folder = resource("static")
    paths = [path for path in folder.rglob("*") if path.is_file()]
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    assert build_page(joined=False).files == files


def test_hash_changes_with_any_file(static: Path) -> None:
    hashes = [hash_of(build_page().files), hash_of(build_page(static).files)]
    style = static / "shell" / "print.css"
    style.write_text(style.read_text() + ".a { color: red }")
    hashes.append(hash_of(build_page(static).files))
    (static / "favicon.ico").rename(static / "favicon.ico2")
    hashes.append(hash_of(build_page(static).files))
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


def test_a_change_of_a_module_changes_the_page(static: Path) -> None:
    module = static / "core" / "dom.js"
    module.write_text(module.read_text() + "\nconst added = 1;\n")
    assert b"const added = 1;" in build_page(static).files["main.js"]
    module.write_text("const = 1;\n")
    with pytest.raises(UserError, match=r"^core/dom\.js, line 1, .* is not JavaScript"):
        build_page(static)


def test_styles_are_joined_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text('/* one\n */\n.a::after {\n  content: "/* kept */";\n}\n')
    (tmp_path / "b.css").write_text(".b { color: red } /* two */\n")
    (tmp_path / "main.css").write_text('/* All. */\n\n@import "./b.css";\n@import "./a.css";\n')
    assert join_styles(tmp_path, "main.css") == b'.b{color:red}.a::after{content:"/* kept */"}'
    (tmp_path / "a.css").write_text(".a { .b :is(.c, .d), :not(.e) { color: red; } }")
    assert join_styles(tmp_path, "main.css").endswith(b".a{.b *:is(.c,.d),:not(.e){color:red}}")
    (tmp_path / "a.css").write_text(".a { background: url(a.png) }")
    with pytest.raises(UserError, match=r"`url\(` cannot be joined"):
        join_styles(tmp_path, "main.css")


def test_every_style_sheet_is_used() -> None:
    folder = resource("static")
    imported = re.findall(r'@import "\./([^"]+)"', (folder / "main.css").read_text())
    assert sorted([*imported, "main.css", *LATER_STYLES]) == sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*.css")
    )
