"""The figures of a classifier: kernels at each check, and at the end those of its answers."""

import pytest
import torch

from axone.data.images.stream import ImageStream
from axone.engine.experiment import Experiment
from axone.engine.learner import TrainingContext
from axone.graph import Conv2d, Flatten, Input, Linear, Model
from axone.settings import Settings
from axone.tasks.classification.figures import compute_probabilities, make_figures
from axone.tasks.classification.learner import Classifier, Evaluated

CLASSES = ["Bag", "Coat", "Shoe"]


@pytest.fixture
def experiment():
    image = Input(1, 6, 6)
    network = Model(image, Linear(3)(Flatten()(Conv2d(4, 3)(image))))
    learner = Classifier(network, Settings(data="none"))
    learner.prepare(TrainingContext(torch.device("cpu"), torch.float32, 10))
    pixels = torch.randint(0, 256, (30, 6, 6, 1), dtype=torch.uint8)
    stream = ImageStream.from_pixels(pixels, torch.arange(30) % 3, batch_size=8, shuffle=False)
    return Experiment(learner, stream, stream, facts={"classes": CLASSES})


def names(experiment, final):
    with experiment.learner.checking():
        return [figure.name for figure in make_figures(experiment, final)]


def test_kernels_are_drawn_at_each_check_and_the_answers_at_the_end(experiment):
    assert names(experiment, final=False) == ["kernels"]
    assert names(experiment, final=True) == ["kernels", "confusion", "classes", "mistakes"]


def test_without_held_out_images_there_are_no_answers_to_draw(experiment):
    experiment.validation = None
    assert names(experiment, final=True) == ["kernels"]


def test_probabilities_are_those_of_evaluation_in_the_order_of_the_stream(experiment):
    with experiment.learner.checking():
        targets, probabilities, indices = compute_probabilities(experiment.learner, experiment.validation)
        batch = next(iter(experiment.validation.batches(1)))
        expected = experiment.learner.network(batch.inputs).softmax(1)
    assert indices.tolist() == list(range(30)) and targets.tolist() == [i % 3 for i in range(30)]
    assert torch.allclose(probabilities[:8], expected, atol=1e-6)


def test_logits_of_the_last_evaluation_are_used_until_the_weights_change(experiment, monkeypatch):
    learner, stream = experiment.learner, experiment.validation
    with learner.checking():
        expected = compute_probabilities(learner, stream)[1]
        learner.begin_evaluation(stream)
        for batch in stream.batches(1):
            learner.eval_step(batch)
        assert learner.end_evaluation() == {}
        calls, evaluate = [], learner.evaluate_logits
        monkeypatch.setattr(learner, "evaluate_logits", lambda inputs: calls.append(1) or evaluate(inputs))
        assert torch.equal(compute_probabilities(learner, stream)[1], expected) and not calls
        other = ImageStream.from_pixels(stream.pixels, stream.labels, batch_size=8, shuffle=False)
        compute_probabilities(learner, other)
        assert len(calls) == 4
        learner.load_weights({f"network.{name}": value * 2 for name, value in learner.network.state_dict().items()})
        assert not torch.equal(compute_probabilities(learner, stream)[1], expected) and len(calls) == 8


def test_too_many_logits_are_not_kept(experiment):
    evaluated = Evaluated(experiment.validation, most=89)
    for batch in experiment.validation.batches(1):
        evaluated.add(batch.targets, torch.zeros(len(batch.targets), 3))
    assert not evaluated.logits and not evaluated.is_complete
