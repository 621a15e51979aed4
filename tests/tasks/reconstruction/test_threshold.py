"""The threshold is a quantile of the errors of held-out examples, or of training examples without any."""

import pytest
import torch

from axone.data.tables.row_stream import RowStream
from axone.engine.experiment import Experiment, FinishContext
from axone.systems.autoencoder import AutoencoderLearner
from axone.tasks.reconstruction.latent_network import reconstruct
from axone.tasks.reconstruction.threshold import fit_threshold
from tests.helpers.networks.autoencoders import build_autoencoder


def fit(validation, quantile=0.9):
    network, settings, facts = build_autoencoder("table", quantile=quantile)
    learner, logged = AutoencoderLearner(network, settings), []
    learner.context = type(learner.context)(torch.device("cpu"), torch.float32, 1, logged.append)
    streams = [RowStream(rows, torch.zeros(len(rows), dtype=torch.int64), batch_size=64)
               for rows in (torch.randn(80, 7), torch.randn(300, 7))]  # fmt: skip
    experiment = Experiment(learner, streams[0], streams[1] if validation else None, facts=facts)
    fit_threshold(experiment, FinishContext(0.0, lambda *_: None), settings)
    return network, streams[validation], logged


def test_the_requested_share_of_held_out_examples_is_below_it():
    network, stream, (text,) = fit(validation=True)
    errors = reconstruct(network, stream.inputs).errors.detach()
    assert float((errors > network.threshold).float().mean()) == pytest.approx(0.1, abs=0.01)
    assert "300 held-out examples" in text and "rough estimate" not in text


def test_without_validation_data_the_training_examples_are_used():
    network, stream, (text,) = fit(validation=False)
    errors = reconstruct(network, stream.inputs).errors.detach()
    assert float(network.error_quantiles[-1]) == pytest.approx(float(errors.max()))
    assert "training examples" in text and "80 examples this is a rough estimate" in text
