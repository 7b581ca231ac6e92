"""Joined modules do what the modules do."""

import subprocess
import sys
from pathlib import Path

import pytest

from vqvae_explainer.errors import UserError
from vqvae_explainer.resources import resource
from vqvae_explainer.site.join import join_modules, join_whole

DENO = Path(sys.executable).parent / "deno"

# Two parts share a module that the root lacks, and one of them a module with the root; names repeat in every module.
TREE = {
    "main.js": """
        import { say } from "./core/say.js";
        import greeting from "./core/greeting.json" with { type: "json" };
        import * as counter from "./core/counter.js";
        export { total } from "./core/counter.js";
        const name = "main";
        say(greeting.text, name, `${counter.next()}  ${`nested // ${name}`}
            kept`);
        const [one, two] = await_(import("./parts/one.js"), import("./parts/two.js"));
        function await_(...parts) { return [Promise.all(parts), import("./core/say.js")]; }
        one.then(async (parts) => {
          for (const { run, name } of parts) say(name, run());
          say(Object.keys(await two).join(), counter.total.count);
          const text = await Deno.readTextFile(new URL("./parts/data.txt", import.meta.url));
          const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
          worker.onmessage = ({ data }) => { say(text, data); worker.terminate(); };
        });
    """,
    "core/greeting.json": '{ "text": "hello" }',
    "core/say.js": "export const say = (...words) => console.log(...words);\nsay('core/say.js');\n",
    "core/counter.js": """
        import { say } from "./say.js";
        say("core/counter.js");
        export const total = { count: 0 };
        const name = "counter";
        export function next() { return `${name} ${++total.count}`; }
    """,
    "parts/shared.js": """
        import { say } from "../core/say.js";
        import { next as count } from "../core/counter.js";
        const name = "shared";
        say(name);
        export { count as default_, name as shared };
    """,
    "parts/one.js": """
        import { default_ as next } from "./shared.js";
        export const name = "one";
        export const run = () => next();
    """,
    "parts/two.js": """
        import * as shared from "./shared.js";
        import { helper } from "./helper.js";
        export const name = helper(shared.shared);
        export const run = () => shared.default_();
    """,
    "parts/helper.js": "export function helper(name) { return `two and ${name}`; }\n",
    "parts/data.txt": "data",
    "worker.js": """
        import { next } from "./core/counter.js";
        postMessage(`worker ${next()}`);
    """,
}


def write(folder: Path, files: dict[str, str] | dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def run(folder: Path) -> str:
    command = [DENO, "run", "--no-check", "--no-remote", "--no-config", "--allow-read", folder / "main.js"]
    done = subprocess.run(command, env={"NO_COLOR": "1"}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_joined_modules_do_the_same(tmp_path: Path) -> None:
    sources = write(tmp_path / "sources", TREE)
    files = join_modules(sources, "main.js")
    assert set(files) == {"main.js", "core/say.js", "parts/one.js", "parts/two.js", "parts/shared.js", "worker.js"}
    joined = write(tmp_path / "joined", {**files, "parts/data.txt": b"data"})
    said = run(sources)
    assert "two and shared counter 3" in said
    assert said.endswith("data worker counter 1\n")
    assert run(joined) == said


def test_no_module_is_in_two_files() -> None:
    files = join_modules(resource("static"), "main.js")
    held = [line for path, code in files.items() for line in code.split(b"\n") if line.startswith(b"const $")]
    # The worker shares nothing with the page; it loads the answers of priors when they are first asked for.
    workers = [path for path in files if path.endswith(("worker.js", "prior-answers.js"))]
    own = [line for path in workers for line in files[path].split(b"\n") if line.startswith(b"const $")]
    assert len(held) > 80
    assert sorted(held) == sorted(
        [*{line for line in held if line not in own}, *(line for line in held if line in own)]
    )
    assert files["main.js"].startswith(b"// core/")  # it imports nothing


def test_one_module_imports_nothing(tmp_path: Path) -> None:
    files = {
        "main.js": """
            import { shared } from "./shared.js";
            const part = import("./parts/part.js");
            part.then(({ run }) => console.log("part", run(), shared.runs));
            console.log("main", shared.runs);
        """,
        "shared.js": "export const shared = { runs: 0 };\nshared.runs++;\n",
        "parts/part.js": """
            import { shared } from "../shared.js";
            import { word } from "./word.js";
            export const run = () => `${word} ${shared.runs}`;
        """,
        "parts/word.js": "export const word = 'hello';\n",
    }
    sources = write(tmp_path / "sources", files)
    whole = write(tmp_path / "whole", {"main.js": join_whole(sources, "main.js")})
    assert run(whole) == run(sources) == "main 1\npart hello 1 1\n"
    assert b"import" not in join_whole(sources, "main.js")


def test_modules_that_import_each_other_are_refused(tmp_path: Path) -> None:
    write(tmp_path, {"main.js": 'import "./a.js";', "a.js": 'import "./b.js";', "b.js": 'import "./a.js";'})
    with pytest.raises(UserError, match=r"import each other cannot be joined: a\.js → b\.js → a\.js\."):
        join_modules(tmp_path, "main.js")


def test_a_missing_module_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"main.js": 'import "./a.js";', "a.js": 'import "./gone.js";'})
    with pytest.raises(UserError, match=r"There is no module gone\.js, which a\.js imports\."):
        join_modules(tmp_path, "main.js")
