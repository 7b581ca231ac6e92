"""One ES module: what it imports and exports, and its code without comments and indentation.

Parsed by Tree-sitter, whose grammar knows what a regular expression over JavaScript does not: template literals in
template literals, comments in strings, `/` as division.
"""

import json
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NoReturn

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser, Query, QueryCursor

from ..errors import UserError

JAVASCRIPT = Language(tree_sitter_javascript.language())
PARSER = Parser(JAVASCRIPT)
QUERY = Query(
    JAVASCRIPT,
    """
    (comment) @comment
    (template_string) @verbatim
    (string) @verbatim
    (meta_property) @meta
    (await_expression) @await
    (for_in_statement "await" @await)
    (call_expression function: (import)) @dynamic
    (new_expression constructor: (identifier) @constructor arguments: (arguments
      . (string) @relative . (member_expression object: (meta_property)) .)) @url
    """,
)
FUNCTIONS = {
    "arrow_function",
    "function_declaration",
    "function_expression",
    "generator_function",
    "generator_function_declaration",
    "method_definition",
}
LINE_BREAK = re.compile(rb"\s*\n\s*")


@dataclass(frozen=True)
class Address:
    """A string literal in the code that names another file, relative to the file that the code is in."""

    path: str

    def literal(self, file: str) -> bytes:
        relative = posixpath.relpath(self.path, posixpath.dirname(file) or ".")
        return json.dumps(relative if relative.startswith(".") else f"./{relative}").encode()


@dataclass(frozen=True)
class Part(Address):
    """A dynamic import."""

    def literal(self, file: str) -> bytes:
        return b"import(%b)" % super().literal(file)


@dataclass(frozen=True)
class Module:
    path: str
    pieces: tuple[bytes | Address, ...]
    imports: tuple[str, ...]  # paths of the modules that it imports statically, in order
    exports: dict[str, str]  # expression by exported name
    parts: tuple[str, ...]  # paths of the modules that it imports dynamically
    workers: tuple[str, ...]  # paths of the modules that it names by `new URL("…", import.meta.url)`

    def definition(self, literal: Callable[[Address], bytes]) -> bytes:
        """`const <variable> = …`, an object of what the module exports; `literal` gives the code for an address."""
        code = b"".join(piece if isinstance(piece, bytes) else literal(piece) for piece in self.pieces)
        if self.path.endswith(".json"):
            return b"const %b = %b;" % (variable(self.path).encode(), code)
        exports = ", ".join(
            name if name == expression else f"{name}: {expression}" for name, expression in self.exports.items()
        )
        return b"const %s = (() => {\n%b\nreturn { %b };\n})();" % (
            variable(self.path).encode(),
            code.strip(),
            exports.encode(),
        )


def variable(path: str) -> str:
    """The variable that holds what the module at `path` exports."""
    return "$" + re.sub(r"[^\w$]", "_", path.removesuffix(".js").replace("/", "$"))


def strip_comments(code: bytes, path: str) -> bytes:
    """A script's code without comments and indentation."""
    reader = _Reader(code, path)
    return b"".join(piece for piece in reader.pieces([]) if isinstance(piece, bytes)).strip()


def read_module(code: bytes, path: str) -> Module:
    """Parse a module; JSON is one that consists of a value.

    Raises:
        UserError: it is neither JavaScript nor JSON, or has a form of import or export that cannot be joined.
    """
    if path.endswith(".json"):
        try:
            value = json.dumps(json.loads(code), separators=(",", ":"))
        except ValueError as error:
            raise UserError(f"{path} is not JSON: {error}.") from error
        return Module(path, (value.encode(),), (), {}, (), ())
    return _Reader(code, path).module()


class _Reader:
    def __init__(self, code: bytes, path: str) -> None:
        self._code = code
        self._path = path
        self._root = PARSER.parse(code).root_node
        if self._root.has_error:
            self._refuse(next(_errors(self._root)), "is not JavaScript that the parser knows")
        self._found = QueryCursor(QUERY).captures(self._root)
        self._imports: dict[str, None] = {}
        self._exports: dict[str, str] = {}

    def module(self) -> Module:
        for node in self._found.get("await", []):
            if not any(parent.type in FUNCTIONS for parent in _parents(node)):
                self._refuse(node, "awaits outside a function")
        parts = [self._dynamic(node) for node in self._found.get("dynamic", [])]
        addresses = self._addresses()
        edits: list[tuple[Node, bytes | Address]] = [
            *((node, Part(path)) for node, path in parts),
            *((node, Address(path)) for node, path in addresses),
        ]
        for statement in self._root.named_children:
            if statement.type == "import_statement":
                edits.append((statement, self._import(statement)))
            elif statement.type == "export_statement":
                edits += self._export(statement)
        return Module(
            path=self._path,
            pieces=tuple(self.pieces(edits)),
            imports=tuple(self._imports),
            exports=self._exports,
            parts=tuple(path for _, path in parts),
            workers=tuple(path for _, path in addresses if path.endswith(".js")),
        )

    def pieces(self, edits: list[tuple[Node, bytes | Address]]) -> Iterator[bytes | Address]:
        """The code with these nodes replaced, without comments, and without white space around line breaks."""
        kept = [(node, _text(node)) for node in self._found.get("verbatim", []) if b"\n" in _text(node)]
        # A comment with a line break ends a statement where a line break does.
        comments = [(node, b"\n" if b"\n" in _text(node) else b" ") for node in self._found.get("comment", [])]
        changes = sorted([*edits, *kept, *comments], key=lambda change: (change[0].start_byte, -change[0].end_byte))
        done, code = 0, b""
        for node, new in changes:
            if node.start_byte < done:  # it lies in a node that has been replaced
                if isinstance(new, Address):
                    self._refuse(node, "names a file inside a template of several lines")
                continue
            code += self._code[done : node.start_byte]
            done = node.end_byte
            if isinstance(new, bytes) and node.type not in ("string", "template_string"):
                code += new
            else:
                yield LINE_BREAK.sub(b"\n", code)
                yield new
                code = b""
        yield LINE_BREAK.sub(b"\n", code + self._code[done:])

    def _import(self, statement: Node) -> bytes:
        """The statement as a `const` of what is imported."""
        source = self._source(statement)
        [*clauses] = (node for node in statement.named_children if node.type == "import_clause")
        if not clauses:
            return b""
        [clause] = clauses
        bound: list[bytes] = []
        for node in clause.named_children:
            if node.type == "namespace_import":
                bound.append(_text(node.named_children[0]))
            elif node.type == "named_imports":
                specifiers = (self._names(one) for one in node.named_children if one.type == "import_specifier")
                names = (name if name == alias else f"{name}: {alias}" for name, alias in specifiers)
                bound.append(f"{{ {', '.join(names)} }}".encode())
            elif node.type == "identifier" and source.endswith(".json"):
                bound.append(_text(node))
            elif node.type != "comment":
                self._refuse(node, "imports a default export")
        return b"const %b = %b;" % (bound[0], variable(source).encode())

    def _export(self, statement: Node) -> list[tuple[Node, bytes | Address]]:
        """Note what the statement exports. Returns what to replace in it."""
        declaration = statement.child_by_field_name("declaration")
        if statement.child_by_field_name("value") or any(child.type == "default" for child in statement.children):
            self._refuse(statement, "has a default export")
        if declaration:
            for name in self._declared(declaration):
                self._exports[name] = name
            return [(statement.children[0], b"")]
        source = variable(self._source(statement)) if statement.child_by_field_name("source") else ""
        [*clauses] = (node for node in statement.named_children if node.type in ("export_clause", "namespace_export"))
        if not clauses:
            self._refuse(statement, "exports everything of another module without a name")
        if clauses[0].type == "namespace_export":
            self._exports[_text(clauses[0].named_children[0]).decode()] = source
        else:
            for specifier in clauses[0].named_children:
                if specifier.type == "export_specifier":
                    name, alias = self._names(specifier)
                    self._exports[alias] = f"{source}.{name}" if source else name
        return [(statement, b"")]

    def _declared(self, declaration: Node) -> Iterator[str]:
        if declaration.type in ("lexical_declaration", "variable_declaration"):
            if declaration.children[0].type != "const":
                self._refuse(declaration, "exports a variable that can change")
            names = [node.child_by_field_name("name") for node in declaration.named_children if node.type != "comment"]
        else:
            names = [declaration.child_by_field_name("name")]
        for name in names:
            if name is None or name.type != "identifier":
                self._refuse(declaration, "exports a pattern")
            yield _text(name).decode()

    def _names(self, specifier: Node) -> tuple[str, str]:
        """The name in the module that has it, and the name in the module that gets it."""
        names = [node for node in specifier.children if node.type not in ("as", "comment")]
        for node in names:
            if node.type != "identifier":
                self._refuse(node, "names what is no identifier")
        return _text(names[0]).decode(), _text(names[-1]).decode()

    def _source(self, statement: Node) -> str:
        source = statement.child_by_field_name("source")
        assert source is not None
        path = self._resolve(source)
        attributes = [_text(child) for child in statement.named_children if child.type == "import_attribute"]
        if attributes != ([b'with { type: "json" }'] if path.endswith(".json") else []):
            self._refuse(statement, "imports what is neither JavaScript nor JSON")
        self._imports[path] = None
        return path

    def _dynamic(self, call: Node) -> tuple[Node, str]:
        arguments = call.child_by_field_name("arguments")
        assert arguments is not None
        literals = [node for node in arguments.named_children if node.type != "comment"]
        if len(literals) != 1 or literals[0].type != "string":
            self._refuse(call, "imports a module whose name is not a string")
        return call, self._resolve(literals[0])

    def _addresses(self) -> list[tuple[Node, str]]:
        relative = self._found.get("relative", [])
        for node in self._found.get("constructor", []):
            if _text(node) != b"URL":
                self._refuse(node, 'uses `import.meta` other than in `new URL("…", import.meta.url)`')
        known = [(url.start_byte, url.end_byte) for url in self._found.get("url", [])]
        for node in self._found.get("meta", []):
            inside = any(start <= node.start_byte < end for start, end in known)
            if _text(node) == b"import.meta" and not inside:
                self._refuse(node, 'uses `import.meta` other than in `new URL("…", import.meta.url)`')
        return [(node, self._resolve(node)) for node in relative]

    def _resolve(self, literal: Node) -> str:
        """The path in the folder that a string literal names."""
        address = _text(literal)[1:-1].decode()
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self._path), address))
        if not address.startswith(("./", "../")) or path.startswith("..") or "\\" in address:
            self._refuse(literal, "names a file outside the folder")
        return path

    def _refuse(self, node: Node, what: str) -> NoReturn:
        line = node.start_point.row + 1
        excerpt = _text(node).decode(errors="replace").split("\n")[0][:80]
        raise UserError(f"{self._path}, line {line}, cannot be joined with other modules: `{excerpt}` {what}.")


def _text(node: Node) -> bytes:
    assert node.text is not None
    return node.text


def _parents(node: Node) -> Iterator[Node]:
    parent = node.parent
    while parent:
        yield parent
        parent = parent.parent


def _errors(node: Node) -> Iterator[Node]:
    """The nodes that do not fit the grammar."""
    if node.is_error or node.is_missing:
        yield node
    for child in node.children:
        if child.has_error or child.is_missing:
            yield from _errors(child)
