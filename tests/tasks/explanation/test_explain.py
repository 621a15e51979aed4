"""Explanations: their arrays, what they leave out where a network does not allow it, and their figures."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from axone.errors import DataError, UsageError
from axone.graph import Conv2d, Flatten, Input, Linear, Model
from axone.tasks.classification.settings import ImageClassificationSettings
from axone.tasks.explanation.explain import Explainer

FACTS = {"input": [1, 12, 12], "classes": ["Bag", "Coat", "Shoe"], "mean": [0.3], "std": [0.4]}


def unreadable():
    raise DataError("There is no folder 'photos'.")


def graph():
    torch.manual_seed(5)
    x = Input(1, 12, 12)
    h = Conv2d(4, 3, activation="tanh", name="conv")(x)
    return Model(x, Linear(3)(Linear(10, activation="tanh", name="dense")(Flatten()(h)))).eval()


def module():
    torch.manual_seed(5)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.Tanh(), nn.Flatten(), nn.Linear(400, 3)).eval()


class Thresholded(nn.Module):
    """A graph followed by a threshold, which has no gradients."""

    def __init__(self, classes=3):
        super().__init__()
        self.cnn, self.classes = graph(), classes

    def forward(self, images):
        return (self.cnn(images)[:, : self.classes] > 0).float()


@pytest.fixture
def image():
    return np.random.default_rng(1).integers(0, 256, (12, 12), dtype=np.uint8)


def explainer(network, facts=FACTS):
    return Explainer(network, ImageClassificationSettings(), facts, unreadable)


@pytest.mark.parametrize("make", [graph, module])
def test_the_arrays_are_those_of_the_methods(make, image):
    network = make()
    explanation = explainer(network).explain(image)
    inputs = (torch.from_numpy(image)[None, None].float() / 255 - 0.3) / 0.4
    black = torch.full_like(inputs, -0.3 / 0.4)
    with torch.no_grad():
        logits, dark = network(inputs)[0], network(black)[0]
    best = int(logits.argmax())
    assert explanation.label == explanation.predicted == FACTS["classes"][best]
    assert explanation.probability == pytest.approx(float(logits.softmax(0)[best]), abs=1e-6)
    assert explanation.pixels.shape == (12, 12, 1) and (explanation.pixels[..., 0] == image).all()
    assert explanation.grad_cam.shape == explanation.occlusion.shape == (
        12,
        12,
    ) and explanation.integrated_gradients.shape == (12, 12, 1)
    total = float(logits[best] - dark[best])
    assert explanation.integrated_gradients.sum() + explanation.residual == pytest.approx(total, abs=1e-4)
    assert explanation.maps.shape == (4, 10, 10)
    assert explanation.nearest == () and explanation.notes == (
        "No nearest training images: There is no folder 'photos'.",
    )


def test_another_class_and_another_layer(image):
    network = graph()
    explanation = explainer(network).explain(image, label="Coat", layer="dense", nearest=0)
    assert explanation.label == "Coat" and explanation.layer == "dense" and explanation.notes == ()
    assert explanation.maps.size >= 10 and np.count_nonzero(explanation.maps) == 10
    likeliest = explainer(network).explain(image, nearest=0)
    assert likeliest.predicted == explanation.predicted
    others = [name for name in FACTS["classes"] if name != likeliest.label]
    assert explainer(network).explain(image, label=others[0], nearest=0).probability < likeliest.probability


def test_a_network_without_gradients_is_explained_by_the_graph_in_it(image):
    explanation = explainer(Thresholded()).explain(image, nearest=0)
    assert explanation.grad_cam is not None and explanation.maps.shape == (4, 10, 10)
    assert "Gradients are those of the network below the trees; trees have none." in explanation.notes
    inputs = (torch.from_numpy(image)[None, None].float() / 255 - 0.3) / 0.4
    below = explainer(Thresholded().cnn).explain(image, label=explanation.label, nearest=0)
    assert np.allclose(explanation.integrated_gradients, below.integrated_gradients)
    assert explanation.predicted == FACTS["classes"][int(Thresholded()(inputs).argmax())]
    fewer = {**FACTS, "classes": ["Bag", "Coat"]}  # the graph has another number of classes than the whole network
    explanation = explainer(Thresholded(2), fewer).explain(image, nearest=0)
    assert (
        explanation.grad_cam is None
        and explanation.integrated_gradients is None
        and explanation.occlusion.shape == (12, 12)
    )
    assert any("no gradients" in note for note in explanation.notes)
    assert explanation.figure().width > explanation.figure().height


def test_unknown_names_and_unreadable_images_are_errors(image):
    explaining = explainer(graph())
    for options, words in (({"label": "shoo"}, "Did you mean 'Shoe'"), ({"layer": "cnv"}, "Did you mean 'conv'")):
        with pytest.raises(UsageError, match=words):
            explaining.explain(image, **options)
    with pytest.raises(DataError):
        explaining.explain(np.zeros((2, 2, 2, 2), np.uint8))
    with pytest.raises(DataError, match=r"missing\.png"):
        explaining.explain("missing.png")


def test_an_explanation_has_figures_of_pixels_and_maps(image):
    explanation = explainer(graph()).explain(image, nearest=0)
    drawn = explanation.figures()
    assert set(drawn) == {"pixels", "maps"} and all(isinstance(figure, Image.Image) for figure in drawn.values())
    assert drawn["pixels"].width > 4 * 200  # the image and three heat maps, side by side
