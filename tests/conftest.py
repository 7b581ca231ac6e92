"""Fixtures for all tests: MNIST, tiny models on disk, an application that serves them, and servers as processes."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
import torch
from fastapi.testclient import TestClient
from torch import Tensor

from vqvae_explainer.explain.live import LiveModel
from vqvae_explainer.explain.loading import load_models
from vqvae_explainer.explain.models import ExplainedModel
from vqvae_explainer.model import hierarchical
from vqvae_explainer.model.card import Epoch, Hierarchy, LevelMetrics, Metrics, ModelCard, hash_of
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.grid import MAIN, grids_of
from vqvae_explainer.model.playback import Playback, Snapshot, SnapshotLosses
from vqvae_explainer.model.prior import Prior
from vqvae_explainer.model.prior_card import PriorCard, PriorEpoch, PriorMetrics
from vqvae_explainer.model.prior_config import PriorConfig
from vqvae_explainer.model.prior_weights import save_prior
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.model.weights import load_weights, save_weights
from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.settings import Settings
from vqvae_explainer.training.prior.networks import to_numpy

ROOT = Path(__file__).parent.parent
DATA_VARIABLE = "VQVAE_EXPLAINER_DATA_DIR"
START_SECONDS = 120  # importing PyTorch on a busy machine is slow

torch.set_num_threads(1)  # test models are too small to gain from threads


def missing(advice: str) -> NoReturn:
    """Skip the test that lacks a prerequisite; in CI, fail it."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(advice)


def find_data_dir() -> Path | None:
    named = os.environ.get(DATA_VARIABLE)
    usual = (ROOT.parent / "shared" / "mnist", Path.home() / ".cache" / "vqvae-explainer")
    for path in (Path(named),) if named else usual:
        if (path / "MNIST" / "raw").is_dir():
            return path.absolute()
    return None


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder that holds MNIST/raw; servers as processes know it too."""
    found = find_data_dir()
    if found is not None:
        return found
    missing(f"MNIST is missing: set {DATA_VARIABLE} to the folder that holds MNIST/raw")


@pytest.fixture(scope="session")
def digits(data_dir: Path) -> Tensor:
    """MNIST's test digits: (10000, 1, 28, 28), uint8."""
    from vqvae_explainer.training.data import load_mnist

    return load_mnist(data_dir, train=False)


@pytest.fixture(scope="session")
def train_digits(data_dir: Path) -> Tensor:
    """MNIST's training digits: (60000, 1, 28, 28), uint8."""
    from vqvae_explainer.training.data import load_mnist

    return load_mnist(data_dir, train=True)


@pytest.fixture(scope="session")
def test_labels(data_dir: Path) -> Tensor:
    """The classes of MNIST's test digits: (10000,)."""
    from vqvae_explainer.training.data import load_labels

    return load_labels(data_dir, train=False)


@pytest.fixture(scope="session")
def train_labels(data_dir: Path) -> Tensor:
    """The classes of MNIST's training digits: (60000,)."""
    from vqvae_explainer.training.data import load_labels

    return load_labels(data_dir, train=True)


def blobs(number: int, seed: int = 0) -> Tensor:
    """Random smooth pictures, (number, 1, 28, 28) uint8, for tests that do not need digits."""
    noise = torch.rand(number, 1, 7, 7, generator=torch.Generator().manual_seed(seed))
    smooth = torch.nn.functional.interpolate(noise, size=(28, 28), mode="bilinear")
    return ((smooth - 0.4).clamp(0, 0.3) / 0.3 * 255).round().to(torch.uint8)


@pytest.fixture(scope="session")
def drawings() -> list[bytes]:
    """Eight pictures in the interface's format: 784 bytes each."""
    return [bytes(picture.flatten().tolist()) for picture in blobs(8, seed=1)]


def tiny_config(name: str = "tiny", **changes: object) -> Config:
    """The default configuration with few channels."""
    small = {"hidden_channels": 8, "residual_channels": 4, "residual_blocks": 1, "title": "Tiny", "description": "Test"}
    return Config.model_validate({"name": name, **small, **changes})


@pytest.fixture(scope="session")
def make_config() -> Callable[..., Config]:
    return tiny_config


def tiny_model(config: Config) -> VQVAE:
    """A seeded, untrained model. Its codes are encoder outputs, so that different drawings get different codes."""
    torch.manual_seed(config.seed)
    model = hierarchical.make_model(config)
    known: list[Tensor] = []
    with torch.no_grad():
        for level in model.levels:
            features = level.encoder(blobs(64).float() / 255, *known)
            vectors = level.quantizer(features).feature_vectors
            level.quantizer.initialize(vectors, torch.Generator().manual_seed(config.seed))
            known.append(level.quantizer(features).quantized.permute(0, 3, 1, 2))
    return model.eval().requires_grad_(False)


TINY_USAGE = "AQACAA=="  # of two codes in one cell; nothing checks that it fits a model


def tiny_card(config: Config) -> ModelCard:
    """A card with invented metrics."""
    size = config.num_embeddings
    level = LevelMetrics(
        codes_used=size,
        perplexity=float(size),
        quantization_error=0.5,
        margin=0.5,
        code_usage=[1 / size] * size,
        code_usage_inked=[1 / size] * size,
        code_usage_by_cell=TINY_USAGE,
    )
    others = {id: level for id in grids_of(config) if id != MAIN}
    figures = Metrics(
        **level.model_dump(),
        test_mse=0.05,
        bits_per_image=200.0,
        compression_ratio=31.0,
        locality=0.5,
        parameters=sum(parameter.numel() for parameter in hierarchical.make_model(config).parameters()),
        auroc=0.5,
        error_percentiles=[n / 1000 for n in range(101)],
        levels=others,
        hierarchy=Hierarchy(top_alone_mse=0.1, bottom_alone_mse=0.2, top_shuffled_mse=0.3) if others else None,
    )
    epochs = [
        Epoch(
            epoch=number,
            reconstruction=0.1 / number,
            codebook=0.2 / number,
            commitment=0.2 / number,
            perplexity=float(size),
            codes_used=size,
            revived_codes=0,
            images_per_second=1000.0,
        )
        for number in (1, 2)
    ]
    return ModelCard(
        config=config,
        command="vqvae-explainer train",
        versions={"torch": "2"},
        device="cpu",
        data_md5={},
        figures=figures,
        history=epochs,
    )


@pytest.fixture(scope="session")
def make_card() -> Callable[[Config], ModelCard]:
    return tiny_card


@pytest.fixture(scope="session")
def make_model() -> Callable[[Config], VQVAE]:
    return tiny_model


def tiny_playback(name: str) -> Playback:
    """A recorded training of three snapshots, with invented values."""
    snapshots = [
        Snapshot(
            step=step,
            epoch=step / 4,
            losses=SnapshotLosses(reconstruction=0.1 / (step + 1), codebook=0.2, commitment=0.2),
            perplexity=2.0 + step,
            codes_used=2 + step,
            usage=[0.05] * 20,
            positions=[(float(code), float(step)) for code in range(20)],
            features=[(float(row % 7), float(row // 7)) for row in range(49)],
            reconstructions=b64encode(bytes(784)).decode(),
        )
        for step in (0, 1, 4)
    ]
    originals = b64encode(bytes(784)).decode()
    return Playback(name=name, total_steps=4, digits=[0], originals=originals, snapshots=snapshots)


@pytest.fixture(scope="session")
def make_playback() -> Callable[[str], Playback]:
    return tiny_playback


def tiny_prior(weights: Path) -> None:
    """Write a seeded, untrained prior with invented metrics beside the weights of a model."""
    grids = grids_of(load_weights(weights)[1].config)
    main = grids[MAIN]
    config = PriorConfig(
        model=weights.stem,
        model_sha256=hash_of(weights.read_bytes()),
        height=main.height,
        width=main.width,
        coarse={level: grid.shape for level, grid in grids.items() if level != MAIN},
        num_embeddings=main.num_embeddings,
        channels=8,
        layers=1,
        heads=2,
    )
    torch.manual_seed(0)
    network = Prior(config).requires_grad_(False)
    torch.nn.init.normal_(network.logits.bias)  # some codes are more probable than others
    bits = [200 + n / 10 for n in range(101)]
    numbers = {name: 0.5 for name, field in PriorMetrics.model_fields.items() if field.annotation is float}
    metrics = PriorMetrics(**numbers, parameters=1000, bits_percentiles=bits, excess_percentiles=bits)
    size, cells = main.num_embeddings, config.cells
    card = PriorCard(
        config=config,
        command="vqvae-explainer train-prior",
        versions={"torch": "2"},
        device="cpu",
        data_md5={},
        code_usage=[1 / size] * size * len(grids),
        position_usage=[[[1 / size] * size] * cells] * 10,
        metrics=metrics,
        history=[PriorEpoch(epoch=1, bits=200, digits_per_second=1000)],
    )
    save_prior(to_numpy(network), card, weights.parent)


@pytest.fixture(scope="session")
def make_prior() -> Callable[[Path], None]:
    return tiny_prior


@pytest.fixture(scope="session")
def weights_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights and cards of two tiny models: `tiny`, and `other` with another seed, 12 codes, no playback and no prior.

    All tests share this folder: do not write to it.
    """
    folder = tmp_path_factory.mktemp("weights")
    for config, others in (
        (tiny_config(), {"playback.json": tiny_playback("tiny").to_bytes()}),
        (tiny_config("other", num_embeddings=12, seed=1), {}),
    ):
        save_weights(tiny_model(config), tiny_card(config), folder, others)
    tiny_prior(folder / "tiny.safetensors")
    (folder / "unfinished.checkpoint.safetensors").write_bytes(b"not a model to serve")
    return folder


@pytest.fixture(scope="session")
def hierarchy_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights and card of `hierarchy`, a tiny model with two levels: 4×4 over 7×7. Do not write to this folder."""
    folder, config = tmp_path_factory.mktemp("hierarchy"), tiny_config("hierarchy", architecture="hierarchical")
    save_weights(tiny_model(config), tiny_card(config), folder)
    return folder


@pytest.fixture(scope="session")
def hierarchy(hierarchy_dir: Path) -> LiveModel:
    """The model `hierarchy`, loaded as by the server."""
    return LiveModel(*load_weights(hierarchy_dir / "hierarchy.safetensors"))


@pytest.fixture(scope="session")
def tiny(weights_dir: Path) -> LiveModel:
    """The model `tiny`, loaded as by the server."""
    return LiveModel(*load_weights(weights_dir / "tiny.safetensors"))


@pytest.fixture(scope="session")
def tiny_served(weights_dir: Path) -> ExplainedModel:
    """The model `tiny` with its prior."""
    return load_models(weights_dir)["tiny"]


@pytest.fixture(scope="session")
def other(weights_dir: Path) -> LiveModel:
    """The model `other`, loaded as by the server."""
    return LiveModel(*load_weights(weights_dir / "other.safetensors"))


@pytest.fixture(scope="session")
def client(weights_dir: Path) -> Iterator[TestClient]:
    """A client of an application with the two tiny models. Its default is `other`, the first by name."""
    with TestClient(create_app(Settings(weights=weights_dir))) as client:
        yield client


class Server:
    """`vqvae-explainer serve` in its own process."""

    def __init__(self, weights: Path | None, python: str = sys.executable, cwd: Path | None = None) -> None:
        self._command = [python, "-m", "vqvae_explainer", "serve"]
        if weights is not None:
            self._command += ["--weights", str(weights)]
        self._cwd = cwd
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.errors = ""  # its standard error, available after its end

    @property
    def port(self) -> int:
        """The port of the latest start."""
        return int(self.url.rsplit(":", 1)[1])

    def start(self, port: int = 0) -> None:
        """Start, and wait for the ready line. Port 0 takes a free one."""
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by terminate()
        found = find_data_dir()
        self._process = subprocess.Popen(
            [*self._command, "--port", str(port)],
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            cwd=self._cwd,
            env={**os.environ, DATA_VARIABLE: str(found)} if found else None,
        )
        assert self._process.stdout is not None
        timer = threading.Timer(START_SECONDS, self._process.kill)
        timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        if "ready" not in line:
            self.kill()
            pytest.fail(f"the server did not start: {line}{self.errors}")
        self.url = next(word for word in line.split() if word.startswith("http://"))
        # `localhost` may resolve to ::1 first, where another process may listen.
        self.url = self.url.replace("localhost", "127.0.0.1")

    def terminate(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end. Returns the exit status, 0 if it was not running."""
        if self._process is None:
            return 0
        self._process.send_signal(how)
        try:
            status = self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._errors.seek(0)
            self.errors = self._errors.read()
            self._errors.close()
            self._process = None
        return status

    def kill(self) -> int:
        """End it as a crash does (SIGKILL)."""
        return self.terminate(signal.SIGKILL)


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Start a server; kill it at the end of the `with` block."""
    server.start()
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="session")
def make_server() -> Callable[..., AbstractContextManager[Server]]:
    """Run a server for the time of a `with` block, with the arguments of `Server`."""
    return lambda *arguments, **options: running(Server(*arguments, **options))


@pytest.fixture(scope="session")
def server(weights_dir: Path) -> Iterator[Server]:
    """A server with the tiny models that all tests share: do not stop it."""
    with running(Server(weights_dir)) as server:
        yield server


@pytest.fixture
def own_server(weights_dir: Path) -> Iterator[Server]:
    """A server with the tiny models that the test may stop and start again."""
    with running(Server(weights_dir)) as server:
        yield server
