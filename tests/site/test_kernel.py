import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from vqvae_explainer.errors import UserError
from vqvae_explainer.model.architectures import ARCHITECTURES
from vqvae_explainer.model.config import Config
from vqvae_explainer.resources import resource
from vqvae_explainer.site import kernel

DENO = Path(sys.executable).parent / "deno"
LIST = (
    "import { ARCHITECTURES, OUTPUTS } from %s; console.log(JSON.stringify([ARCHITECTURES, OUTPUTS].map(Object.keys)));"
)


def test_lists_are_those_of_the_kernel_and_of_the_model() -> None:
    module = (resource("static") / "kernel" / "architectures.js").as_uri()
    command = [DENO, "eval", "--no-remote", LIST % json.dumps(module)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == [list(kernel.ARCHITECTURES), list(kernel.OUTPUTS)]
    assert set(kernel.ARCHITECTURES) == set(ARCHITECTURES)
    assert set(kernel.OUTPUTS) == set(get_args(Config.model_fields["output"].annotation))


@pytest.mark.parametrize(("field", "name"), [("architecture", "transformer"), ("output", "softmax")])
def test_other_models_are_refused_by_name(make_config: Callable[..., Config], field: str, name: str) -> None:
    config = make_config("mine")
    kernel.check_kernel(config)
    with pytest.raises(UserError, match=f'The model mine cannot be exported: .* has no {field} "{name}"'):
        kernel.check_kernel(config.model_copy(update={field: name}))
