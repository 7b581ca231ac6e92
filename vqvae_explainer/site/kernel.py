"""What the page's own kernel (static/kernel/) can run. A test holds these lists to the kernel's tables."""

from ..errors import UserError
from ..model.config import Config

ARCHITECTURES = ("residual", "strided", "minimal", "mlp", "hierarchical")
OUTPUTS = ("sigmoid", "tanh", "linear")


def check_kernel(config: Config) -> None:
    """Check that the kernel can run a model.

    Raises:
        UserError: it lacks the architecture or the output.
    """
    for kind, name, known in (
        ("architecture", config.architecture, ARCHITECTURES),
        ("output", config.output, OUTPUTS),
    ):
        if name not in known:
            raise UserError(
                f'The model {config.name} cannot be exported: the page\'s kernel has no {kind} "{name}" '
                f"(it has {', '.join(known)}). Add it to static/kernel/architectures.js."
            )
