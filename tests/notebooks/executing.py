"""Executes notebooks in small, for test_notebooks.py and tests/soak/test_notebooks.py."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
EPOCHS = 2
SMALL = {
    "EPOCHS": str(EPOCHS),
    "STEPS_PER_EPOCH": "102",  # past the first check for dead codes
    "HIDDEN_CHANNELS": "8",
    "STEPS": "12",
    "OMP_NUM_THREADS": "1",  # faster for such a small model
}
CELL_SECONDS = 300


def read(path: Path) -> NotebookNode:
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    return notebook


def execute(path: Path, data_dir: Path, weights: Path, folder: Path) -> list[Path]:
    """Execute a notebook in `folder` with `weights`; return the weights that it writes.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed; the message contains the cell.
    """
    out = folder / "runs"
    files = {"DATA_DIR": str(data_dir), "OUT": str(out), "WEIGHTS": str(weights)}
    before = sorted(os.listdir(FOLDER))
    notebook = read(path)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR"):
            patch.setenv(name, str(folder / name.lower()))
        for name, value in (SMALL | files).items():
            patch.setenv(name, value)
        patch.delenv("MPLBACKEND", raising=False)  # the kernel chooses the backend that draws into the notebook
        NotebookClient(notebook, timeout=CELL_SECONDS, resources={"metadata": {"path": str(folder)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    printed = "\n".join(output["text"] for output in outputs if output["output_type"] == "stream")
    assert "Warning" not in printed
    assert sorted(os.listdir(FOLDER)) == before
    return sorted(out.glob("*.safetensors"))
