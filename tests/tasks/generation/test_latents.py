"""Latent vectors depend on purpose and row only; classes come in turn."""

import torch

from axone.tasks.generation.latents import cycle_classes, sample_latents


def test_a_row_does_not_depend_on_the_number_of_rows():
    assert torch.equal(sample_latents(3, 8, 7), sample_latents(10, 8, 7)[:3])


def test_another_seed_or_another_purpose_gives_other_vectors():
    assert not torch.equal(sample_latents(3, 8, 7), sample_latents(3, 8, 8))
    assert not torch.equal(sample_latents(3, 8, 7, "wall"), sample_latents(3, 8, 7))


def test_the_vectors_are_standard_normal():
    many = sample_latents(400, 50, 0)
    assert abs(float(many.mean())) < 0.02 and abs(float(many.std()) - 1) < 0.02


def test_classes_begin_again_after_the_last_one():
    assert cycle_classes(7, 3).tolist() == [0, 1, 2, 0, 1, 2, 0]
