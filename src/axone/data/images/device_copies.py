"""One copy of a data set's pixels on each device, shared by all streams that read it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

LARGEST_SHARE = 0.5  # of a device's free memory that pixels may fill; the rest is for training

# Pixels in the CPU's memory -> their copies by device. An entry goes when its pixels do.
_copies: WeakTensorKeyDictionary = WeakTensorKeyDictionary()


def copy_to_device(pixels: Tensor, device: torch.device) -> Tensor:
    """Return pixels on a device, or the same pixels where they do not fit there. All callers share one copy."""
    if pixels.device.type != "cpu" or device.type == "cpu":
        return pixels.to(device)
    copies = _copies.setdefault(pixels, {})
    if device not in copies:
        if not _fits(pixels, device):
            return pixels
        copies[device] = pixels.to(device)
    return copies[device]


def _fits(pixels: Tensor, device: torch.device) -> bool:
    if device.type != "cuda":
        return True
    free, _total = torch.cuda.mem_get_info(device)
    return pixels.nbytes < LARGEST_SHARE * free
