import numpy as np
import pytest
import torch

from axone.data.images.dataset import ImageDataset, Subset


def make_dataset(count=10, channels=1):
    pixels = torch.randint(0, 256, (count, 4, 5, channels), dtype=torch.uint8)
    return ImageDataset.from_pixels(pixels, torch.arange(count) % 3)


def test_subsets_share_the_data_set():
    whole = make_dataset()
    some = Subset(whole, torch.tensor([7, 2]))
    assert len(some) == 2 and some.labels.tolist() == [1, 2] and some.shape == (4, 5, 1)
    assert torch.equal(some.pixels, whole.pixels[[7, 2]])
    assert Subset.all(whole).pixels is whole.pixels  # no copy of all


def test_statistics_are_those_of_the_subset():
    whole = make_dataset(channels=3)
    members = torch.tensor([1, 5, 9])
    mean, std = whole.mean_and_std(members)
    values = whole.pixels[members].double().reshape(-1, 3) / 255
    assert mean == pytest.approx(values.mean(0).tolist(), rel=1e-12)
    assert std == pytest.approx(values.std(0, correction=0).tolist(), rel=1e-12)


def test_images_have_names():
    whole = make_dataset()
    assert whole.name(3) == "#3"
    assert (
        type(whole)(whole.pixels, whole.labels, whole.hashes, whole.statistics, lambda row: f"a/{row}").name(3) == "a/3"
    )


def test_pixels_become_contiguous():
    pixels = torch.randint(0, 256, (6, 3, 4, 4), dtype=torch.uint8).permute(0, 2, 3, 1)
    whole = ImageDataset.from_pixels(pixels, torch.zeros(6, dtype=torch.int64))
    assert whole.pixels.is_contiguous() and torch.equal(whole.pixels, pixels)
    assert whole.hashes.dtype == np.uint8 and whole.statistics.shape == (6, 3, 2)
