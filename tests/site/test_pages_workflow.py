"""The workflow that publishes the page."""

import re
import shlex

from tests.conftest import ROOT
from vqvae_explainer.cli import build_parser

WORKFLOW = (ROOT / ".github" / "workflows" / "pages.yml").read_text(encoding="utf-8")


def test_the_command_parses_and_its_folder_is_published() -> None:
    (command,) = re.findall(r"^ +- run: vqvae-explainer (.*)$", WORKFLOW, re.MULTILINE)
    options = build_parser().parse_args(shlex.split(command))
    assert WORKFLOW.count(f"path: {options.folder}\n") == 2  # the last export is restored, and the new one published


def test_no_host_is_named() -> None:
    assert "://" not in WORKFLOW
    assert re.findall(r"pip install.*", WORKFLOW) == ["pip install ."]
