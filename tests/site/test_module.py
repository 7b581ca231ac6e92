"""What a module imports and exports, and its code without comments and indentation."""

import pytest

from vqvae_explainer.errors import UserError
from vqvae_explainer.site.module import read_module, strip_comments

# What looks like a comment, a string or an import, and is none.
TRICKY = """
const a = `  // ${ [1].map((x) => `  /* ${x}
    kept */ ` /* inside a template nothing changes */) }
  import { a } from "./a.js";
`; // gone
const b = 4 / 2 / 1, c = /[/*"`]/.test("/*"), d = "// kept";
    const e = /** @type {number} */ (b);
const f = () => {
  return /* a line break
  ends the statement */ 1;
};
"""
STRIPPED = """const a = `  // ${ [1].map((x) => `  /* ${x}
    kept */ ` /* inside a template nothing changes */) }
  import { a } from "./a.js";
`;
const b = 4 / 2 / 1, c = /[/*"`]/.test("/*"), d = "// kept";
const e =   (b);
const f = () => {
return
1;
};"""

MODULE = b"""
import { a, b as c } from "./a.js";
import * as ns from "../ns.js";
import "./effects.js";
import data from "./data.json" with { type: "json" };
export { c as d, ns };
export { e as f } from "./e.js";
export * as g from "./g.js";
export const h = 1, i = 2;
export async function* j() { for await (const x of y) yield await x; }
export class K {}
const parts = [import("./part.js"), () => import("../other.js")];
new Worker(new URL("./worker.js", import.meta.url));
fetch(new URL("./data.json", import.meta.url));
"""
DEFINITION = """const $one$m = (() => {
const { a, b: c } = $one$a;
const ns = $ns;
const data = $one$data_json;
const h = 1, i = 2;
async function* j() { for await (const x of y) yield await x; }
class K {}
const parts = [import("./one/part.js"), () => import("./other.js")];
new Worker(new URL("./one/worker.js", import.meta.url));
fetch(new URL("./one/data.json", import.meta.url));
return { d: c, ns, f: $one$e.e, g: $one$g, h, i, j, K };
})();"""

REFUSED = {
    "const a = 1;\n\nconst = 2;": (3, "is not JavaScript that the parser knows"),
    'import a from "./a.js";': (1, "imports a default export"),
    'import { default as a } from "./a.js";': (1, "names what is no identifier"),
    "export { a as default };": (1, "names what is no identifier"),
    'import { "a b" as c } from "./a.js";': (1, "names what is no identifier"),
    'import a from "./a.json";': (1, "imports what is neither JavaScript nor JSON"),
    'import a from "./a.css" with { type: "css" };': (1, "imports what is neither JavaScript nor JSON"),
    'import { a } from "lodash";': (1, "names a file outside the folder"),
    'import { a } from "../../a.js";': (1, "names a file outside the folder"),
    "\nexport default 1;": (2, "has a default export"),
    'export * from "./a.js";': (1, "exports everything of another module without a name"),
    "export let a = 1;": (1, "exports a variable that can change"),
    "export const { a } = b;": (1, "exports a pattern"),
    "const a = await b;": (1, "awaits outside a function"),
    "for await (const a of b) c();": (1, "awaits outside a function"),
    "import(name);": (1, "imports a module whose name is not a string"),
    "log(import.meta.url);": (1, "uses `import.meta`"),
    '\nconst a = `\n${import("./a.js")}`;': (3, "names a file inside a template of several lines"),
    'new Address("./a.js", import.meta.url);': (1, "uses `import.meta`"),
}


def test_only_comments_and_indentation_are_removed() -> None:
    assert strip_comments(TRICKY.encode(), "m.js").decode() == STRIPPED


def test_imports_and_exports_are_rewritten() -> None:
    module = read_module(MODULE, "one/m.js")
    assert module.imports == ("one/a.js", "ns.js", "one/effects.js", "one/data.json", "one/e.js", "one/g.js")
    assert module.parts == ("one/part.js", "other.js")
    assert module.workers == ("one/worker.js",)
    assert module.definition(lambda address: address.literal("main.js")).decode() == DEFINITION
    elsewhere = module.definition(lambda address: address.literal("one/part.js"))
    assert b'import("./part.js"), () => import("../other.js")' in elsewhere


def test_json_is_a_value() -> None:
    assert read_module(b'{\n  "a": [1, 2]\n}\n', "a.json").definition("main.js") == b'const $a_json = {"a":[1,2]};'
    with pytest.raises(UserError, match=r"^a\.json is not JSON"):
        read_module(b"{ a: 1 }", "a.json")


@pytest.mark.parametrize("code", REFUSED)
def test_what_cannot_be_joined_is_refused_by_name(code: str) -> None:
    line, reason = REFUSED[code]
    with pytest.raises(UserError, match=rf"^one/m\.js, line {line}, .*{reason}"):
        read_module(code.encode(), "one/m.js")
