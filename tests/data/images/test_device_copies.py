"""Pixels have one copy on each device, and stay where they are when they do not fit there."""

import gc
import weakref

import torch

from axone.data.images.device_copies import copy_to_device

META = torch.device("meta")


def test_all_callers_share_one_copy():
    pixels, others = torch.zeros(3, 2), torch.zeros(3, 2)
    first = copy_to_device(pixels, META)
    assert first.device == META and copy_to_device(pixels, META) is first
    assert copy_to_device(others, META) is not first
    assert copy_to_device(pixels, torch.device("cpu")) is pixels


def test_a_copy_is_freed_with_its_pixels():
    pixels = torch.zeros(3, 2)
    copy = weakref.ref(copy_to_device(pixels, META))
    assert copy() is not None
    del pixels
    gc.collect()
    assert copy() is None


def test_pixels_that_do_not_fit_stay_where_they_are(monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (100, 1000))
    large, device = torch.zeros(51, dtype=torch.uint8), torch.device("cuda", 0)
    assert copy_to_device(large, device) is large
