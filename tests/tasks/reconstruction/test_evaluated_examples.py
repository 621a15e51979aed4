"""The examples that the figures of an autoencoder draw: order, positions, and the outputs of the network."""

import numpy as np
import pytest
import torch

from axone.data.tables.row_stream import RowStream
from axone.engine.experiment import Experiment
from axone.systems.autoencoder import AutoencoderLearner
from axone.tasks.reconstruction.evaluated_examples import Reconstructor
from axone.tasks.reconstruction.latent_network import reconstruct
from tests.helpers.networks.autoencoders import build_autoencoder


@pytest.fixture
def model():
    network, settings, facts = build_autoencoder("table", latent=3)
    generator = torch.Generator().manual_seed(0)
    train, test = (
        RowStream(torch.randn(count, 7, generator=generator), torch.arange(count) % 2, batch_size=16, shuffle=False)
        for count in (40, 50)
    )
    return Reconstructor(Experiment(AutoencoderLearner(network, settings), train, None, test, facts))


def test_the_test_set_is_evaluated_in_its_own_order(model):
    with torch.no_grad():
        examples, expected = model.evaluate(), reconstruct(model.network, model.stream.inputs)
    np.testing.assert_allclose(examples.scores, expected.errors, rtol=1e-5)
    torch.testing.assert_close(examples.latents, expected.latents.double(), rtol=1e-5, atol=1e-6)
    assert examples.labels.tolist() == [k % 2 for k in range(50)]


def test_inputs_are_found_by_their_positions_across_batches(model):
    assert torch.equal(model.inputs_at(np.array([3, 15, 16, 49])), model.stream.inputs[[3, 15, 16, 49]])


def test_some_inputs_are_evenly_spaced(model):
    assert len(model.some_inputs) == 24 and torch.equal(model.some_inputs[-1], model.stream.inputs[-1])


def test_rows_are_no_images(model):
    assert not model.is_image and model.anomalies == []
