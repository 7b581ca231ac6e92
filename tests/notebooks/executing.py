"""Runs notebooks in small, for test_notebooks.py and tests/soak/test_notebooks.py."""

import os
import warnings
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


def run_cells(path: Path, data_dir: Path, weights: Path, folder: Path) -> None:
    """Run the cells of a notebook in this process: Jupyter would start another one, which imports PyTorch again."""
    from matplotlib import pyplot

    names: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # libraries' among one another, which notebooks do not show
        set_variables(patch, data_dir, weights, folder)
        patch.chdir(folder)
        patch.setattr(pyplot, "show", lambda: pyplot.close("all"))
        pyplot.switch_backend("agg")
        for cell in read(path).cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, f"{path.name}, cell {cell.id}", "exec"), names)
    assert list(folder.iterdir()) == []


def set_variables(patch: pytest.MonkeyPatch, data_dir: Path, weights: Path, folder: Path) -> None:
    for name, value in {
        **SMALL,
        "DATA_DIR": str(data_dir),
        "OUT": str(folder / "runs"),
        "WEIGHTS": str(weights),
    }.items():
        patch.setenv(name, value)


def execute(path: Path, data_dir: Path, weights: Path, folder: Path) -> list[Path]:
    """Execute a notebook in `folder` with `weights`; return the weights that it writes.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed; the message contains the cell.
    """
    before = sorted(os.listdir(FOLDER))
    notebook = read(path)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR"):
            patch.setenv(name, str(folder / name.lower()))
        set_variables(patch, data_dir, weights, folder)
        patch.delenv("MPLBACKEND", raising=False)  # the kernel chooses the backend that draws into the notebook
        NotebookClient(notebook, timeout=CELL_SECONDS, resources={"metadata": {"path": str(folder)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    printed = "\n".join(output["text"] for output in outputs if output["output_type"] == "stream")
    assert "Warning" not in printed
    assert sorted(os.listdir(FOLDER)) == before
    return sorted((folder / "runs").glob("*.safetensors"))
