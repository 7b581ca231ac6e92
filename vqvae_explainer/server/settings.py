"""What a server can be told, by `serve`'s options or by environment variables."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ..resources import resource


class Settings(BaseSettings):
    """Each field can be set as VQVAE_EXPLAINER_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="VQVAE_EXPLAINER_")

    weights: Path = Field(
        default_factory=lambda: resource("weights"), description="A weights file, or a folder of them."
    )
