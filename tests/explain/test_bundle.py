"""Models run from their bundles as PyTorch runs them, and PyTorch runs those whose bundles do not fit."""

import json
import shutil
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest

from vqvae_explainer.cli import main
from vqvae_explainer.explain import bundle
from vqvae_explainer.explain.bundle import SUFFIX, BundledModel, DetailFile, source_hashes, update_card
from vqvae_explainer.explain.detail import Check
from vqvae_explainer.explain.live import LiveModel
from vqvae_explainer.explain.loading import load_models
from vqvae_explainer.explain.models import ExplainedModel
from vqvae_explainer.explain.numpy_gradients import DECODERS
from vqvae_explainer.explain.onnx_backend import PARTS, OnnxBackend, onnx_suffix
from vqvae_explainer.explain.packing import unpack
from vqvae_explainer.explain.torch_backend import TorchBackend
from vqvae_explainer.explain.trace import trace
from vqvae_explainer.model.card import hash_of, load_card, save_card
from vqvae_explainer.model.prior_weights import load_prior, prior_path
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.training import export
from vqvae_explainer.training.drawings import authored_digits

FILES = {SUFFIX, *map(onnx_suffix, PARTS)}


@pytest.fixture
def copied(bundled: Path, tmp_path: Path) -> Path:
    """The same, for a test to damage."""
    shutil.copytree(bundled.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / bundled.name


def load(weights: Path) -> ExplainedModel:
    return load_models(weights)["tiny"]


def test_export_writes_the_bundle_and_names_it_on_the_card(bundled: Path, weights_dir: Path) -> None:
    before, card = load_card(weights_dir / "tiny.json"), load_card(bundled.with_suffix(".json"))
    others = {path.name for path in weights_dir.glob("tiny.*")}
    assert {path.name for path in bundled.parent.iterdir()} == others | {f"tiny.{suffix}" for suffix in FILES}
    assert bundled.read_bytes() == (weights_dir / bundled.name).read_bytes()
    assert card.model_copy(update={"sha256": before.sha256}) == before
    assert before.sha256.items() < card.sha256.items()
    assert card.sha256.keys() - before.sha256.keys() == FILES
    for suffix, digest in card.sha256.items():
        assert hash_of(bundled.with_suffix(f".{suffix}").read_bytes()) == digest


def test_the_bundle_names_weights_and_sources(bundled: Path) -> None:
    document = DetailFile.model_validate_json(bundled.with_suffix(f".{SUFFIX}").read_bytes())
    assert document.weights == hash_of(bundled.read_bytes())
    package = Path(bundle.__file__).parent.parent
    assert document.sources == {name: hash_of((package / name).read_bytes()) for name in document.sources}
    shown = {listing.file for listing in document.detail.listings}
    shown |= {substitute.file for listing in document.detail.listings for substitute in listing.substitutes}
    assert {file.removeprefix("vqvae_explainer/") for file in shown} < document.sources.keys()


def test_the_bundle_holds_the_trace_of_an_authored_drawing(bundled: Path, tiny: LiveModel) -> None:
    model = load(bundled)
    assert isinstance(model, BundledModel)
    check = Check.model_validate(model.check)
    drawing = b64decode(check.pixels)
    assert drawing == authored_digits()[0].numpy().tobytes()
    [expected] = trace(tiny.model, [drawing])
    assert check.indices == expected.indices.tolist()
    assert check.commitment == pytest.approx(expected.losses["commitment"], rel=1e-5)
    np.testing.assert_allclose(unpack(check.reconstruction), expected.reconstruction, atol=1e-4)
    assert "check" not in model.detail
    assert model.check.keys() == {"pixels", "indices", "commitment", "reconstruction"}


def test_bundle_of_an_older_version(copied: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = copied.with_suffix(f".{SUFFIX}")
    document = json.loads(path.read_bytes())
    del document["check"]
    path.write_text(json.dumps(document))
    card = load_card(copied.with_suffix(".json"))
    save_card(card.model_copy(update={"sha256": card.sha256 | {SUFFIX: hash_of(path.read_bytes())}}), copied)
    check_live(copied, "the bundle was made by an older version", caplog)


def test_details_are_those_of_the_source(bundled: Path, tiny: LiveModel) -> None:
    found, expected = load(bundled).detail, tiny.detail
    pictures = found.pop("code_pictures"), expected.pop("code_pictures")
    np.testing.assert_allclose(*map(unpack, pictures), atol=1e-4)
    prior = load_prior(prior_path(bundled))[1].metrics
    metrics = {"auroc_excess": prior.auroc_excess, "excess_percentiles": prior.excess_percentiles}
    # The fixture `tiny` has neither playback nor prior.
    assert found == expected | {"playback": True, "prior": True, "prior_metrics": metrics}


def test_results_are_those_of_the_source(bundled: Path, tiny: LiveModel, drawings: list[bytes]) -> None:
    model = load(bundled)
    assert isinstance(model, BundledModel)
    assert isinstance(model.backend, OnnxBackend)
    for found, expected in zip(trace(model.backend, drawings), trace(tiny.model, drawings), strict=True):
        np.testing.assert_allclose(found.distances, expected.distances, atol=1e-4)
        np.testing.assert_array_equal(found.indices, expected.indices)
        np.testing.assert_allclose(found.reconstruction, expected.reconstruction, atol=1e-5)
    for found, expected in zip(model.gradients(drawings), tiny.gradients(drawings), strict=True):
        np.testing.assert_allclose(found.quantized, expected.quantized, atol=1e-6)


def test_files_are_read_at_the_start(copied: Path, drawings: list[bytes]) -> None:
    """A training that replaces them does not change a model that is opened later."""
    model = load(copied)
    shutil.rmtree(copied.parent)
    assert len(trace(model.backend, drawings)) == len(model.gradients(drawings)) == len(drawings)
    assert model.detail["playback"]
    assert model.playback


def test_an_export_with_other_results_is_refused(
    copied: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.read_bytes() for path in copied.parent.iterdir()}
    parts = {part: before[f"tiny.{onnx_suffix(part)}"] for part in PARTS}

    def export_another(model: VQVAE) -> dict[str, bytes]:
        model.decoder.project.bias.add_(1)
        return parts

    monkeypatch.setattr(export, "export_onnx", export_another)
    assert main(["export", "--weights", str(copied)]) == 2
    assert "The ONNX export of tiny does not give the same results as the model." in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in copied.parent.iterdir()} == before


def test_metrics_of_the_card_are_those_of_the_bundle(copied: Path) -> None:
    card = load_card(copied.with_suffix(".json"))
    figures = card.figures.model_copy(update={"test_mse": 0.25})
    update_card(card.model_copy(update={"figures": figures}), copied)
    model = load(copied)
    assert isinstance(model, BundledModel)
    assert model.summary.metrics.test_mse == model.detail["metrics"]["test_mse"] == 0.25


def test_the_prior_is_that_beside_the_weights(copied: Path) -> None:
    copied.with_suffix(".prior.safetensors").unlink()
    model = load(copied)
    assert isinstance(model, BundledModel)
    assert not model.detail["prior"]
    assert model.detail["prior_metrics"] is None


def check_live(weights: Path, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    """PyTorch runs the model, and one line of the log says why."""
    caplog.set_level("INFO")
    assert isinstance(load(weights), LiveModel)
    (message,) = [r.getMessage() for r in caplog.records if r.name == "vqvae_explainer.explain.loading"]
    assert message.startswith("PyTorch is needed: ")
    assert message.endswith(" (tiny)")
    assert reason in message


def test_changed_source(bundled: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    changed = source_hashes() | {"model/quantizer.py": "0", "model/vqvae.py": "0"}
    monkeypatch.setattr(bundle, "source_hashes", lambda: changed)
    check_live(bundled, "the bundle was made from another model/quantizer.py, model/vqvae.py", caplog)


def test_new_source(bundled: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    changed = source_hashes() | {"model/architectures/new.py": "0"}
    monkeypatch.setattr(bundle, "source_hashes", lambda: changed)
    check_live(bundled, "the bundle was made from another model/architectures/new.py", caplog)


def test_architecture_without_gradients(
    bundled: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    architecture = load_card(bundled.with_suffix(".json")).config.architecture
    monkeypatch.delitem(DECODERS, architecture)
    check_live(bundled, f"numpy_gradients has no decoder of architecture {architecture}", caplog)


def test_no_bundle(weights_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    check_live(weights_dir / "tiny.safetensors", "there is no bundle, which `vqvae-explainer export` makes", caplog)


def test_bundle_of_other_weights(copied: Path, bundled: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = copied.with_suffix(f".{SUFFIX}")
    path.write_bytes(path.read_bytes().replace(hash_of(bundled.read_bytes()).encode(), b"0" * 64))
    card = load_card(copied.with_suffix(".json"))
    save_card(card.model_copy(update={"sha256": card.sha256 | {SUFFIX: hash_of(path.read_bytes())}}), copied)
    check_live(copied, "the bundle was made from other weights", caplog)


@pytest.mark.parametrize("content", [b"", b"{}", b"<html>"])
def test_damaged_details(copied: Path, caplog: pytest.LogCaptureFixture, content: bytes) -> None:
    copied.with_suffix(f".{SUFFIX}").write_bytes(content)
    check_live(copied, "detail.json is not the file that the card names", caplog)


def test_damaged_export(copied: Path, caplog: pytest.LogCaptureFixture) -> None:
    copied.with_suffix(".decoder.onnx").write_bytes(b"")
    check_live(copied, "tiny.decoder.onnx is from another training run", caplog)
    assert isinstance(load(copied).backend, TorchBackend)


def test_missing_export(copied: Path, caplog: pytest.LogCaptureFixture) -> None:
    copied.with_suffix(".losses.onnx").unlink()
    check_live(copied, "tiny.losses.onnx", caplog)
