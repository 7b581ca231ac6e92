"""A small classifier of digits that judges samples. It is a part of evaluation; the page does not use it.

Its weights are beside this file. Train them again, in a few minutes, with
`python -m vqvae_explainer.training.prior.classifier`.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR
from tqdm import tqdm

from ...files import replacing
from ..data import default_data_dir, load_labels, load_mnist
from ..loop import reproducible

WEIGHTS = Path(__file__).with_name("classifier.safetensors")
CLASSIFYING_BATCH = 500
EPOCHS, TRAINING_BATCH, PEAK_RATE, MAX_SHIFT = 6, 128, 3e-3, 2


class Classifier(nn.Module):
    """Three convolutions with pooling, then two linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            *stage(1, 16, kernel_size=5),  # (B, 1, 28, 28) → (B, 16, 14, 14)
            *stage(16, 48, kernel_size=3),  # (B, 48, 7, 7)
            *stage(48, 64, kernel_size=3),  # (B, 64, 3, 3)
        )
        self.hidden = nn.Linear(64 * 3 * 3, 64)
        self.logits = nn.Linear(64, 10)

    def features(self, input: Tensor) -> Tensor:
        """The features (B, 64) of digits (B, 1, 28, 28) with ink in [0, 1]."""
        return F.relu(self.hidden(self.convolutions(input).flatten(1)))

    def forward(self, input: Tensor) -> Tensor:
        """The logits (B, 10) of digits (B, 1, 28, 28) with ink in [0, 1]."""
        logits: Tensor = self.logits(self.features(input))
        return logits


def stage(inputs: int, outputs: int, kernel_size: int) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(inputs, outputs, kernel_size, padding="same")
    return convolution, nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)


@torch.no_grad()
def judge(classifier: Classifier, pictures: Tensor) -> tuple[Tensor, Tensor]:
    """Classes (N,) and features (N, 64) of pictures (N, 1, 28, 28) with ink in [0, 1]."""
    features = torch.cat([classifier.features(batch) for batch in torch.split(pictures, CLASSIFYING_BATCH)])
    return classifier.logits(features).argmax(dim=1), features


def load_classifier() -> Classifier:
    classifier = Classifier()
    classifier.load_state_dict(load_file(WEIGHTS))
    return classifier.eval().requires_grad_(False)


def train_classifier(digits: Tensor, labels: Tensor, epochs: int = EPOCHS) -> Classifier:
    """Train on digits (N, 1, 28, 28) of bytes and their classes (N,), shifted by up to two pixels."""
    torch.manual_seed(0)
    classifier = Classifier().train()
    optimizer = AdamW(classifier.parameters(), lr=PEAK_RATE, fused=True)
    steps = len(digits) // TRAINING_BATCH
    schedule = OneCycleLR(optimizer, PEAK_RATE, total_steps=steps * epochs)
    with reproducible(torch.device("cpu")), tqdm(total=steps * epochs, unit="batch") as bar:
        for _ in range(epochs):
            order = torch.randperm(len(digits))[: steps * TRAINING_BATCH]
            for rows in torch.split(order, TRAINING_BATCH):
                down, right = torch.randint(-MAX_SHIFT, MAX_SHIFT + 1, (2,)).tolist()
                input = digits[rows].float().div(255).roll((down, right), dims=(2, 3))  # digits have empty margins
                loss = F.cross_entropy(classifier(input), labels[rows], label_smoothing=0.05)
                optimizer.zero_grad()
                torch.autograd.backward(loss)
                optimizer.step()
                schedule.step()
                bar.update()
    return classifier.eval().requires_grad_(False)


def main() -> None:
    data_dir = default_data_dir()
    classifier = train_classifier(load_mnist(data_dir, train=True), load_labels(data_dir, train=True))
    classes, _ = judge(classifier, load_mnist(data_dir, train=False).float() / 255)
    accuracy = (classes == load_labels(data_dir, train=False)).double().mean().item()
    with replacing(WEIGHTS) as temporary:
        save_file(classifier.state_dict(), temporary)
    print(f"Accuracy {accuracy:.4f} on the test digits. Wrote {WEIGHTS}.")


if __name__ == "__main__":
    main()
