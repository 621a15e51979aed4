"""Latent vectors depend on purpose and row only; classes come in turn."""

import torch

from axone.tasks.generation.latents import cycle_classes, interpolate, sample_latents


def test_a_row_does_not_depend_on_the_number_of_rows():
    assert torch.equal(sample_latents(3, 8, 7), sample_latents(10, 8, 7)[:3])


def test_another_seed_or_another_purpose_gives_other_vectors():
    assert not torch.equal(sample_latents(3, 8, 7), sample_latents(3, 8, 8))
    assert not torch.equal(sample_latents(3, 8, 7, "samples"), sample_latents(3, 8, 7))


def test_the_vectors_are_standard_normal():
    many = sample_latents(400, 50, 0)
    assert abs(float(many.mean())) < 0.02 and abs(float(many.std()) - 1) < 0.02


def test_classes_begin_again_after_the_last_one():
    assert cycle_classes(7, 3).tolist() == [0, 1, 2, 0, 1, 2, 0]


def test_interpolation_keeps_the_ends_and_stays_on_the_sphere():
    start, end = torch.tensor([3.0, 0.0, 0.0]), torch.tensor([0.0, 3.0, 0.0])
    latents = interpolate(start, end, 5)
    assert torch.allclose(latents[0], start) and torch.allclose(latents[-1], end, atol=1e-6)
    assert torch.allclose(latents.norm(dim=1), torch.tensor(3.0))
    assert torch.allclose(latents[2], torch.tensor([1.0, 1.0, 0.0]) * 3 / 2**0.5)


def test_interpolation_between_equal_vectors_is_that_vector():
    start = torch.tensor([3.0, 0.0, 0.0])
    assert torch.allclose(interpolate(start, start, 4), start.expand(4, 3), atol=1e-3)
