"""`python -m benchmarks.zoo`: the table of all shipped models, from their cards."""

from vqvae_explainer.model.card import LevelMetrics, Metrics, ModelCard, load_card
from vqvae_explainer.model.presets import PRESETS
from vqvae_explainer.resources import resource

HEAD = (
    "| model | epochs | test MSE | codes used | perplexity | bits | ratio | parameters | AUROC | the reference says |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def line(card: ModelCard) -> str:
    """A model's row of the table."""
    config, figures = card.config, card.figures
    size = config.num_embeddings
    levels: dict[str, Metrics | LevelMetrics] = {"": figures, **figures.levels}  # the main level first
    cells = (
        f"`{config.name}`",
        str(config.epochs),
        f"{figures.test_mse:.5f}",
        "; ".join(f"{id} {of.codes_used} of {size} ({of.codes_used / size:.1%})".strip() for id, of in levels.items()),
        "; ".join(f"{id} {of.perplexity:.1f}".strip() for id, of in levels.items()),
        f"{figures.bits_per_image:.1f}",
        f"{figures.compression_ratio:.1f}",
        f"{figures.parameters:,}",
        f"{figures.auroc:.3f}",
        config.claim,
    )
    return f"| {' | '.join(cells)} |"


def table() -> str:
    """The whole table, models in the order of the presets."""
    weights = resource("weights")
    cards = (load_card(weights / f"{name}.json") for name in PRESETS if (weights / f"{name}.json").is_file())
    return "\n".join([HEAD, *map(line, cards)])


if __name__ == "__main__":
    print(table())
