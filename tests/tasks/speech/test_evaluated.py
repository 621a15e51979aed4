"""The outputs of a network for a split."""

from __future__ import annotations

import torch

from axone.engine.context import BuildContext
from axone.engine.learner import TrainingContext
from axone.systems import speech
from axone.tasks.speech.evaluated import EvaluatedRecordings, read_features
from tests.helpers.data.recordings import ensure_tones


def test_outputs_belong_to_their_recordings():
    torch.manual_seed(0)
    experiment = speech.build(speech.Settings(data=str(ensure_tones()), units=8, channels=8), BuildContext())
    experiment.learner.prepare(TrainingContext(torch.device("cpu"), torch.float32, 1))
    evaluated = EvaluatedRecordings.of(experiment)
    assert sorted(evaluated.indices.tolist()) == sorted(experiment.test.indices.tolist())
    network = experiment.learner.network.eval()
    features = read_features(experiment.test, evaluated.indices)
    for output, row in zip(evaluated.outputs, features, strict=True):
        with torch.inference_mode():
            alone = network(row[None], torch.tensor([len(row)]))[0]
        torch.testing.assert_close(output, alone, atol=1e-5, rtol=1e-5)


def test_there_may_be_nothing_held_out():
    settings = speech.Settings(data=str(ensure_tones()), units=8, channels=8, test=0, validation=0)
    assert EvaluatedRecordings.of(speech.build(settings, BuildContext())) is None
