"""The pen in Python draws the same pixels as the page's."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from vqvae_explainer.training.drawings import authored_digits, render, transform

ROOT = Path(__file__).parents[2]
STROKES = [[[5, 5], [20.25, 9.5], [20.25, 9.5], [3, 26]], [[-2, 14], [31, 14.3]], [[12.4, 20.1]]]

PAGE = """
import { lay, blank, toBytes } from "./static/drawing/ink.js";
import { smooth } from "./static/drawing/replay.js";
const digits = JSON.parse(Deno.readTextFileSync("static/drawing/examples.json"));
const draw = (strokes, radius) => {
  const ink = blank();
  for (const points of strokes) {
    points.forEach((point, n) => lay(ink, points[Math.max(0, n - 1)], point, radius, false));
  }
  return [...toBytes(ink)];
};
const drawn = Object.keys(digits).sort().map((n) => draw(digits[n].map(smooth), 1.3));
console.log(JSON.stringify([...drawn, draw(%s, 0.8)]));
"""


@pytest.fixture(scope="module")
def page() -> np.ndarray:
    """The ten digits and STROKES, drawn by the page's modules: (11, 28, 28)."""
    deno = Path(sys.executable).parent / "deno"
    command = [deno, "eval", "--ext=js", PAGE % json.dumps(STROKES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return np.array(json.loads(done.stdout), dtype=np.uint8).reshape(-1, 28, 28)


def test_digits_are_those_of_the_page(page: np.ndarray) -> None:
    digits = authored_digits()
    assert digits.shape == (10, 1, 28, 28)
    assert digits.dtype == torch.uint8
    np.testing.assert_array_equal(digits[:, 0].numpy(), page[:10])


def test_strokes_over_the_edge_and_dots_are_those_of_the_page(page: np.ndarray) -> None:
    np.testing.assert_array_equal(render(STROKES, 0.8).numpy(), page[10])


def test_dot() -> None:
    picture = render([[(14, 14)]], 2)
    assert picture[13, 13] == 255
    area = picture.double().sum().item() / 255
    assert area == pytest.approx(np.pi * 2**2, rel=0.05)
    assert torch.equal(picture, picture.flip(0))
    assert torch.equal(picture, picture.T)


def test_row_and_column_are_not_exchanged() -> None:
    assert render([[(20.5, 3.5)]], 0.5).nonzero().tolist() == [[3, 20]]


def test_nothing_drawn() -> None:
    assert render([], 1).sum() == 0


def test_digits_have_the_ink_of_handwriting(digits: torch.Tensor) -> None:
    """Compared with MNIST's test digits."""
    usual = (digits > 0).double().mean(dim=(1, 2, 3))
    ours = (authored_digits() > 0).double().mean(dim=(1, 2, 3))
    assert usual.quantile(0.01) < ours.min()
    assert ours.max() < usual.quantile(0.99)


def test_transform() -> None:
    (corner,) = transform([(1, 0.5)], np.pi / 2, 20, 0)
    assert corner == pytest.approx((14, 24))
    (slanted,) = transform([(0.5, 0)], 0, 20, 0.2)
    assert slanted == pytest.approx((16, 4))
