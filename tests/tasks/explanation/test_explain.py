"""What an explanation holds, what it does without, and what it looks like."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from axone.errors import DataError, UsageError
from axone.graph import Conv2d, Flatten, Input, Linear, Model
from axone.tasks.classification.settings import ImageClassificationSettings
from axone.tasks.explanation.explain import Explainer
from axone.tasks.explanation.figures import as_map, maps_sheet, overlay, scaled, side_by_side

FACTS = {"input": [1, 12, 12], "classes": ["Bag", "Coat", "Shoe"], "mean": [0.3], "std": [0.4]}


def gone():
    raise DataError("There is no folder 'photos'.")


def graph():
    torch.manual_seed(5)
    x = Input(1, 12, 12)
    h = Conv2d(4, 3, activation="tanh", name="conv")(x)
    return Model(x, Linear(3)(Linear(10, activation="tanh", name="dense")(Flatten()(h)))).eval()


def module():
    torch.manual_seed(5)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.Tanh(), nn.Flatten(), nn.Linear(400, 3)).eval()


class Behind(nn.Module):
    """A graph with something behind it that has no gradients."""

    def __init__(self, classes=3):
        super().__init__()
        self.cnn, self.classes = graph(), classes

    def forward(self, images):
        return (self.cnn(images)[:, : self.classes] > 0).float()


@pytest.fixture
def picture():
    return np.random.default_rng(1).integers(0, 256, (12, 12), dtype=np.uint8)


def explainer(network, facts=FACTS):
    return Explainer(network, ImageClassificationSettings(), facts, gone)


@pytest.mark.parametrize("make", [graph, module])
def test_it_holds_what_the_methods_say(make, picture):
    network = make()
    found = explainer(network)(picture)
    inputs = (torch.from_numpy(picture)[None, None].float() / 255 - 0.3) / 0.4
    black = torch.full_like(inputs, -0.3 / 0.4)
    with torch.no_grad():
        logits, dark = network(inputs)[0], network(black)[0]
    best = int(logits.argmax())
    assert found.label == found.predicted == FACTS["classes"][best]
    assert found.probability == pytest.approx(float(logits.softmax(0)[best]), abs=1e-6)
    assert found.pixels.shape == (12, 12, 1) and (found.pixels[..., 0] == picture).all()
    assert found.grad_cam.shape == found.occlusion.shape == (12, 12) and found.integrated_gradients.shape == (12, 12, 1)
    total = float(logits[best] - dark[best])
    assert found.integrated_gradients.sum() + found.missing == pytest.approx(total, abs=1e-4)
    assert found.maps.shape == (4, 10, 10)
    assert found.nearest == () and found.notes == ("No nearest training pictures: There is no folder 'photos'.",)


def test_another_class_and_another_layer(picture):
    network = graph()
    found = explainer(network)(picture, label="Coat", layer="dense", nearest=0)
    assert found.label == "Coat" and found.layer == "dense" and found.notes == ()
    assert found.maps.size >= 10 and np.count_nonzero(found.maps) == 10
    likeliest = explainer(network)(picture, nearest=0)
    assert likeliest.predicted == found.predicted
    others = [name for name in FACTS["classes"] if name != likeliest.label]
    assert explainer(network)(picture, label=others[0], nearest=0).probability < likeliest.probability


def test_what_has_no_gradients_is_explained_by_the_graph_below_it(picture):
    found = explainer(Behind())(picture, nearest=0)
    assert found.grad_cam is not None and found.maps.shape == (4, 10, 10)
    assert "Gradients are those of the network below the trees; trees have none." in found.notes
    inputs = (torch.from_numpy(picture)[None, None].float() / 255 - 0.3) / 0.4
    below = explainer(Behind().cnn)(picture, label=found.label, nearest=0)
    assert np.allclose(found.integrated_gradients, below.integrated_gradients)
    assert found.predicted == FACTS["classes"][int(Behind()(inputs).argmax())]
    fewer = {**FACTS, "classes": ["Bag", "Coat"]}  # the graph answers about other classes than the whole
    found = explainer(Behind(2), fewer)(picture, nearest=0)
    assert found.grad_cam is None and found.integrated_gradients is None and found.occlusion.shape == (12, 12)
    assert any("no gradients" in note for note in found.notes)
    assert found.picture().width > found.picture().height


def test_wrong_names_and_pictures_are_told(picture):
    ask = explainer(graph())
    for given, words in (({"label": "shoo"}, "Did you mean 'Shoe'"), ({"layer": "cnv"}, "Did you mean 'conv'")):
        with pytest.raises(UsageError, match=words):
            ask(picture, **given)
    with pytest.raises(DataError):
        ask(np.zeros((2, 2, 2, 2), np.uint8))
    with pytest.raises(DataError, match=r"missing\.png"):
        ask("missing.png")


def test_the_pictures(picture):
    found = explainer(graph())(picture, nearest=0)
    drawn = found.pictures()
    assert set(drawn) == {"pixels", "maps"} and all(isinstance(image, Image.Image) for image in drawn.values())
    assert drawn["pixels"].width > 4 * 200  # the picture and three views of it, side by side


def test_colors_say_for_and_against():
    gray = np.full((4, 4, 1), 128, np.uint8)
    heat = np.zeros((4, 4))
    heat[0, 0], heat[3, 3] = 1, -1
    laid = overlay(gray, heat).astype(int)
    assert laid[0, 0, 0] > laid[0, 0, 2] and laid[3, 3, 2] > laid[3, 3, 0]  # red, blue
    assert (laid[1:3, 1:3] == laid[1, 1, 0]).all()  # where there is no heat, gray
    assert overlay(gray.repeat(3, axis=2), heat).shape == (4, 4, 3)


def test_scales():
    assert scaled(np.array([2.0, -4.0, 0.0])).tolist() == pytest.approx([0.5, -1, 0], abs=0.02)
    assert not scaled(np.zeros(3)).any()
    many = np.ones(1000)
    many[0] = 100
    assert scaled(many)[1] == 1.0  # one strong value does not hide all others
    assert as_map(np.arange(10.0)).shape == (1, 2, 5)
    assert maps_sheet(np.random.default_rng(0).normal(size=(100, 3, 3))).height > 100
    assert side_by_side(gray_photo(), {"one": np.ones((300, 400))}, "x").width >= 800


def gray_photo():
    return np.full((300, 400, 3), 99, np.uint8)
