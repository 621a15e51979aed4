"""Raw values in, reconstructions and anomaly scores out; the same in an export with a dynamic batch."""

import pytest
import torch
from torch.export import Dim, export
from torch.utils._pytree import tree_leaves

from axone.data.images.normalize import normalize
from axone.systems import autoencoder
from axone.tasks.answers import to_uint8
from axone.tasks.reconstruction.answering import answering
from axone.tasks.reconstruction.latent_network import reconstruct
from tests.helpers.networks.autoencoders import build_autoencoder, random_inputs


@pytest.mark.parametrize("preset", autoencoder.Settings.PRESETS)
def test_every_preset_is_exported_with_a_dynamic_batch(preset):
    network, settings, facts = build_autoencoder(preset)
    module = answering(network, settings, facts)
    example = random_inputs(facts, 3)
    program = export(module, example, dynamic_shapes=tuple({0: Dim("batch")} for _ in example))
    for count in (2, 5):
        inputs = random_inputs(facts, count, seed=count)
        for answer, exported in zip(tree_leaves(module(*inputs)), tree_leaves(program.module()(*inputs)), strict=True):
            torch.testing.assert_close(exported, answer, equal_nan=True)


def test_images_are_normalized_reconstructed_and_compared_with_the_threshold():
    network, settings, facts = build_autoencoder("default")
    (images,) = random_inputs(facts, 4)
    expected = reconstruct(network, normalize(images, facts["mean"], facts["std"]))
    reconstructions, anomalies = answering(network, settings, facts)(images)
    assert torch.equal(reconstructions, to_uint8(expected.outputs))
    assert torch.equal(anomalies.scores, expected.errors) and torch.equal(anomalies.latents, expected.latents)
    assert torch.equal(anomalies.above_threshold, expected.errors > network.threshold)
    assert torch.equal(anomalies.ranks, network.rank(expected.errors))


def test_nothing_is_above_a_threshold_that_was_not_fitted():
    network, settings, facts = build_autoencoder("default")
    network.threshold.zero_()
    _images, anomalies = answering(network, settings, facts)(*random_inputs(facts, 4))
    assert not anomalies.above_threshold.any()


def test_the_errors_of_a_row_add_up_to_its_score():
    network, settings, facts = build_autoencoder("table")
    numbers, categories, anomalies, errors = answering(network, settings, facts)(*random_inputs(facts, 4))
    assert numbers.shape == (4, 2) and numbers.dtype == torch.float64 and categories.shape == (4, 1)
    torch.testing.assert_close(errors.mean(1), anomalies.scores)
