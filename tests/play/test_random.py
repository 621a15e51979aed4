"""Random numbers by counter: the published numbers of splitmix64, and streams that do not depend on what was drawn."""

import torch

from axone.play.random import make_keys, random_bits, random_integers, uniform

# The first outputs of splitmix64 with the seed 1234567, from the reference implementation (Vigna, public domain).
PUBLISHED = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]


def test_the_numbers_are_those_of_splitmix64():
    bits = random_bits(torch.tensor(1234567), torch.arange(5))
    assert [value % 2**64 for value in bits.tolist()] == PUBLISHED


def test_uniform_numbers_fill_the_unit_interval():
    numbers = uniform(make_keys(3, 64)[:, None], torch.arange(1000))
    assert numbers.min() >= 0 and numbers.max() < 1
    assert abs(numbers.mean() - 0.5) < 0.01 and abs(numbers.std() - 12**-0.5) < 0.01


def test_integers_are_below_their_count_which_may_differ_by_copy():
    counts = torch.tensor([1, 2, 7])
    drawn = random_integers(make_keys(0, 3)[:, None], torch.arange(500), counts[:, None])
    assert drawn.amax(1).tolist() == [0, 1, 6] and drawn.min() == 0


def test_a_stream_is_a_function_of_its_key_alone():
    few, many = make_keys(5, 2), make_keys(5, 100)
    assert torch.equal(few, many[:2])
    assert len(set(make_keys(6, 100).tolist()) & set(many.tolist())) == 0
