"""Notebooks are stored without outputs; the cells of the short ones are run here; Jupyter runs all in tests/soak."""

from pathlib import Path

import pytest

from tests.notebooks.executing import FOLDER, NOTEBOOKS, read, run_cells

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)


def test_there_are_notebooks() -> None:
    assert {path.name for path in NOTEBOOKS} == {"train.ipynb", "quantizer.ipynb", "collapse.ipynb", "generate.ipynb"}


@every_notebook
def test_format(path: Path) -> None:
    notebook = read(path)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    ids = [cell.id for cell in notebook.cells]
    assert len(ids) == len(set(ids))
    for cell in notebook.cells:
        assert not cell.get("outputs"), cell.id
        assert cell.get("execution_count") is None, cell.id
        assert "attachments" not in cell, cell.id
        assert "data:image" not in cell.source, cell.id


@every_notebook
def test_imports_exist(path: Path) -> None:
    """A renamed function breaks a notebook, also those that are not executed here."""
    imports = next(cell.source for cell in read(path).cells if cell.id == "imports")
    exec(imports, {})


def test_quantizer_notebook(data_dir: Path, weights_dir: Path, tmp_path: Path) -> None:
    run_cells(FOLDER / "quantizer.ipynb", data_dir, weights_dir / "tiny.safetensors", tmp_path)


def test_generate_notebook(data_dir: Path, weights_dir: Path, tmp_path: Path) -> None:
    run_cells(FOLDER / "generate.ipynb", data_dir, weights_dir / "tiny.safetensors", tmp_path)
