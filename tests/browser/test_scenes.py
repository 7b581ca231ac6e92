"""Addresses and links that open a view (`#show=…`): each shows what it is for."""

import json
import math
from base64 import b64decode
from collections.abc import Callable

import numpy as np
import pytest

from tests.browser.explainer import Explainer
from tests.browser.test_sharing import follow, load
from vqvae_explainer.resources import resource

IN_SIGHT = """(selector) => {
  const target = document.querySelector(selector);
  if (!target?.checkVisibility()) return false;
  const { top } = target.getBoundingClientRect();
  return top >= -1 && top < 0.7 * innerHeight;
}"""
RECONSTRUCTION = ".part-reconstruction"
PAINTED_SINCE = """([selector, paints]) => {
  const now = document.querySelector(selector).dataset.paints;
  return now !== "0" && now !== paints;
}"""
NUMBER = "(element) => Number(element.textContent.replace('−', '-'))"


def number(explainer: Explainer, selector: str) -> float:
    value: float = explainer.page.locator(selector).first.evaluate(NUMBER)
    return value


def norm(explainer: Explainer, selector: str) -> float:
    return float(explainer.page.locator(selector).get_attribute("data-norm") or "nan")


def shows_straight_through(explainer: Explainer) -> None:
    """Both sides of the line have the same gradient; without the line the encoder gets none."""
    explainer.until("() => document.querySelector('[data-gradient=features]').dataset.norm > 0")
    before = norm(explainer, "[data-gradient=quantized]")
    assert norm(explainer, "[data-gradient=features]") == pytest.approx(before, rel=1e-3)
    explainer.action("straight-through").click()
    explainer.until("() => document.querySelector('[data-gradient=features]').dataset.norm === '0'")
    assert norm(explainer, "[data-gradient=quantized]") > 0


def shows_stop_gradient(explainer: Explainer) -> None:
    """Each term reaches one end only."""
    explainer.until("() => document.querySelector('[data-flow-loss=codebook]').dataset.norm !== undefined")
    reached = {
        (loss, end): norm(explainer, f"[data-flow-loss={loss}][data-flow-to={end}]") > 0
        for loss in ("reconstruction", "codebook", "commitment")
        for end in ("encoder", "codebook")
    }
    assert reached == {
        ("reconstruction", "encoder"): True,
        ("reconstruction", "codebook"): False,
        ("codebook", "encoder"): False,
        ("codebook", "codebook"): True,
        ("commitment", "encoder"): True,
        ("commitment", "codebook"): False,
    }


def shows_collapse(explainer: Explainer) -> None:
    """Two runs side by side, one of which ends with codes that are not used."""
    explainer.until("() => explainer.store.get('runs').every((name) => explainer.store.get('playbacks')[name])")
    used = explainer.evaluate("""() => explainer.store.get("runs").map((name) => {
      const { codes_used: used, usage } = explainer.store.get("playbacks")[name].snapshots.at(-1);
      return used / usage.length;
    })""")
    assert len(used) == 2
    assert used[0] == 1
    assert used[1] < 0.5


def shows_perplexity(explainer: Explainer) -> None:
    explainer.until("() => document.querySelector('[data-health=perplexity]').textContent !== '–'")
    shares = [share for share in explainer.model("metrics")["code_usage"] if share]
    entropy = -sum(share * math.log(share) for share in shares)
    assert number(explainer, "[data-health=perplexity]") == pytest.approx(math.exp(entropy), abs=0.05)


def shows_generation(explainer: Explainer) -> None:
    """Codes at random and codes of the prior, decoded."""
    for kind in ("uniform", "prior"):
        pictures = f"[data-strip={kind}] :is(canvas, img)"
        explainer.until("(pictures) => document.querySelectorAll(pictures).length >= 5", pictures)


def shows_distance(explainer: Explainer) -> None:
    """‖f‖² + ‖e‖² − 2 f·e is the sum of squared differences."""
    explainer.until("() => document.querySelector('[data-value=streamed]').textContent")
    f2, e2, fe = (number(explainer, f"[data-value={value}]") for value in ("f2", "e2", "fe"))
    assert f2 + e2 - 2 * fe == pytest.approx(number(explainer, "[data-value=expansion]"), abs=1e-3)
    direct, streamed = (number(explainer, f"[data-value={value}]") for value in ("direct", "streamed"))
    assert direct == pytest.approx(streamed, abs=2e-3)


def shows_reshape(explainer: Explainer) -> None:
    """Mixed-up rows lie farther from the codes and decode worse."""
    scene = "[data-variant=wrong-reshape]"
    explainer.until("(shown) => document.querySelector(shown).textContent !== '–'", f"{scene} [data-error=variant]")
    for value in ("error", "quantization"):
        normal, variant = (number(explainer, f"{scene} [data-{value}={side}]") for side in ("normal", "variant"))
        assert variant > 2 * normal


def shows_why_discrete(explainer: Explainer) -> None:
    """The drawing as a text of codes."""
    chips = explainer.page.locator("[data-live=discrete] .chip").all_inner_texts()
    assert list(map(int, chips)) == explainer.indices()
    assert "49 indices × log₂ 20 = 212 bits" in explainer.page.locator("[data-live=discrete] figcaption").inner_text()


def shows_commitment(explainer: Explainer) -> None:
    """β says how far the code goes."""
    for beta, walked in (("0", 100), ("0.25", 80), ("1", 50)):
        explainer.page.locator("input[name=beta]").fill(beta)
        assert f"{walked}% of the way" in explainer.page.locator("[data-live=commitment] figcaption").inner_text()


def shows_ema(explainer: Explainer) -> None:
    """After n batches 1 − γⁿ of the way is done."""
    explainer.page.locator("input[name=gamma]").fill("0.9")
    for _ in range(3):
        explainer.page.locator("[data-ema=step]").click()
    assert "After 3 batches" in explainer.page.locator("[data-live=ema] figcaption").inner_text()
    assert "27% of the way" in explainer.page.locator("[data-live=ema] figcaption").inner_text()


def shows_batch(explainer: Explainer) -> None:
    """The more pictures, the higher the perplexity."""
    explainer.page.locator("[data-batch=count]").click()
    explainer.until("() => document.querySelector('[data-live=batch] table:not([hidden])')")
    rows = explainer.page.locator("[data-live=batch] tbody tr").all_inner_texts()
    pictures, used, perplexity = zip(*(map(float, row.split()) for row in rows), strict=True)
    assert pictures == (1, 4, 16, 128)
    assert used[0] < used[1] < used[3]
    assert sorted(set(perplexity)) == list(perplexity)


def shows_code(explainer: Explainer) -> None:
    """Where test digits have a code: the counts that the model's card holds."""
    explainer.until("() => document.querySelector('.inspector .code-places canvas').dataset.paints > 0")
    code = explainer.get("selection")["code"]
    size, (height, width) = explainer.model("num_embeddings"), explainer.model("stages")["indices"]
    card = json.loads((resource("weights") / f"{explainer.get('shownModel')}.json").read_bytes())
    counts = np.frombuffer(b64decode(card["figures"]["code_usage_by_cell"]), "<u2").reshape(size, height, width)
    assert (counts.sum(axis=0) == 10_000).all()
    i, j = divmod(int(counts[code].argmax()), width)
    said = explainer.page.locator(".inspector .code-places p").first.inner_text()
    assert f"cell ({i}, {j}), in {counts[code].max():,} of 10,000" in said
    shown = explainer.picture(".inspector .code-places canvas", height).sum(axis=2)
    assert divmod(int(shown.argmax()), width) == (i, j)
    assert (np.argsort(shown, axis=None)[-3:] == np.argsort(counts[code], axis=None)[-3:]).all()


def shows_morph(explainer: Explainer) -> None:
    """Without cells of the other drawing it is this one's reconstruction, with all of them it is the other."""
    mixture, second = (f".morph figure:nth-child({n}) canvas" for n in (4, 3))
    reconstruction = explainer.picture(f"{RECONSTRUCTION} canvas.data").astype(int)
    for cells, share in (("0", 0), ("49", 1)):
        painted = explainer.page.locator(mixture).get_attribute("data-paints")
        explainer.page.locator(".morph input").fill(cells)
        explainer.until(PAINTED_SINCE, [mixture, painted])
        explainer.until("() => explainer.stream.isIdle()")
        assert (np.abs(explainer.picture(mixture) - reconstruction).max() > 100) == share
    assert (explainer.canvas(".morph figure:nth-child(2) canvas") == explainer.canvas(second)).all()


SCENES: dict[str, tuple[str, Callable[[Explainer], None]]] = {
    "stop-gradient": (".flows", shows_stop_gradient),
    "straight-through": (".heatmaps", shows_straight_through),
    "distance": (".arithmetic", shows_distance),
    "reshape": (".experiment[data-variant=wrong-reshape]", shows_reshape),
    "perplexity": ("#section-health", shows_perplexity),
    "collapse": ("#section-playback", shows_collapse),
    "generation": (".strips", shows_generation),
    "code": (".part-embeddings[data-level='']", shows_code),
    "morph": (".morph", shows_morph),
    "why-discrete": ("[data-live=discrete]", shows_why_discrete),
    "commitment": ("[data-live=commitment]", shows_commitment),
    "ema": ("[data-live=ema]", shows_ema),
    "batch": ("[data-live=batch]", shows_batch),
}


def test_every_view_that_an_address_names_shows_its_point(five: Explainer) -> None:
    for name, (selector, shows) in SCENES.items():
        follow(five, f"show={name}")
        five.until(IN_SIGHT, selector)
        assert five.evaluate("() => document.activeElement.matches('body, button')") is False, name
        shows(five)


def test_every_view_is_in_the_page(explainer: Explainer) -> None:
    explainer.set("article", True).until("() => document.querySelector('.article-body')")
    selectors = explainer.evaluate("""async () => {
      const { SCENES } = await import(new URL("shell/open-scene.js", document.querySelector("[src$='main.js']").src));
      return Object.values(SCENES).map(({ at }) => [at, document.querySelectorAll(at).length]);
    }""")
    assert [selector for selector, count in selectors if count != 1] == []


def test_an_address_opens_a_view_for_a_visitor_with_an_empty_pad(explainer: Explainer) -> None:
    load(explainer, "show=losses").until(IN_SIGHT, ".losses")
    assert explainer.ink("pixels").any()


def test_a_view_that_does_not_exist_is_named_in_a_notice(explainer: Explainer) -> None:
    follow(explainer, "show=nothing")
    assert "(show)" in explainer.notice()
    assert explainer.get("scene") == ""
