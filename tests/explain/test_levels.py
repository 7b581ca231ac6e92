"""A model with two levels: what its backends, its bundle and its gradients give for both."""

import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from torch import Tensor

from vqvae_explainer.cli import main
from vqvae_explainer.explain.backend import Gradients
from vqvae_explainer.explain.bundle import BundledModel
from vqvae_explainer.explain.gradients import gradients
from vqvae_explainer.explain.live import LiveModel
from vqvae_explainer.explain.loading import load_models
from vqvae_explainer.explain.numpy_gradients import numpy_gradients
from vqvae_explainer.explain.packing import unpack
from vqvae_explainer.explain.torch_backend import TorchBackend
from vqvae_explainer.explain.trace import NO_CODE, LevelTrace, decode, to_input, trace
from vqvae_explainer.explain.variants import Variant
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.playback import load_playback, playback_path
from vqvae_explainer.model.presets import PRESETS
from vqvae_explainer.model.vqvae import VQVAE, Output
from vqvae_explainer.model.weights import load_weights
from vqvae_explainer.training import run
from vqvae_explainer.training.playback import SAMPLE


@pytest.fixture(scope="module")
def trained(
    quick_export: None,  # noqa: ARG001
    train_digits: Tensor,
    digits: Tensor,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The weights of a small model that `train` wrote, with its bundle."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        small = {"hidden_channels": 8, "residual_channels": 4, "batch_size": 32}
        patch.setitem(PRESETS, "hierarchy-20", PRESETS["hierarchy-20"].model_copy(update=small))
        patch.setattr(run, "load_mnist", lambda _, train: (train_digits if train else digits)[:320])
        options = ["--name", "two", "--epochs", "2", "--device", "cpu", "--out", str(folder)]
        assert main(["train", "--preset", "hierarchy-20", *options]) == 0
    return folder / "two.safetensors"


@pytest.fixture(scope="module")
def bundled(trained: Path) -> BundledModel:
    """The model from its bundle, as by a server without PyTorch."""
    model = load_models(trained)["two"]
    assert isinstance(model, BundledModel)
    return model


@pytest.fixture(scope="module")
def live(trained: Path) -> LiveModel:
    """The model as by a server with PyTorch."""
    return LiveModel(*load_weights(trained), playback=playback_path(trained).read_bytes())


def test_the_trace_is_the_models_forward_pass(hierarchy: LiveModel, drawings: list[bytes]) -> None:
    with torch.no_grad():
        output: Output = hierarchy.model(torch.from_numpy(to_input(drawings)))
    losses = {name: getattr(output.losses, name).tolist() for name in output.losses._fields}
    for n, traced in enumerate(trace(hierarchy.model, drawings)):
        assert list(traced.levels) == ["top", ""]
        for level, expected in zip(traced.levels.values(), output.levels, strict=True):
            np.testing.assert_allclose(level.features, expected.features[n], atol=1e-5)
            np.testing.assert_array_equal(level.indices, expected.indices[n])
            np.testing.assert_allclose(level.quantized, expected.quantized[n], atol=1e-5)
        np.testing.assert_allclose(traced.reconstruction, output.reconstruction[n, 0], atol=1e-5)
        assert traced.losses == pytest.approx({name: values[n] for name, values in losses.items()}, rel=1e-4)
    assert len({level.indices.tobytes() for level in (traced.levels["top"], traced.levels[""])}) == 2


def test_stages_name_the_tensors_of_each_level(hierarchy: LiveModel) -> None:
    tensors = hierarchy.blank.tensors(*LevelTrace._fields, "reconstruction")
    assert {id: list(tensor.shape) for id, tensor in tensors.items()}.items() <= hierarchy.stages.items()
    assert hierarchy.stages["features.top"] == [4, 4, 16]
    assert hierarchy.stages["distances.top"] == [16, 20]
    assert hierarchy.stages["features"] == [7, 7, 16]
    assert set(hierarchy.stages) == {"input", "reconstruction"} | {
        f"{stage}{suffix}"
        for stage in (
            "features",
            "feature_vectors",
            "embeddings",
            "distances",
            "indices",
            "quantized_vectors",
            "quantized",
        )
        for suffix in ("", ".top")
    }


def test_a_variant_is_that_of_both_levels(hierarchy: LiveModel, drawings: list[bytes]) -> None:
    """What the bottom's encoder sees is what the decoder gets of the top."""
    top, bottom = hierarchy.model.levels
    (traced,) = trace(hierarchy.model, drawings[:1], "bypass")
    with torch.no_grad():
        input = torch.from_numpy(to_input(drawings[:1]))
        coarse = top.encoder(input)
        fine = bottom.encoder(input, coarse)
        expected = hierarchy.model.decoder(coarse, fine)[0, 0]
    np.testing.assert_allclose(traced.levels["top"].features, coarse[0].permute(1, 2, 0), atol=1e-5)
    np.testing.assert_allclose(traced.features, fine[0].permute(1, 2, 0), atol=1e-5)
    np.testing.assert_allclose(traced.reconstruction, expected, atol=1e-5)


def test_a_level_without_codes_is_a_grid_of_zeros(hierarchy: LiveModel, drawings: list[bytes]) -> None:
    (traced,) = trace(hierarchy.model, drawings[:1])
    top, bottom = (level.indices for level in traced.levels.values())
    codes = [torch.from_numpy(level.quantized)[None] for level in traced.levels.values()]
    found = decode(
        hierarchy.model, [top, top, np.full_like(top, NO_CODE)], [bottom, np.full_like(bottom, NO_CODE), bottom]
    )
    with torch.no_grad():
        pairs = (codes, (codes[0], torch.zeros_like(codes[1])), (torch.zeros_like(codes[0]), codes[1]))
        expected = [hierarchy.model.decode(*pair)[0, 0].clamp(0, 1) for pair in pairs]
    np.testing.assert_allclose(found, np.stack(expected), atol=1e-5)
    assert np.abs(found[0] - found[1]).max() > 1e-3


@pytest.mark.parametrize("variant", get_args(Variant))
def test_the_bundle_gives_the_same_trace(
    bundled: BundledModel, live: LiveModel, drawings: list[bytes], variant: Variant
) -> None:
    both = (trace(backend, drawings, variant) for backend in (bundled.backend, live.model))
    for found, expected in zip(*both, strict=True):
        assert found.levels.keys() == expected.levels.keys()
        for id, level in found.levels.items():
            np.testing.assert_allclose(level.features, expected.levels[id].features, atol=1e-4)
            np.testing.assert_allclose(level.distances, expected.levels[id].distances, rtol=1e-5, atol=1e-4)
            np.testing.assert_array_equal(level.indices, expected.levels[id].indices)
        np.testing.assert_allclose(found.reconstruction, expected.reconstruction, atol=1e-5)
        assert found.losses == pytest.approx(expected.losses, rel=1e-4)


def test_the_bundle_gives_the_same_details(bundled: BundledModel, live: LiveModel) -> None:
    found, expected = bundled.detail, live.detail
    pairs = [(found, expected), (found["levels"]["top"], expected["levels"]["top"])]
    for pictures in [(one.pop("code_pictures"), other.pop("code_pictures")) for one, other in pairs]:
        np.testing.assert_allclose(*map(unpack, pictures), atol=1e-4)
    assert found == expected
    assert np.shape(bundled.check["indices.top"]) == (4, 4)


def test_a_server_without_pytorch_answers(trained: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from vqvae_explainer.explain.loading import load_models;"
        "from vqvae_explainer.explain.trace import trace;"
        f"model = load_models(Path({str(trained)!r}))['two'];"
        "(traced,), (found,) = trace(model.backend, [bytes(784)]), model.gradients([bytes(784)]);"
        "print(*traced.levels['top'].indices.shape, found.computed_by, found.levels['top'].quantized.any(),"
        " 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["4", "4", "numpy", "True", "False"]


def test_the_recorded_training_has_the_use_of_the_top(live: LiveModel, trained: Path, train_digits: Tensor) -> None:
    playback = load_playback(trained, live.card)
    assert playback is not None
    rows = torch.randperm(320, generator=torch.Generator().manual_seed(0))[:SAMPLE]
    with torch.no_grad():
        output: Output = live.model(train_digits[rows].float() / 255)
    for use, level in zip((playback.snapshots[-1].levels["top"], playback.snapshots[-1]), output.levels, strict=True):
        counts = np.bincount(level.indices.flatten(), minlength=20)
        np.testing.assert_allclose(use.usage, counts / counts.sum(), atol=1e-4)
        assert use.codes_used == np.count_nonzero(counts)


def test_evaluate_prints_both_levels(
    trained: Path, digits: Tensor, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "load_mnist", lambda *_, **__: digits[:50])
    assert main(["evaluate", "--weights", str(trained)]) == 0
    table = dict(line.split() for line in capsys.readouterr().out.splitlines())
    for name in ("codes_used", "levels.top.codes_used", "levels.top.margin", "hierarchy.top_shuffled_mse"):
        assert float(table[name]) > 0
    assert int(table["levels.top.codes_used"]) <= 20


def flat(found: Gradients) -> dict[str, np.ndarray]:
    return {
        f"{id}/{stage}/{loss}": gradient
        for id, level in found.levels.items()
        for stage, by in (
            ("features", level.features),
            ("embeddings", level.embeddings),
            ("quantized", {"": level.quantized}),
        )
        for loss, gradient in by.items()
    }


@pytest.mark.parametrize("straight_through", [True, False])
@pytest.mark.parametrize("size", [7, 14])
def test_numpy_finds_the_gradients_of_autograd(
    make_config: Callable[..., Config],
    make_model: Callable[[Config], VQVAE],
    drawings: list[bytes],
    size: int,
    straight_through: bool,
) -> None:
    model = make_model(make_config(architecture="hierarchical", bottom_size=size))
    tensors = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    found = numpy_gradients(model.config, tensors, TorchBackend(model), drawings[:3], straight_through)
    for one, other in zip(found, gradients(model, drawings[:3], straight_through), strict=True):
        values, expected = flat(one), flat(other)
        assert values.keys() == expected.keys()
        largest = max(np.abs(gradient).max() for gradient in expected.values())
        for name, gradient in expected.items():
            np.testing.assert_allclose(values[name], gradient, rtol=0, atol=1e-5 * largest, err_msg=name)
            assert values[name].any() == gradient.any(), name


def test_the_gradient_of_the_top_is_that_through_the_decoder(hierarchy: LiveModel, drawings: list[bytes]) -> None:
    """By finite differences of the reconstruction loss in a few numbers of what the decoder gets."""
    (found,), (traced,) = gradients(hierarchy.model, drawings[:1]), trace(hierarchy.model, drawings[:1])
    model, input = hierarchy.model, torch.from_numpy(to_input(drawings[:1])).double()
    decoder = deepcopy(model.decoder).double()
    grids = [torch.from_numpy(level.quantized.transpose(2, 0, 1))[None].double() for level in traced.levels.values()]
    step = 1e-4
    for n, (id, place) in enumerate((("top", (1, 2, 5)), ("", (3, 3, 5)))):
        row, column, channel = place
        errors = []
        for sign in (1, -1):
            moved = [grid.clone() for grid in grids]
            moved[n][0, channel, row, column] += sign * step
            errors.append((decoder(*moved) - input).square().mean().item())
        assert found.levels[id].quantized[place] == pytest.approx(
            (errors[0] - errors[1]) / (2 * step), rel=1e-2, abs=1e-8
        )
        np.testing.assert_array_equal(found.levels[id].features["reconstruction"], found.levels[id].quantized)


def test_a_top_cell_writes_more_pixels_than_a_bottom_cell(hierarchy: LiveModel) -> None:
    areas = {}
    for id, level in hierarchy.levels.items():
        grid = hierarchy.grids[id]
        boxes = [box for row in level.fields.writes for box in row]
        assert (len(level.fields.writes), len(boxes)) == (grid.height, grid.cells)
        areas[id] = np.mean([(bottom - top) * (right - left) for top, left, bottom, right in boxes])
    assert areas["top"] > 1.2 * areas[""]


def test_listings_of_both_levels(hierarchy: LiveModel) -> None:
    main_listings, (top,) = hierarchy.listings[""], hierarchy.listings["top"]
    assert [listing.id for listing in main_listings] == ["quantizer", "encoder", "encoder.top", "decoder", "loss"]
    for listing, cells, side in ((main_listings[0], 49, 7), (top, 16, 4)):
        shapes = {stage: line.shape for line in listing.lines for stage in line.stages if line.shape is not None}
        assert (shapes["feature_vectors"], shapes["indices"]) == ([cells, 16], [side, side])
    loss = main_listings[-1]
    files = {line.file or loss.file for line in loss.lines}
    assert files == {"vqvae_explainer/model/vqvae.py", "vqvae_explainer/model/hierarchical.py"}
    root = Path(main.__code__.co_filename).parent.parent
    for listing in main_listings:
        for line in listing.lines:
            source = (root / (line.file or listing.file)).read_text(encoding="utf-8").splitlines()
            assert "".join(text for _, text in line.tokens).strip() == source[line.number - 1].strip()
    assert any("bottom: Quantization" in "".join(text for _, text in line.tokens) for line in loss.lines)


def test_a_model_with_one_level_has_no_other(tiny: LiveModel) -> None:
    assert "levels" not in tiny.detail
    assert not any("." in stage for stage in tiny.stages)
    assert not any("file" in line for listing in tiny.detail["listings"] for line in listing["lines"])
