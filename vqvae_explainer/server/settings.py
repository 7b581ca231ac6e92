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
    max_clients: int = Field(512, ge=1, description="Pages that each worker takes; others are told to come later.")
    allowed_origins: str = Field(
        "",
        description="Other sites whose pages may use the stream, such as https://school.example, separated by spaces.",
    )
    frame_ancestors: str = Field(
        "'self'",
        pattern=r"^[^;,\x00-\x1f\x7f-\U0010ffff]+$",
        description="Sites that may embed the page, as in a Content-Security-Policy: 'self' https://school.example",
    )
    ping_seconds: float = Field(
        20, gt=0, description="Pages are pinged after this time, and let go if they do not answer within as much."
    )
