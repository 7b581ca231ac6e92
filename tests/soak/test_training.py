"""Training with torchrun, and training that is killed again and again."""

import json
import subprocess
import sys
from pathlib import Path

from vqvae_explainer.explain.bundle import BundledModel
from vqvae_explainer.explain.loading import load_models
from vqvae_explainer.model.weights import load_weights

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
WITHOUT_BUNDLE = "run.export_bundle = lambda *_: {}  # slow, and not the point\n"
COMMAND = f"""
import sys, torch
torch.set_num_threads(1)
from vqvae_explainer import cli
from vqvae_explainer.model.presets import PRESETS
from vqvae_explainer.training import run
small = dict(hidden_channels=4, residual_channels=2, batch_size=16)
PRESETS.update([(name, preset.model_copy(update=small)) for name, preset in PRESETS.items()])
{WITHOUT_BUNDLE}
load = run.load_mnist
run.load_mnist = lambda folder, train: load(folder, train)[:64]
sys.exit(cli.main())
"""


def test_only_the_first_process_writes_and_prints(data_dir: Path, tmp_path: Path) -> None:
    script, out = tmp_path / "narrow.py", tmp_path / "out"
    script.write_text(COMMAND)
    options = ["--name", "pair", "--epochs", "1", "--data-dir", str(data_dir), "--out", str(out), "--device", "cpu"]
    done = subprocess.run([*TORCHRUN, script, "train", *options], capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("epoch 1/1") == done.stdout.count("Wrote") == 1
    names = sorted(path.name for path in out.iterdir())
    assert names == ["pair.json", "pair.playback.json", "pair.png", "pair.safetensors"]
    _, card = load_weights(out / "pair.safetensors")
    assert card.command.startswith("torchrun --nproc-per-node 2 -m vqvae_explainer train --name pair")
    assert card.device == "2 × cpu"
    assert card.config.batch_size == 16


def test_a_trained_model_runs_from_its_bundle(data_dir: Path, tmp_path: Path) -> None:
    """Codes that are parameters, which need gradients while they are trained."""
    options = ["--preset", "explainer", "--epochs", "1", "--data-dir", str(data_dir), "--out", str(tmp_path)]
    command = [sys.executable, "-c", COMMAND.replace(WITHOUT_BUNDLE, ""), "train", *options, "--device", "cpu"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr
    explained = load_models(tmp_path)["explainer"]
    assert isinstance(explained, BundledModel)
    assert explained.detail["playback"]


def test_killed_twenty_times(data_dir: Path, tmp_path: Path) -> None:
    script = Path(__file__).with_name("killed.py")
    done = subprocess.run([sys.executable, script, tmp_path, data_dir], capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["problems"] == [], (result, done.stderr)
    assert result["kills"] >= 20
    assert result["resumed"] >= 5
    assert result["files"] == ["tiny.json", "tiny.playback.json", "tiny.png", "tiny.safetensors"]
