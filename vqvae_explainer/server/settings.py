"""Settings of the server, from environment variables or the options of `serve`."""

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ..errors import UserError
from ..resources import resource


class Settings(BaseSettings):
    """Each field can be set as VQVAE_EXPLAINER_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="VQVAE_EXPLAINER_")

    weights: Path = Field(
        default_factory=lambda: resource("weights"), description="A weights file, or a folder of them."
    )
    max_clients: int = Field(512, ge=1, description="Clients for each worker; others are refused.")
    allowed_origins: str = Field(
        "",
        description="Origins that may open the stream too, separated by spaces, such as https://school.example.",
    )
    allowed_hosts: str = Field(
        "",
        description="Names under which the server is reached, separated by spaces; * allows all.",
    )
    frame_ancestors: str = Field(
        "'self'",
        pattern=r"^[^;,\x00-\x1f\x7f-\U0010ffff]+$",
        description="Sites that may embed the page, as in a Content-Security-Policy: 'self' https://school.example.",
    )
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^\s\"'<>?#]+)?$",
        description="Address of the page, for the picture of links to it: https://school.example.",
    )
    joined: bool = Field(
        True, description="Whether the page's modules and styles are sent as few files; false sends the sources."
    )
    training: bool = Field(
        False, description="Whether visitors may train small models; `serve` allows it on a loopback address."
    )
    training_seconds: float = Field(
        180, gt=0, le=3600, description="Time after which a training of a visitor is stopped."
    )
    training_megabytes: int = Field(2048, ge=1, description="Memory that a training of a visitor may allocate.")
    ping_seconds: float = Field(
        20,
        gt=0,
        allow_inf_nan=False,
        description="Interval between pings; a client that does not answer within the same time is disconnected.",
    )


def load_settings() -> Settings:
    """The settings of the environment.

    Raises:
        UserError: a variable has an invalid value.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        variable = f"{Settings.model_config['env_prefix']}{first['loc'][0]}".upper()
        reason = first["msg"][0].lower() + first["msg"][1:]
        raise UserError(f"The environment variable {variable} cannot be {first['input']!r}: {reason}.") from error
