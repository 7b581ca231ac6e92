"""Listings contain the source of the running model, with links from that source."""

import inspect
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from vqvae_explainer.explain.detail import Line, Listing, WhatIf
from vqvae_explainer.explain.gradients import gradients
from vqvae_explainer.explain.listing import LOSSES, STAGES
from vqvae_explainer.explain.live import LiveModel
from vqvae_explainer.explain.trace import to_input, trace
from vqvae_explainer.explain.variants import Variant
from vqvae_explainer.model import quantizer
from vqvae_explainer.model.quantizer import VectorQuantizer

PACKAGE = Path(quantizer.__file__).parent.parent


# Starts, asks for one model, edits the quantizer, asks for the other model.
EDITED = """
import json, sys
from pathlib import Path
from vqvae_explainer.explain.loading import load_models
from vqvae_explainer.explain.trace import trace
models = load_models(Path(sys.argv[1]))
first = models["tiny"].detail["listings"][0]
losses = trace(models["tiny"].backend, [bytes(range(196)) * 4])[0].losses
source = Path(sys.argv[2])
source.write_text(source.read_text().replace("3 * codebook_loss", "4 * codebook_loss"))
print(json.dumps([first, losses, models["other"].detail["listings"][0]]))
"""


def text(line: Line) -> str:
    return "".join(part for _, part in line.tokens)


def listing(explained: LiveModel, id: str) -> Listing:
    return next(listing for listing in explained.listings[""] if listing.id == id)


def lines_with(listing: Listing, stage: str) -> list[str]:
    return [text(line).strip() for line in listing.lines if stage in line.stages]


@pytest.mark.parametrize("stage", [*STAGES, *LOSSES])
def test_every_stage_and_loss_has_a_line(tiny: LiveModel, stage: str) -> None:
    assert any(lines_with(listing, stage) for listing in tiny.listings[""])


def test_lines_are_those_of_the_file(tiny: LiveModel) -> None:
    for shown in tiny.listings[""]:
        source = (PACKAGE.parent / shown.file).read_text(encoding="utf-8").splitlines()
        for line in shown.lines:
            assert text(line).strip() == source[line.number - 1].strip()


def test_the_quantizer_is_shown_whole_but_for_its_docstring(tiny: LiveModel) -> None:
    shown = "\n".join(text(line) for line in listing(tiny, "quantizer").lines)
    code, docstring = inspect.getsource(VectorQuantizer.forward), VectorQuantizer.forward.__doc__
    assert docstring is not None
    expected = inspect.cleandoc("\n" + code.replace(f'        """{docstring}"""\n', ""))
    assert shown.startswith(expected)
    assert "def straight_through" in shown  # the helper that it calls
    assert docstring.strip().splitlines()[0] not in shown


def test_lines_of_the_quantizers_stages(tiny: LiveModel) -> None:
    shown = listing(tiny, "quantizer")
    assert lines_with(shown, "feature_vectors") == [
        "feature_vectors = features.reshape(-1, features.shape[-1])  # (N, D)"
    ]
    assert len(lines_with(shown, "distances")) == 5  # a statement over several lines is linked as a whole
    assert lines_with(shown, "codebook_loss")[0].startswith("codebook_loss = (quantized - features.detach())")


def test_shapes_are_those_of_the_traced_tensors(tiny: LiveModel) -> None:
    """The shape is on the last line of the statement and is that of the stage."""
    shapes = {s: line.shape for line in listing(tiny, "quantizer").lines for s in line.stages if line.shape is not None}
    for stage in STAGES[1:-1]:  # the input and the reconstruction are made elsewhere
        assert shapes[stage] == tiny.stages[stage]
    assert shapes["codebook_loss"] == shapes["commitment_loss"] == []
    encoder = {text(line).strip(): line.shape for line in listing(tiny, "encoder").lines}
    assert [8, 7, 7] in encoder.values()  # the tiny model's hidden channels


def test_highlighting_tells_keywords_and_comments(tiny: LiveModel) -> None:
    kinds = {kind for line in listing(tiny, "quantizer").lines for kind, _ in line.tokens}
    assert {"k", "c1", "n", "o"} <= kinds


def test_a_changed_module_changes_the_listing_and_the_numbers(weights_dir: Path, tmp_path: Path) -> None:
    """In a copy of the package, lines move and two are rewritten; listings and losses change with them.

    The listings are those of the code that runs, for all models: an edit after the start changes none.
    """
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / PACKAGE.name / "model" / "quantizer.py"
    source = path.read_text(encoding="utf-8")
    old = "quantized_vectors = embeddings[indices.flatten()]"
    new = "chosen = indices.flatten()\n        quantized_vectors = torch.index_select(embeddings, 0, chosen)"
    loss, other_loss = (
        "commitment_loss = (features - quantized.detach()).square()",
        "commitment_loss = 3 * codebook_loss  #",
    )
    assert source.count(old) == source.count(loss) == 1
    path.write_text("# One more line.\n" + source.replace(old, new).replace(loss, other_loss), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", EDITED, weights_dir, path],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    first, losses, second = json.loads(done.stdout)
    assert losses["commitment"] == pytest.approx(3 * losses["codebook"], rel=1e-5) != 0
    assert losses["total"] == pytest.approx(losses["reconstruction"] + 0.75 * losses["commitment"], rel=1e-5)
    changed = Listing.model_validate(first)
    assert [text(line) for line in Listing.model_validate(second).lines] == [text(line) for line in changed.lines]
    (line,) = [line for line in changed.lines if "commitment_loss" in line.stages]
    assert text(line).strip().startswith(other_loss)
    (line,) = [line for line in changed.lines if "quantized_vectors" in line.stages]
    assert text(line).strip().startswith("quantized_vectors = torch.index_select(embeddings, 0, chosen)")
    assert line.shape == [49, 16]
    assert line.number == 1 + next(n for n, row in enumerate(path.read_text().splitlines()) if "index_select" in row)


def edited(listing: Listing, what_if: WhatIf) -> str:
    """The source that the page shows in a what-if: without the skipped lines, and with what runs instead."""
    lines = []
    for line in listing.lines:
        if what_if not in line.skipped_in:
            lines.append(text(line))
        for substitute in listing.substitutes:
            if substitute.what_if == what_if and substitute.after == line.number:
                lines += [text(line) for line in substitute.lines]
    return "\n".join(lines).replace(".transpose(", ".permute(")  # NumPy's name and PyTorch's


def run_edited(listing: Listing, what_if: WhatIf, features: torch.Tensor, embeddings: torch.Tensor) -> Any:
    """Run that source in place of the quantizer's `forward`."""
    names = vars(quantizer).copy()
    exec(edited(listing, what_if), names)
    return names["forward"](SimpleNamespace(embeddings=embeddings, check_shape=lambda _: None), features)


@pytest.mark.parametrize("variant", ["bypass", "wrong-reshape"])
def test_the_listing_of_a_variant_is_what_runs(tiny: LiveModel, drawings: list[bytes], variant: Variant) -> None:
    (traced,) = trace(tiny.model, drawings[:1], variant)
    with torch.no_grad():
        features = tiny.model.encoder(torch.from_numpy(to_input(drawings[:1])))
        q = run_edited(listing(tiny, "quantizer"), variant, features, tiny.model.quantizer.embeddings)
        reconstruction = tiny.model.decode(q.quantized)[0, 0].clamp(0, 1)
    np.testing.assert_allclose(traced.features, q.features[0], atol=1e-6)
    np.testing.assert_allclose(traced.distances, q.distances, atol=1e-5)
    np.testing.assert_array_equal(traced.indices, q.indices[0])
    np.testing.assert_allclose(traced.reconstruction, reconstruction, atol=1e-5)


def test_the_listing_without_the_straight_through_line_is_what_runs(tiny: LiveModel, drawings: list[bytes]) -> None:
    (found,) = gradients(tiny.model, drawings[:1], straight_through=False)
    input = torch.from_numpy(to_input(drawings[:1]))
    features = tiny.model.encoder(input).detach().requires_grad_()
    embeddings = tiny.model.quantizer.embeddings.clone().requires_grad_()
    q = run_edited(listing(tiny, "quantizer"), "no-straight-through", features, embeddings)
    loss = torch.nn.functional.mse_loss(tiny.model.decode(q.quantized), input)
    by_features, by_embeddings = torch.autograd.grad(loss, (features, embeddings), allow_unused=True)
    assert by_features is None
    np.testing.assert_allclose(found.embeddings["reconstruction"], by_embeddings, atol=1e-6)


def test_the_listing_names_the_straight_through_line(tiny: LiveModel) -> None:
    lines = [
        text(line).strip() for line in listing(tiny, "quantizer").lines if "no-straight-through" in line.skipped_in
    ]
    assert [line.partition("  #")[0] for line in lines] == ["quantized = straight_through(features, quantized)"]


def test_substitutes_are_lines_of_their_files(tiny: LiveModel) -> None:
    found = [substitute for shown in tiny.listings[""] for substitute in shown.substitutes]
    assert {substitute.what_if for substitute in found} == {"bypass", "wrong-reshape", "no-straight-through"}
    for substitute in found:
        source = (PACKAGE.parent / substitute.file).read_text(encoding="utf-8").splitlines()
        for line in substitute.lines:
            assert text(line).strip() == source[line.number - 1].strip()
        assert substitute.lines[-1].shape == tiny.stages[substitute.lines[-1].stages[0]]
