"""The seed, the threads and the device that a training begins with."""

import torch

from axone.engine.machine.prepare import prepare_machine
from axone.settings import Settings


def test_the_same_seed_gives_the_same_random_numbers():
    before = torch.get_num_threads()
    try:
        settings = Settings(seed=11, device="cpu", precision="float32", threads=1)
        assert prepare_machine(settings) == (torch.device("cpu"), torch.float32)
        first = torch.rand(3)
        prepare_machine(settings)
        assert torch.equal(torch.rand(3), first) and torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


def test_a_resumed_run_uses_the_number_of_threads_it_began_with():
    before = torch.get_num_threads()
    try:
        prepare_machine(Settings(device="cpu"), {"threads": 3})
        assert torch.get_num_threads() == 3
        prepare_machine(Settings(device="cpu", threads=2), {"threads": 3})
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
