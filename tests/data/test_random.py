"""Seeds and generators depend on their purpose alone, and are the same in every process and version."""

import subprocess
import sys

import torch

from axone.data.random import make_generator, stable_seed


def test_a_seed_depends_on_every_part_and_on_its_type():
    parts = [("order", 0, 1), ("order", 1, 0), ("order", 0, 2), ("flip", 0, 1), ("order", "0", 1), ("order", 1)]
    assert len({stable_seed(*some) for some in parts}) == len(parts)


def test_a_seed_is_the_same_in_another_process():
    code = "from axone.data.random import stable_seed; print(stable_seed('order', 7, 3))"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(output) == stable_seed("order", 7, 3)


def test_a_seed_never_changes_between_versions():  # old runs must resume with the same order
    assert stable_seed("order", 0, 0) == 4562431825188967250


def test_generators_of_the_same_parts_draw_the_same_numbers():
    first, again = (torch.rand(5, generator=make_generator("x", 1)) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, torch.rand(5, generator=make_generator("x", 2)))


def test_a_device_without_generators_uses_the_cpu():
    generator = make_generator("x", 1, device="meta")
    assert generator.device.type == "cpu"
    assert torch.equal(torch.rand(5, generator=generator), torch.rand(5, generator=make_generator("x", 1)))
