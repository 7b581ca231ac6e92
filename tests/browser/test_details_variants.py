"""What if the quantizer were bypassed, or its rows mixed up? What is shown is what the server computes."""

import numpy as np
import pytest

from tests.browser.details import MATRICES, Details, post
from tests.browser.explainer import Explainer
from tests.conftest import Server

VARIANTS = ("bypass", "wrong-reshape")
BADGES = {
    "bypass": {"indices", "quantized", "reconstruction"},
    "wrong-reshape": {"features", "indices", "quantized", "reconstruction"},
}
CAME = """(variant) => {
  const { store } = explainer;
  const trace = store.get("trace");
  return trace.variant === variant && (variant === "normal" || store.get("reference")?.pixels === trace.pixels);
}"""


@pytest.fixture
def details(five: Explainer) -> Details:
    return Details(five).open()


def switch(details: Details, action: str, variant: str) -> None:
    """Press a switch, and wait until the page shows that variant."""
    details.explainer.action(action).click()
    details.explainer.until(CAME, variant).settled()


def badges(details: Details) -> set[str]:
    """The parts of the summary that are labelled as not the model's own."""
    labelled: list[str] = details.page.locator("[data-badge]:visible").evaluate_all(
        "(badges) => badges.map((badge) => badge.dataset.badge)"
    )
    return set(labelled)


@pytest.mark.parametrize("variant", VARIANTS)
def test_it_is_what_the_server_computes(details: Details, variant: str, shipped: Server) -> None:
    own = details.explainer.canvas("[data-stage=reconstruction] canvas.data")
    switch(details, variant, variant)
    told = post(shipped.url, "trace", pixels=details.pixels(), variant=variant)
    normal = post(shipped.url, "trace", pixels=details.pixels())
    shown = details.reconstruction()
    assert np.abs(shown - np.array(told["reconstruction"])).max() <= 1.01 / 255
    assert np.abs(shown - np.array(normal["reconstruction"])).max() > 0.02
    assert details.explainer.indices() == np.ravel(told["indices"]).tolist()
    for key in ("features", "distances"):
        assert np.abs(details.explainer.tensor(key) - np.array(told[key])).max() <= 1e-3 * np.ptp(told[key])

    section = details.page.locator(f".experiment[data-variant={variant}]")
    for side, trace in (("normal", normal), ("variant", told)):
        error = section.locator(f"[data-error={side}]").inner_text()
        assert float(error) == pytest.approx(trace["losses"]["reconstruction"], abs=1e-4)
        picture = details.explainer.picture(f"[data-variant={variant}] canvas.{side}")[:, :, 0] / 255
        assert np.abs(picture - np.array(trace["reconstruction"])).max() <= 1.01 / 255
    assert len(section.locator(".verdict").inner_text()) > 20
    assert badges(details) == BADGES[variant]

    switch(details, variant, "normal")
    assert badges(details) == set()
    assert section.locator(".comparison").is_hidden()
    np.testing.assert_array_equal(details.explainer.canvas("[data-stage=reconstruction] canvas.data"), own)


def test_the_wrong_reshape_is_that_very_mistake(details: Details) -> None:
    """Against NumPy: channels stay first, and the numbers are cut into rows all the same."""
    features = details.explainer.tensor("features").astype(np.float64)
    embeddings = details.embeddings()
    switch(details, "wrong-reshape", "wrong-reshape")
    rows = features.transpose(2, 0, 1).reshape(-1, features.shape[-1])
    np.testing.assert_allclose(details.features(), rows, atol=2 * np.ptp(rows) / 65535)
    distances = np.square(rows[:, None] - embeddings).sum(2)
    np.testing.assert_allclose(details.distances(), distances, atol=1e-3 * distances.max())
    assert details.explainer.indices() == distances.argmin(1).tolist()
    for stage in set(MATRICES) - {"indices"}:
        assert np.abs(details.shown(stage)[..., 0] - details.greys(stage)).max() <= 1, stage
    codes = details.page.locator("[data-variant=wrong-reshape] [data-quantization=variant]").inner_text()
    assert float(codes) == pytest.approx(distances.min(1).mean() / features.shape[-1], rel=1e-3, abs=1e-4)


def test_one_experiment_at_a_time(details: Details) -> None:
    def pressed() -> set[str]:
        actions = (*VARIANTS, "edit")
        return {name for name in actions if details.explainer.action(name).get_attribute("aria-pressed") == "true"}

    switch(details, "bypass", "bypass")
    assert pressed() == {"bypass"}
    switch(details, "wrong-reshape", "wrong-reshape")
    assert pressed() == {"wrong-reshape"}
    assert details.page.locator(".comparison:visible").count() == 1
    switch(details, "edit", "normal")
    assert pressed() == {"edit"}
    switch(details, "bypass", "bypass")
    assert pressed() == {"bypass"}


def test_it_follows_the_drawing(details: Details, shipped: Server) -> None:
    switch(details, "bypass", "bypass")
    details.explainer.stroke((4, 22), (24, 22))
    details.explainer.until(CAME, "bypass")
    told = post(shipped.url, "trace", pixels=details.pixels(), variant="bypass")
    assert np.abs(details.reconstruction() - np.array(told["reconstruction"])).max() <= 1.01 / 255
    normal = post(shipped.url, "trace", pixels=details.pixels())["losses"]["reconstruction"]
    shown = details.page.locator("[data-variant=bypass] [data-error=normal]").inner_text()
    assert float(shown) == pytest.approx(normal, abs=1e-4)


def test_closing_the_details_ends_it(details: Details) -> None:
    switch(details, "bypass", "bypass")
    details.page.keyboard.press("v")
    details.explainer.until(CAME, "normal")
    assert badges(details) == set()
