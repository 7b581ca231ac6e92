"""Every notebook is stored clean and runs from top to bottom."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from vqvae_explainer.model.weights import load_weights

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SMALL = {
    "EPOCHS": "2",
    "STEPS_PER_EPOCH": "102",  # past the first look for dead codes
    "HIDDEN_CHANNELS": "8",
    "STEPS": "12",
    "OMP_NUM_THREADS": "1",  # so small a model is slower on several
}
WRITES = {"train.ipynb": ["notebook"]}  # weights that a notebook leaves in its OUT
CELL_SECONDS = 300

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)


def read(path: Path) -> NotebookNode:
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    return notebook


def printed(notebook: NotebookNode) -> str:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(output["text"] for output in outputs if output["output_type"] == "stream")


def test_there_are_notebooks() -> None:
    assert {path.name for path in NOTEBOOKS} == {"train.ipynb", "quantizer.ipynb", "collapse.ipynb"}


@every_notebook
def test_is_stored_in_the_current_format_for_any_python_3_kernel(path: Path) -> None:
    notebook = read(path)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    ids = [cell.id for cell in notebook.cells]
    assert len(ids) == len(set(ids))


@every_notebook
def test_stores_no_outputs_and_no_pictures(path: Path) -> None:
    for cell in read(path).cells:
        assert not cell.get("outputs"), cell.id
        assert cell.get("execution_count") is None, cell.id
        assert "attachments" not in cell, cell.id
        assert "data:image" not in cell.source, cell.id


@every_notebook
def test_runs_from_top_to_bottom(
    path: Path, data_dir: Path, weights_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "runs"
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    files = {"DATA_DIR": str(data_dir), "OUT": str(out), "WEIGHTS": str(weights_dir / "tiny.safetensors")}
    for name, value in (SMALL | files).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MPLBACKEND", raising=False)  # the kernel chooses the one that draws into the notebook
    before = sorted(os.listdir(FOLDER))

    notebook = read(path)
    client = NotebookClient(notebook, timeout=CELL_SECONDS, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()  # raises CellExecutionError, which shows the cell, when one fails

    assert "Warning" not in printed(notebook)
    assert sorted(os.listdir(FOLDER)) == before
    written = sorted(out.glob("*.safetensors"))
    assert [weights.stem for weights in written] == WRITES.get(path.name, [])
    for weights in written:
        model, card = load_weights(weights)
        assert model.config.name == weights.stem
        assert len(card.history) == int(SMALL["EPOCHS"])
