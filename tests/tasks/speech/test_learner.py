"""The training steps."""

from __future__ import annotations

import torch

from axone.data.audio.stream import AudioBatch
from axone.engine.learner import TrainingContext
from axone.systems.speech import Settings, model
from axone.tasks.speech.data import CLASSES, SYMBOLS
from axone.tasks.speech.learner import RecordingClassifier, Transcriber, compute_ctc


def make_batch(targets, target_lengths):
    inputs = torch.randn(2, 40, 8, generator=torch.Generator().manual_seed(0))
    return AudioBatch(inputs, torch.tensor([40, 28]), targets, target_lengths, torch.tensor([0, 1]))


def test_ctc_is_the_probability_of_all_paths():
    logits = torch.randn(1, 2, 3)
    probabilities = logits[0].softmax(1)
    batch = make_batch(torch.tensor([[1]]), torch.tensor([1]))
    paths = [(1, 1), (1, 0), (0, 1)]
    expected = -sum(probabilities[0, one] * probabilities[1, other] for one, other in paths).log()
    torch.testing.assert_close(compute_ctc(logits, torch.tensor([2]), batch), expected)


def test_a_target_that_became_too_long_counts_nothing():
    batch = make_batch(torch.tensor([[1, 1]]), torch.tensor([2]))
    assert float(compute_ctc(torch.randn(1, 2, 3), torch.tensor([2]), batch)) == 0


def test_a_transcriber_learns_its_batch_and_says_when_everything_is_blank():
    torch.manual_seed(0)
    texts: list[str] = []
    facts = {"task": SYMBOLS, "symbols": ["a", " "], "stride": 4, "bands": 8, "frames": 40}
    settings = Settings(units=16, channels=16, schedule="constant", learning_rate=0.02, dropout=0)
    learner = Transcriber(model(settings, facts), settings, facts["symbols"], ["a a", "a"])
    learner.prepare(TrainingContext(torch.device("cpu"), torch.float32, 60, texts.append))
    batch = make_batch(torch.tensor([[1, 2, 1], [1, 0, 0]]), torch.tensor([3, 1]))
    for _number in range(2):
        learner.begin_evaluation(None)
        with learner.checking():
            learner.eval_step(batch)
        assert learner.end_evaluation() == {"symbol_error_rate": 1.0, "word_error_rate": 1.0}
    assert len(texts) == 1 and "blank" in texts[0]
    with learner.training():
        for _step in range(60):
            learner.train_step(batch)
    learner.begin_evaluation(None)
    with learner.checking():
        learner.eval_step(batch)
    assert learner.end_evaluation() == {"symbol_error_rate": 0.0, "word_error_rate": 0.0}


def test_a_classifier_learns_its_batch():
    torch.manual_seed(0)
    facts = {"task": CLASSES, "classes": ["a", "b"], "bands": 8, "frames": 40}
    settings = Settings(units=8, channels=8, schedule="constant", learning_rate=0.02)
    learner = RecordingClassifier(model(settings, facts), settings)
    learner.prepare(TrainingContext(torch.device("cpu"), torch.float32, 20))
    batch = make_batch(torch.tensor([0, 1]), torch.tensor([1, 1]))
    with learner.training():
        for _step in range(20):
            learner.train_step(batch)
    with learner.checking():
        metrics = learner.eval_step(batch)
    assert float(metrics["accuracy"]) == 1 and float(metrics["loss"]) < 0.4
