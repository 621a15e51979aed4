"""Random states."""

import random

import numpy
import torch

from axone.engine.machine import seeds


def draws():
    return random.random(), float(numpy.random.rand()), torch.rand(1).item()


def test_random_states_return_to_the_bit():
    seeds.seed_everything(11)
    draws()
    state = seeds.random_state()
    first = draws()
    seeds.restore_random_state(state)
    assert draws() == first
    seeds.seed_everything(11)
    draws()
    with seeds.preserve_random_state():
        draws()
    assert draws() == first


def test_the_seed_of_a_shard_depends_on_each_of_its_parts():
    seeds_drawn = {
        seeds.shard_seed(*parts) for parts in ((0, 1, 0, 0), (1, 1, 0, 0), (0, 2, 0, 0), (0, 1, 1, 0), (0, 1, 0, 1))
    }
    assert len(seeds_drawn) == 5 and all(0 <= seed < 2**63 for seed in seeds_drawn)


def test_the_state_of_another_device_is_neither_saved_nor_needed():
    state = seeds.random_state(torch.device("cpu"))
    assert set(state) == {"python", "numpy", "torch"}
    seeds.restore_random_state({**state, "cuda": torch.zeros(16, dtype=torch.uint8)}, torch.device("cpu"))
