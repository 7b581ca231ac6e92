"""Decoding edited grids, and the variants "bypass" and "wrong-reshape"."""

import numpy as np
import pytest
import torch

from vqvae_explainer.explain.live import LiveModel
from vqvae_explainer.explain.packing import unpack
from vqvae_explainer.explain.trace import decode, to_input, trace


def encode(explained: LiveModel, drawing: bytes) -> np.ndarray:
    """The encoder's output, channels first: (D, H, W)."""
    with torch.no_grad():
        return explained.model.encoder(torch.from_numpy(to_input([drawing])))[0].numpy()


def test_decoding_the_traced_indices_gives_the_traced_picture(tiny: LiveModel, drawings: list[bytes]) -> None:
    traces = trace(tiny.model, drawings)
    pictures = decode(tiny.model, [t.indices for t in traces])
    for picture, traced in zip(pictures, traces, strict=True):
        np.testing.assert_allclose(picture, traced.reconstruction, atol=1e-5)


def test_a_changed_code_changes_the_picture_at_its_place(tiny: LiveModel, drawings: list[bytes]) -> None:
    (traced,) = trace(tiny.model, drawings[:1])
    edited = traced.indices.copy()
    edited[1, 5] = (edited[1, 5] + 1) % tiny.model.config.num_embeddings
    before, after = decode(tiny.model, [traced.indices, edited])
    patches = np.abs(after - before).reshape(7, 4, 7, 4).sum(axis=(1, 3))
    row, column = np.unravel_index(patches.argmax(), (7, 7))
    assert abs(row - 1) <= 1  # an untrained decoder may change a neighbor most, but nothing is transposed
    assert abs(column - 5) <= 1


def test_codes_outside_the_codebook_are_refused(tiny: LiveModel) -> None:
    for code in (-2, tiny.model.config.num_embeddings):
        with pytest.raises(ValueError, match="codes must be from 0 to 19"):
            decode(tiny.model, [np.full((7, 7), code)])


def test_bypass_decodes_the_features_themselves(tiny: LiveModel, drawings: list[bytes]) -> None:
    (normal,), (bypassed,) = trace(tiny.model, drawings[:1]), trace(tiny.model, drawings[:1], "bypass")
    with torch.no_grad():
        expected = tiny.model.decoder(torch.from_numpy(encode(tiny, drawings[0]))[None])[0, 0].numpy()
    np.testing.assert_allclose(bypassed.reconstruction, expected, atol=1e-6)
    np.testing.assert_array_equal(bypassed.indices, normal.indices)
    assert bypassed.losses["reconstruction"] != normal.losses["reconstruction"]
    assert bypassed.losses["commitment"] == normal.losses["commitment"]


def test_wrong_reshape_reads_rows_without_moving_channels_last(tiny: LiveModel, drawings: list[bytes]) -> None:
    """Compared with the same bug in NumPy: (D, H, W) reshaped to rows of D and back."""
    (wrong,) = trace(tiny.model, drawings[:1], "wrong-reshape")
    features = encode(tiny, drawings[0])
    rows = features.reshape(-1, features.shape[0])
    codes = tiny.model.quantizer.embeddings.numpy()
    nearest = ((rows[:, None] - codes[None]) ** 2).sum(axis=2).argmin(axis=1)
    np.testing.assert_array_equal(wrong.features.reshape(rows.shape), rows)
    np.testing.assert_array_equal(wrong.indices.flatten(), nearest)
    with torch.no_grad():
        put_back = torch.from_numpy(codes[nearest].reshape(features.shape))[None]
        expected = tiny.model.decoder(put_back)[0, 0].numpy()
    np.testing.assert_allclose(wrong.reconstruction, expected, atol=1e-5)


def test_code_pictures_are_the_middle_of_a_blank_page_with_that_code(tiny: LiveModel) -> None:
    pictures = unpack(tiny.levels[""].code_pictures)
    assert pictures.shape == (20, 20, 20)
    blank = trace(tiny.model, [bytes(784)])[0]
    for code in (0, 19):
        grid = blank.indices.copy()
        grid[2:5, 2:5] = code
        np.testing.assert_allclose(pictures[code], decode(tiny.model, [grid])[0][4:24, 4:24], atol=1e-5)
