"""Predictions: views, unreadable inputs, batches, and the module that answers, exported."""

import numpy as np
import pytest
import torch

from axone import catalogue
from axone.errors import DataError
from axone.graph import Conv2d, Flatten, Input, Linear, Model
from axone.settings import resolve
from axone.tasks.answers import Prediction
from axone.tasks.classification.predict import answering, predict, rank_classes
from axone.tasks.classification.settings import ImageClassificationSettings

FACTS = {"input": [1, 12, 12], "classes": ["Bag", "Coat", "Shoe"], "mean": [0.3], "std": [0.4]}
PIXELS = torch.randint(0, 256, (7, 12, 12, 1), dtype=torch.uint8, generator=torch.Generator().manual_seed(2))


@pytest.fixture
def network():
    image = Input(1, 12, 12)
    return Model(image, Linear(3)(Flatten()(Conv2d(4, 3, activation="relu")(image))))


def test_views_are_averaged_before_the_softmax():
    class LeftAndRight(torch.nn.Module):
        """The sums of the left and of the right half of an image are the two logits."""

        def __init__(self):
            super().__init__()
            self.bias = torch.nn.Parameter(torch.zeros(1))

        def forward(self, x):
            return torch.stack([x[..., 0].sum((1, 2)), x[..., 1].sum((1, 2))], 1) + self.bias

    facts = {"input": [1, 2, 2], "classes": ["left", "right"], "mean": [0.0], "std": [1.0]}
    image = np.array([[255, 0], [255, 0]], dtype=np.uint8)
    (alone,) = predict(LeftAndRight(), ImageClassificationSettings(), facts, [image])
    (both,) = predict(LeftAndRight(), ImageClassificationSettings(flip=True), facts, [image])
    assert alone.label == "left" and alone.probability == pytest.approx(np.exp(2) / (np.exp(2) + 1), rel=1e-5)
    assert both.probability == pytest.approx(0.5)
    assert [name for name, _probability in alone.top(2)] == ["left", "right"]


def test_answers_of_a_batch_are_those_of_single_images(network):
    settings = ImageClassificationSettings(flip=True)
    together = predict(network, settings, FACTS, list(PIXELS))
    single = [predict(network, settings, FACTS, [image])[0] for image in PIXELS]
    assert [answer.label for answer in together] == [answer.label for answer in single]
    for one, other in zip(together, single, strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-6)


def test_unreadable_inputs_keep_their_errors_in_their_places(network, tmp_path):
    (tmp_path / "text.png").write_text("not an image")
    inputs = [PIXELS[0], tmp_path / "text.png", PIXELS[1].numpy(), tmp_path / "missing.png"]
    answers = predict(network, ImageClassificationSettings(), FACTS, inputs)
    assert [isinstance(answer, DataError) for answer in answers] == [False, True, False, True]
    assert "text.png" in answers[1].what and "missing.png" in answers[3].what


def test_predict_leaves_the_network_in_evaluation_mode_and_its_weights_alone(network):
    before = {name: value.clone() for name, value in network.state_dict().items()}
    predict(network.train(), ImageClassificationSettings(), FACTS, [PIXELS[0]])
    assert not network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_classes_are_ranked_by_their_probability():
    answer = rank_classes(torch.tensor([0.2, 0.5, 0.3]), ["a", "b", "c"])
    assert answer == Prediction("b", 0.5, {"b": 0.5, "c": pytest.approx(0.3), "a": pytest.approx(0.2)})


SYSTEMS = [
    ("cnn", {"channels": (4, 8), "dense": (8,)}),
    ("cnn", {"preset": "fast", "channels": (4, 8, 8)}),
    ("vgg", {"variant": "11-bn", "width": 0.125}),
    ("resnet", {"width": 0.125}),
    ("inception", {"width": 0.125}),
    ("mobilenet", {"variant": "v3-small", "width": 0.125}),
    ("cnn_xgboost", {"channels": (4, 8), "rounds": 4, "tree_depth": 3}),
    ("mlp", {"units": (16,)}),
]


@pytest.mark.parametrize(("name", "changes"), SYSTEMS, ids=[f"{name}-{i}" for i, (name, _given) in enumerate(SYSTEMS)])
@pytest.mark.parametrize("flip", [False, True])
def test_the_answer_of_each_classifier_is_exported_with_a_dynamic_batch(name, changes, flip):
    system = catalogue.load(catalogue.find(name))
    settings = resolve(system.Settings, {**changes, "flip": flip})
    network = system.model(settings, FACTS)
    if name == "cnn_xgboost":
        grow_trees(network)
    answer = system.answering(network, settings, FACTS)
    program = torch.export.export(answer, (PIXELS[:2],), dynamic_shapes=({0: torch.export.Dim("batch")},))
    with torch.no_grad():
        expected = answer(PIXELS)
        assert torch.allclose(program.module()(PIXELS), expected, atol=1e-6)
    assert expected.shape == (7, 3) and torch.allclose(expected.sum(1), torch.ones(7))
    ranked = [rank_classes(row, FACTS["classes"]) for row in expected]
    assert [one.label for one in ranked] == [
        one.label for one in system.predict(network, settings, FACTS, list(PIXELS))
    ]


def grow_trees(network):
    """Fill the forest of a network with three of its four rounds."""
    import xgboost

    images = answering(network, ImageClassificationSettings(), FACTS).normalize(PIXELS)
    with torch.no_grad():
        features = network.features(images).numpy()
    options = {"objective": "multi:softprob", "num_class": 3, "base_score": 0.0, "max_depth": 3, "nthread": 1}
    network.forest.copy_from(xgboost.train(options, xgboost.DMatrix(features, [0, 1, 2, 0, 1, 2, 0]), 3))
