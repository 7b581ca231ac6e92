"""Size and accuracy of packed tensors."""

import struct
from base64 import b64decode
from collections.abc import Callable

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray

from vqvae_explainer.explain.packing import Packed, pack, unpack
from vqvae_explainer.explain.trace import trace
from vqvae_explainer.model.presets import DEFAULT, PRESETS

ARRAYS = {
    "normal": np.random.default_rng(0).normal(size=(7, 7, 16)),
    "large": np.random.default_rng(1).uniform(-1e6, 1e6, size=(49, 20)),
    "small": np.random.default_rng(2).uniform(3, 3.01, size=(28, 28)),
    "two": np.array([[-1.0, 1.0]]),
    "huge": np.array([-3e38, 0, 3e38]),
    "tiny": np.array([0, 1e-41, 3e-41]),
}


def by_hand(packed: Packed) -> NDArray[np.float64]:
    """Unpack according to the documentation."""
    data = b64decode(packed["data"])
    integers = struct.unpack(f"<{len(data) // 2}H", data)
    return np.array([packed["offset"] + packed["scale"] * integer for integer in integers]).reshape(packed["shape"])


@pytest.mark.parametrize("name", ARRAYS)
def test_error_is_at_most_half_a_step(name: str) -> None:
    values = ARRAYS[name].astype(np.float32)
    packed = orjson.loads(orjson.dumps(pack(values)))
    assert packed["shape"] == list(values.shape)
    wide = values.astype(np.float64)
    assert packed["scale"] <= (wide.max() - wide.min()) / 65_535 * 1.0001
    assert np.abs(by_hand(packed) - wide).max() <= packed["scale"] * 0.51


@pytest.mark.parametrize("name", ["normal", "large", "small", "two"])
def test_unpack_reads_what_pack_wrote(name: str) -> None:
    values = ARRAYS[name].astype(np.float32)
    packed = pack(values)
    unpacked = unpack(packed)
    assert unpacked.dtype == np.float32
    np.testing.assert_allclose(unpacked, by_hand(packed), rtol=1e-6)
    assert np.abs(unpacked - values).max() <= np.ptp(values) * 1e-3


@pytest.mark.parametrize("value", [0.0, -2.5, 1e-30])
def test_constant_array(value: float) -> None:
    values = np.full((3, 4), value, dtype=np.float32)
    np.testing.assert_array_equal(unpack(pack(values)), values)


def test_view_in_another_order_is_packed_row_by_row() -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4).T
    np.testing.assert_allclose(by_hand(pack(values)), values, atol=1e-3)


def test_frame_of_the_default_model_is_small(make_model: Callable, drawings: list[bytes]) -> None:
    config = PRESETS[DEFAULT]
    model = make_model(config)
    traced = trace(model, drawings[:1])[0]
    frame = {stage: pack(getattr(traced, stage)) for stage in ("features", "distances", "quantized", "reconstruction")}
    rest = {
        "type": "trace",
        "seq": 2**52,
        "model": DEFAULT,
        "indices": traced.indices.tolist(),
        "losses": traced.losses,
    }
    assert len(orjson.dumps(frame | rest)) <= 16 * 1024
