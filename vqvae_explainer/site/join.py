"""The modules of a folder, joined into as few files as can be loaded one by one."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import UserError
from ..languages import LANGUAGES
from .module import Address, Module, Part, read_module, variable
from .texts import in_language


def join_modules(folder: Path, root: str, language: str = LANGUAGES[0]) -> dict[str, bytes]:
    """Join a module with all that it imports, directly or through others.

    Each module becomes an object of what it exports, made by a function, so that its other names stay its own. `root`
    holds all that it imports statically. Each module that is imported dynamically keeps its path, and holds what
    only it needs; what several of them need, and `root` does not, is a file of its own. So no module runs twice. A
    module that is named by `new URL("…", import.meta.url)` is a worker's and is joined by itself.

    Returns:
        The files by path.

    Raises:
        UserError: a module is missing, imports itself through others, or cannot be joined.
    """
    modules, needed = _read_all(folder, root, language)
    entries = list(needed)
    homes = {path: _home(path, needed, root) for paths in needed.values() for path in paths}
    files = {path: _file(path, modules, homes, entries) for path in {*homes.values(), *entries}}
    for worker in dict.fromkeys(worker for path in homes for worker in modules[path].workers):
        files |= join_modules(folder, worker, language)
    return files


def join_whole(folder: Path, root: str, language: str = LANGUAGES[0]) -> bytes:
    """Join a module with all that it imports, directly or through others, into one that imports nothing.

    Raises:
        UserError: a module is missing, imports itself through others, or cannot be joined.
    """
    modules, needed = _read_all(folder, root, language)

    def literal(address: Address) -> bytes:
        if isinstance(address, Part):
            return f"Promise.resolve({variable(address.path)})".encode()
        return address.literal(root)  # a worker's, which is started from a copy in the page

    # What is imported dynamically comes first: `root` may ask for it when it runs.
    paths = dict.fromkeys(path for entry in reversed(needed) for path in needed[entry])
    return b"".join(modules[path].definition(literal) + b"\n" for path in paths)


def _read_all(folder: Path, root: str, language: str) -> tuple[dict[str, Module], dict[str, list[str]]]:
    """The modules by path; and, for `root` and each module that is imported dynamically, the modules that it runs."""
    modules: dict[str, Module] = {}
    entries = [root]
    for entry in entries:
        for path in _imported(folder, modules, entry, language):
            entries += [part for part in modules[path].parts if part not in entries]
    return modules, {entry: list(_imported(folder, modules, entry, language)) for entry in entries}


def _imported(folder: Path, modules: dict[str, Module], entry: str, language: str) -> Iterator[str]:
    """The modules that run when `entry` is imported, in the order in which they do. Reads those not in `modules`."""
    done: set[str] = set()

    def visit(path: str, above: tuple[str, ...]) -> Iterator[str]:
        if path in above:
            circle = " → ".join((*above[above.index(path) :], path))
            raise UserError(f"Modules that import each other cannot be joined: {circle}.")
        if path in done:
            return
        if path not in modules:
            modules[path] = read_module(in_language(language, path, _read(folder, path, above)), path)
        for imported in modules[path].imports:
            yield from visit(imported, (*above, path))
        done.add(path)
        yield path

    return visit(entry, ())


def _read(folder: Path, path: str, above: tuple[str, ...]) -> bytes:
    try:
        return (folder / path).read_bytes()
    except FileNotFoundError as error:
        importer = f", which {above[-1]} imports" if above else ""
        raise UserError(f"There is no module {path}{importer}.") from error


def _home(path: str, needed: dict[str, list[str]], root: str) -> str:
    """The file that holds a module."""
    users = [entry for entry, paths in needed.items() if path in paths]
    if root in users:
        return root
    return users[0] if len(users) == 1 else path


def _file(file: str, modules: dict[str, Module], homes: dict[str, str], entries: Iterable[str]) -> bytes:
    held = [path for path in homes if homes[path] == file]
    wanted = dict.fromkeys(imported for path in held for imported in modules[path].imports)
    if file in entries:
        wanted[file] = None
    lines = []
    for other in dict.fromkeys(homes[path] for path in wanted):
        if other != file:
            names = ", ".join(variable(path) for path in wanted if homes[path] == other)
            lines.append(b"import { %b } from %b;" % (names.encode(), Address(other).literal(file)))
    for path in held:
        lines += [f"// {path}".encode(), modules[path].definition(lambda address: address.literal(file))]
    outside = {imported for path in homes if homes[path] != file for imported in modules[path].imports}
    outside |= {entry for entry in entries if homes[entry] == file != entry}
    if names := ", ".join(variable(path) for path in held if path in outside):
        lines.append(f"export {{ {names} }};".encode())
    if file in entries and modules[file].exports:
        lines.append(f"export const {{ {', '.join(modules[file].exports)} }} = {variable(file)};".encode())
    return b"\n".join(lines) + b"\n"
