import numpy as np
import torch

from axone.data.audio.duplicates import find_duplicates


def test_copies_in_two_splits_or_with_two_targets():
    hashes = np.array([[key] * 16 for key in (1, 1, 2, 2, 3, 3, 4)], np.uint8)
    splits = {"train": torch.tensor([0, 2, 4, 5]), "test": torch.tensor([1, 3])}
    assert find_duplicates(hashes, ["a", "a", "b", "c", "d", "d", "d"], splits) == ((0, 1), (2, 3))
    assert find_duplicates(hashes, list("aabbde."), {"train": torch.arange(6)}) == ((4, 5),)
