"""The plain PyTorch loop, as tutorials write it: DataLoader, float32, Adam with default settings.

There are two datasets: one creates a PIL image of each sample and transforms it, as torchvision's FashionMNIST with
ToTensor and Normalize does; the other has float tensors in memory, prepared before the clock starts.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from contenders.common import BATCH, RATE, Task, accuracy, network, outcome, parameters


class ImageByImage(Dataset):
    """A dataset that transforms one PIL image at a time to a normalized tensor.

    The tensor operations are those of torchvision's FashionMNIST, ToTensor and Normalize, written here because
    torchvision need not be installed; without its argument checks, and therefore slightly faster.
    """

    def __init__(self, task: Task) -> None:
        pixels, self.targets = task.train
        self.data = pixels[..., 0]
        self.mean, self.std = ([value] for value in task.mean_std)

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image, target = self.data[index], int(self.targets[index])
        return self.normalize(self.to_tensor(Image.fromarray(image.numpy()))), target

    @staticmethod
    def to_tensor(image: Image.Image) -> Tensor:
        """Convert an image of bytes to floats from 0 to 1, channels first, as ToTensor does."""
        tensor = torch.from_numpy(np.array(image, np.uint8, copy=True))
        tensor = tensor.view(image.size[1], image.size[0], 1).permute(2, 0, 1).contiguous()
        return tensor.to(torch.float32).div(255)

    def normalize(self, tensor: Tensor) -> Tensor:
        """Normalize, with tensors of mean and standard deviation created for each image, as torchvision does."""
        tensor = tensor.clone()
        mean = torch.as_tensor(self.mean, dtype=tensor.dtype, device=tensor.device)
        std = torch.as_tensor(self.std, dtype=tensor.dtype, device=tensor.device)
        if (std == 0).any():
            raise ValueError("std evaluated to zero")
        return tensor.sub_(mean.view(-1, 1, 1)).div_(std.view(-1, 1, 1))


def tensors(task: Task) -> TensorDataset:
    """Return the whole training set as normalized floats in memory."""
    pixels, labels = task.train
    return TensorDataset(task.floats(pixels), labels)


def run(task: Task, by_image: bool) -> dict[str, Any]:
    """Train and measure."""
    torch.manual_seed(task.seed)
    dataset: Dataset = ImageByImage(task) if by_image else tensors(task)
    loader = DataLoader(dataset, batch_size=BATCH, shuffle=True)
    model = network()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    seconds = []
    for _epoch in range(task.epochs):
        started = time.perf_counter()
        model.train()
        running_loss = 0.0
        for inputs, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        seconds.append(time.perf_counter() - started)
    return outcome(seconds, parameters(model), accuracy(model, task), len(task.train[1]))


def run_images(task: Task) -> dict[str, Any]:
    """Train on PIL images, transformed one by one."""
    return run(task, by_image=True)


def run_tensors(task: Task) -> dict[str, Any]:
    """Train on float tensors in memory."""
    return run(task, by_image=False)
