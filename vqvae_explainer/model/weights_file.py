"""A weights file and its card, which need no PyTorch."""

from pathlib import Path

from pydantic import ValidationError
from safetensors import SafetensorError, safe_open

from ..errors import UserError
from ..files import finish_replacing
from .card import hash_of, load_card
from .config import Config

SUFFIX = "safetensors"


class WeightsFile:
    """The content of `<name>.safetensors`, and the card beside it; later changes of the files do not matter.

    Raises:
        UserError: a file is missing or damaged, or the card and the weights are not from the same training.
    """

    def __init__(self, path: Path) -> None:
        finish_replacing(path.parent, path.stem)
        if not path.is_file():
            raise UserError(f"There are no weights at {path}. Expected a .safetensors file written by `train`.")
        self.path = path
        self.card = load_card(path.with_suffix(".json"))
        try:
            with safe_open(path, framework="np") as file:
                config = Config.model_validate_json((file.metadata() or {}).get("config", ""))
            self.content = path.read_bytes()
        except (SafetensorError, OSError) as error:
            raise UserError(f"The weights {path} are damaged ({error}). Copy or train them again.") from error
        except ValidationError as error:
            raise UserError(f"The weights {path} contain no configuration that this version can read.") from error
        self.sha256 = hash_of(self.content)
        self._compare(config)

    @property
    def name(self) -> str:
        return self.card.config.name

    def beside(self, suffix: str) -> Path:
        """Path of another file of the model."""
        return self.path.with_suffix(f".{suffix}")

    def _compare(self, config: Config) -> None:
        card = self.beside("json").name
        if config != self.card.config:
            raise UserError(
                f"The weights {self.path} have another configuration than {card} beside them. "
                "Both files must be from the same training run."
            )
        if self.card.sha256 and self.card.sha256.get(SUFFIX) != self.sha256:
            raise UserError(
                f"The weights {self.path} do not have the SHA-256 that {card} beside them names. "
                "Both files must be from the same training run."
            )
