"""Saving and loading weights; errors for files that cannot be used."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from vqvae_explainer.errors import UserError
from vqvae_explainer.explain.loading import load_models
from vqvae_explainer.model.card import ModelCard, load_card, save_card
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.model.weights import hashes, load_weights, save_weights


@pytest.fixture
def model(make_model: Callable[[Config], VQVAE], make_config: Callable[..., Config]) -> VQVAE:
    return make_model(make_config())


@pytest.fixture
def path(model: VQVAE, make_card: Callable[[Config], ModelCard], tmp_path: Path) -> Path:
    """Weights and card that a test may damage."""
    return save_weights(model, make_card(model.config), tmp_path)


def rewrite(path: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    """Change the tensors of a weights file in place, and its hash on the card."""
    tensors = load_file(path)
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    change(tensors)
    save_file(tensors, path, metadata=metadata)
    card = load_card(path.with_suffix(".json"))
    save_card(card.model_copy(update={"sha256": hashes(path)}), path)


@pytest.mark.parametrize("codebook", ["ema", "gradient"])
def test_round_trip(
    make_model: Callable[[Config], VQVAE],
    make_config: Callable[..., Config],
    make_card: Callable[[Config], ModelCard],
    tmp_path: Path,
    codebook: str,
) -> None:
    saved = make_model(make_config(codebook=codebook)).to(memory_format=torch.channels_last)
    card = make_card(saved.config)
    path = save_weights(saved, card, tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["tiny.json", "tiny.safetensors"]
    loaded, loaded_card = load_weights(path)
    assert loaded_card == card.model_copy(update={"sha256": {"safetensors": sha256(path.read_bytes()).hexdigest()}})
    assert loaded.config == saved.config
    assert not loaded.training
    assert not any(parameter.requires_grad for parameter in loaded.parameters())
    assert loaded.state_dict().keys() == saved.state_dict().keys()
    for name, tensor in loaded.state_dict().items():
        assert torch.equal(tensor, saved.state_dict()[name]), name


def test_card_is_readable_json(path: Path) -> None:
    card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert card["config"]["num_embeddings"] == 20
    assert {"config", "command", "versions", "device", "data_md5", "figures", "history", "sha256"} == card.keys()


def test_missing_weights(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There are no weights at .*none\.safetensors"):
        load_weights(tmp_path / "none.safetensors")


def test_missing_card(path: Path) -> None:
    path.with_suffix(".json").unlink()
    with pytest.raises(UserError, match=r"There is no card .*tiny\.json beside the weights"):
        load_weights(path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b'{"config": 1}'])
def test_damaged_card(path: Path, content: bytes) -> None:
    path.with_suffix(".json").write_bytes(content)
    with pytest.raises(UserError, match=r"Cannot read the card .*tiny\.json"):
        load_weights(path)


@pytest.mark.parametrize("size", [0, 5, 8, 300, -1])
def test_cut_weights(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(UserError, match="are damaged"):
        load_weights(path)


def test_other_content(path: Path) -> None:
    path.write_bytes(b"not safetensors" * 1000)
    with pytest.raises(UserError, match="are damaged"):
        load_weights(path)


def test_weights_without_a_configuration(path: Path) -> None:
    save_file(load_file(path), path)
    with pytest.raises(UserError, match="contain no configuration"):
        load_weights(path)


@pytest.mark.parametrize("change", [{"num_embeddings": 21}, {"beta": 0.25}, {"codebook": "gradient"}])
def test_card_of_another_configuration(
    path: Path, make_card: Callable[[Config], ModelCard], make_config: Callable[..., Config], change: dict[str, object]
) -> None:
    path.with_suffix(".json").write_text(make_card(make_config(**change)).model_dump_json())
    with pytest.raises(UserError, match=r"another configuration than tiny\.json"):
        load_weights(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda tensors: tensors.pop("quantizer.embeddings"),
        lambda tensors: tensors.update({"more": torch.zeros(1)}),
        lambda tensors: tensors.update({"quantizer.embeddings": torch.zeros(3, 3)}),
    ],
    ids=["missing", "unknown", "shape"],
)
def test_tensors_that_do_not_fit(path: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    rewrite(path, change)
    with pytest.raises(UserError, match="do not fit their configuration"):
        load_weights(path)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["decoder.upsample2.bias", "quantizer.embeddings"])
def test_numbers_that_are_none(path: Path, name: str, number: float) -> None:
    rewrite(path, lambda tensors: tensors[name].view(-1)[:1].fill_(number))
    with pytest.raises(UserError, match="not finite"):
        load_weights(path)


def test_folder_that_cannot_be_written(model: VQVAE, make_card: Callable[[Config], ModelCard], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="Cannot write"):
        save_weights(model, make_card(model.config), tmp_path / "file")


@pytest.fixture
def mixed(
    path: Path,
    model: VQVAE,
    make_model: Callable[[Config], VQVAE],
    make_card: Callable[[Config], ModelCard],
    tmp_path: Path,
) -> Path:
    """Weights beside the card of another run with the same configuration."""
    with torch.no_grad():
        other = make_model(model.config)
        other.quantizer.embeddings.add_(1)
    twin = save_weights(other, make_card(model.config), tmp_path / "twin")
    shutil.copy(twin, path)
    return path


def test_weights_of_another_run_with_the_same_configuration(mixed: Path) -> None:
    with pytest.raises(UserError, match=r"tiny\.safetensors do not have the SHA-256 that tiny\.json beside them names"):
        load_weights(mixed)


def test_a_mixture_is_not_served_but_other_models_are(
    mixed: Path, weights_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("other.safetensors", "other.json"):
        shutil.copy(weights_dir / name, mixed.parent)
    assert list(load_models(mixed.parent)) == ["other"]
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "tiny.safetensors do not have the SHA-256" in record.getMessage()


def test_cards_of_older_versions_have_no_hashes(path: Path) -> None:
    save_card(load_card(path.with_suffix(".json")).model_copy(update={"sha256": {}}), path)
    assert load_weights(path)[1].sha256 == {}


def test_an_interrupted_replacement_is_finished_before_loading(
    path: Path, model: VQVAE, make_card: Callable[[Config], ModelCard], tmp_path: Path
) -> None:
    """The process was killed between the rename of the weights and that of the card."""
    with torch.no_grad():
        model.quantizer.embeddings.add_(1)
    new = save_weights(model, make_card(model.config).model_copy(update={"command": "new"}), tmp_path / "new")
    shutil.copy(new, path)
    shutil.copy(new.with_suffix(".json"), tmp_path / ".tiny.json.1.tmp")
    renames = {".tiny.safetensors.1.tmp": "tiny.safetensors", ".tiny.json.1.tmp": "tiny.json"}
    (tmp_path / ".tiny.journal").write_text(json.dumps(renames))
    loaded, card = load_weights(path)
    assert card.command == "new"
    assert torch.equal(loaded.quantizer.embeddings, model.quantizer.embeddings)
    assert not list(tmp_path.glob(".*"))
