"""Decoding sampled latents: images and rows, the same for the same seed, and only from a variational network."""

import numpy as np
import pytest

from axone.errors import UsageError
from axone.tasks.reconstruction.generate import generate_examples
from tests.helpers.networks.autoencoders import build_autoencoder


def test_images_depend_on_the_seed_alone():
    network, _settings, facts = build_autoencoder("variational")
    one, again, other = (generate_examples(network, facts, count=5, label=None, seed=seed) for seed in (1, 1, 2))
    assert [example.pixels.shape for example in one] == [(28, 28, 1)] * 5
    assert all(np.array_equal(first.pixels, second.pixels) for first, second in zip(one, again))
    assert not all(np.array_equal(first.pixels, second.pixels) for first, second in zip(one, other))


def test_rows_have_the_columns_of_the_table():
    network, _settings, facts = build_autoencoder("table", beta=1.0)
    rows = generate_examples(network, facts, count=3, label=None, seed=0)
    assert [list(row.values) for row in rows] == [["age", "town", "fare"]] * 3


def test_a_network_that_is_not_variational_cannot_generate():
    network, _settings, facts = build_autoencoder("default")
    with pytest.raises(UsageError, match="cannot generate") as caught:
        generate_examples(network, facts, count=1, label=None, seed=0)
    assert "--preset variational" in caught.value.hint


def test_a_class_cannot_be_requested():
    network, _settings, facts = build_autoencoder("variational")
    with pytest.raises(UsageError, match="--class does not apply"):
        generate_examples(network, facts, count=1, label="Sneaker", seed=0)
