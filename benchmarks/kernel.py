"""`python -m benchmarks kernel`: time of a drawing in the page's own kernel, in a worker of headless Chromium.

SIMD and plain JavaScript alternate, so that noise affects both equally.
"""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.measuring import ROOT, Row, growing, percentile
from tests.browser.chromium import ARGUMENTS, find_chromium
from vqvae_explainer.model.presets import DEFAULT
from vqvae_explainer.model.prior_weights import load_prior, prior_path
from vqvae_explainer.resources import resource

ROUNDS = 300

WORKER = """
import { createSimd, PLAIN } from "ORIGIN/static/kernel/math.js";
import { createModel } from "ORIGIN/static/kernel/model.js";
import { layoutOf, levelsOf } from "ORIGIN/static/kernel/prior-layout.js";
import { createPrior } from "ORIGIN/static/kernel/prior.js";
import { parseSafetensors } from "ORIGIN/static/kernel/safetensors.js";
import { sample } from "ORIGIN/static/kernel/sampling.js";
import { score } from "ORIGIN/static/kernel/scoring.js";
onunhandledrejection = ({ reason }) => setTimeout(() => { throw reason; });  // for the page's onerror
onmessage = async ({ data: { name, rounds, drawings, usage } }) => {
  const simd = await createSimd();
  const file = await (await fetch(`ORIGIN/weights/${name}.safetensors`)).arrayBuffer();
  const pictures = drawings.map((drawing) => Uint8Array.from(drawing));
  const times = { first: [], simd: [], plain: [], gradients: [], sample: [], plainSample: [], score: [] };
  const time = (list, work) => {
    const start = performance.now();
    const result = work();
    list.push(performance.now() - start);
    return result;
  };
  const created = time(times.first, () => {
    const { metadata, tensors } = parseSafetensors(file);
    const config = JSON.parse(metadata.config);
    const model = createModel(config, tensors, simd);
    model.trace(pictures[0]);
    return { simd: model, plain: createModel(config, tensors, PLAIN) };
  });
  for (let n = -50; n < rounds; n++) {  // the first rounds are a warm-up
    if (n === 0) for (const form of ["simd", "plain", "gradients"]) times[form].length = 0;
    const pixels = pictures.at(n % pictures.length);
    time(times.simd, () => created.simd.trace(pixels));
    time(times.plain, () => created.plain.trace(pixels));
    time(times.gradients, () => created.simd.gradients(pixels));
  }
  if (usage) {
    const file = await (await fetch(`ORIGIN/weights/${name}.prior.safetensors`)).arrayBuffer();
    const { metadata, tensors } = parseSafetensors(file);
    const [prior, plain] = [simd, PLAIN].map((math) => createPrior(JSON.parse(metadata.config), tensors, math));
    const given = layoutOf(levelsOf(prior.config)).map(() => null);
    for (let seed = 0; seed < rounds / 4; seed++) {
      const settings = { digit: null, temperature: 1, top_k: null, seed, given };
      const { codes } = time(times.sample, () => sample(prior, settings));
      time(times.plainSample, () => sample(plain, settings));
      time(times.score, () => score(prior, usage, codes));
    }
  }
  postMessage(times);
};
"""

RUN = """([code, task]) => new Promise((resolve, reject) => {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  worker.onmessage = ({ data }) => { worker.terminate(); resolve(data); };
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.postMessage(task);
})"""


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving_files() -> Iterator[str]:
    """Serve the checkout's files; yields the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(ROOT))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def measure(quick: bool = False) -> Iterator[Row]:
    """Milliseconds of each kind of request: of the default model and its prior, of two levels, of the largest model."""
    drawings = [list(drawing) for drawing in growing(3)]
    with serving_files() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=[*ARGUMENTS])
        page = browser.new_page()
        page.goto(f"{url}/static/favicon.svg")
        for name in (DEFAULT, "hierarchy-20", "minimal-512"):
            path = resource("weights") / f"{name}.safetensors"
            yield Row(f"{name}: weights, compressed", f"{len(gzip.compress(path.read_bytes())) / 1000:.0f} KB")
            prior = prior_path(path)
            usage = load_prior(prior)[1].code_usage if prior.is_file() else None
            task = {"name": name, "rounds": ROUNDS // 10 if quick else ROUNDS, "drawings": drawings, "usage": usage}
            times: dict[str, list[float]] = page.evaluate(RUN, [WORKER.replace("ORIGIN", url), task])
            yield Row(f"{name}: from the file to the first trace", f"{times['first'][0]:.0f} ms")
            for form, what in (
                ("simd", "trace, SIMD"),
                ("plain", "trace, plain JavaScript"),
                ("gradients", "gradients, SIMD"),
                ("sample", "a sampled grid, SIMD"),
                ("plainSample", "a sampled grid, plain JavaScript"),
                ("score", "a scored grid, SIMD"),
            ):
                if not times[form]:
                    continue
                p10, p50 = (percentile(times[form], share) for share in (0.1, 0.5))
                yield Row(f"{name}: {what}", f"p10 {p10:6.2f}   p50 {p50:6.2f} ms")
        browser.close()
