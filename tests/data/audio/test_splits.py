import numpy as np
import pytest
import torch

from axone.data.audio.splits import hold_out_groups, hold_out_some, select_groups
from axone.errors import DataError


def test_a_fraction_of_each_stratum():
    strata = torch.arange(100) % 4
    hashes = np.random.default_rng(0).integers(0, 256, (100, 16), np.uint8)
    out = hold_out_some(strata, hashes, 0.2, 0)
    assert torch.bincount(strata[out]).tolist() == [5, 5, 5, 5]


def test_equal_recordings_stay_together():
    strata, hashes = torch.zeros(100, dtype=torch.int64), np.repeat(np.arange(50, dtype=np.uint8), 2)[:, None]
    out = hold_out_some(strata, np.broadcast_to(hashes, (100, 16)), 0.5, 0)
    assert out.any() and out[0::2].equal(out[1::2])


def test_whole_groups_about_the_fraction():
    groups = [f"g{n % 20}" for n in range(200)]
    out = hold_out_groups(groups, 0.15, 3)
    held_out = {group for group, is_out in zip(groups, out.tolist(), strict=True) if is_out}
    assert len(held_out) == 3 and int(out.sum()) == 30
    assert not out.equal(hold_out_groups(groups, 0.15, 4))
    assert int(hold_out_groups(["a", "b"], 0.01, 0).sum()) == 1  # at least one group


def test_a_single_group_cannot_be_held_out():
    with pytest.raises(DataError, match="one group"):
        hold_out_groups(["a", "a"], 0.5, 0)


def test_groups_by_name():
    assert select_groups(["a", "b", "a"], ["a"]).tolist() == [True, False, True]
    with pytest.raises(DataError, match=r"(?s)no group 'c'.*a, b"):
        select_groups(["a", "b"], ["c"])
    with pytest.raises(DataError, match="nothing remains"):
        select_groups(["a", "b"], ["a", "b"])
