"""The named configurations that `train --preset` knows."""

from .config import Config

DEFAULT = "residual-20"

PRESETS: dict[str, Config] = {
    preset.name: preset
    for preset in (
        Config(
            name="residual-20",
            title="Residual, 20 codes",
            description=(
                "The VQ-VAE paper's residual encoder and decoder at the explainer paper's size: "
                "20 codes of 16 numbers on a 7×7 grid, learned by exponential moving averages."
            ),
        ),
    )
}
