"""`python -m tests.web.assemble`: make static/kernel/multiply.js from multiply.wat."""

from base64 import b64encode
from pathlib import Path

from wasmtime import wat2wasm

KERNEL = Path(__file__).parents[2] / "static" / "kernel"
SOURCE, MODULE = KERNEL / "multiply.wat", KERNEL / "multiply.js"


def assemble(source: str) -> str:
    """A JavaScript module with the binary form of WebAssembly text."""
    # In a module the binary needs no request, and so works from file:// too.
    return (
        "// @ts-check\n\n"
        "/** multiply.wat in its binary form; made by `python -m tests.web.assemble`. */\n"
        f'export const WASM = "{b64encode(wat2wasm(source)).decode()}";\n'
    )


if __name__ == "__main__":
    MODULE.write_text(assemble(SOURCE.read_text()))
