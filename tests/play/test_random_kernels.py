"""Random numbers of kernels: the bits of the tensor functions."""

import numpy
import torch

from axone.play import random as reference
from axone.play.compilation import arrays, kernel
from axone.play.random_kernels import random_bits, random_integer, uniform


@kernel
def fill(keys, counters, bits, units, integers):
    for i in range(len(keys)):
        bits[i] = random_bits(keys[i], counters[i])
        units[i] = uniform(keys[i], counters[i])
        integers[i] = random_integer(keys[i], counters[i], 1000)


def test_the_bits_are_those_of_the_tensor_functions():
    keys = torch.cat([reference.make_keys(4, 5000), torch.tensor([0, -1, 2**63 - 1, -(2**63)])])
    counters = torch.arange(len(keys))
    bits, integers, units = torch.empty_like(keys), torch.empty_like(keys), torch.empty(len(keys), dtype=torch.float64)
    fill(*arrays(keys, counters, bits, units, integers))
    assert torch.equal(bits, reference.random_bits(keys, counters))
    assert torch.equal(units, reference.uniform(keys, counters))
    assert torch.equal(integers, reference.random_integers(keys, counters, 1000))


def test_without_compilation_the_bits_are_the_same():
    with numpy.errstate(over="ignore"):
        for key, counter in ((3, 0), (-(2**62), 5), (2**63 - 1, 10**12)):
            assert random_bits.py_func(numpy.int64(key), counter) == random_bits(key, counter)
