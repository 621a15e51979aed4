"""Layers of graphs and of other modules by name, and their outputs as feature vectors."""

import pytest
import torch
from torch import nn

import axone
from axone.errors import UsageError
from axone.graph import Activation, Conv2d, Dropout, Flatten, GlobalMaxPool2d, Input, Linear, MaxPool2d, Model
from axone.tasks.explanation.features import Layers, compute_activations, compute_features, flatten_features


def small(dropout=False):
    x = Input(1, 8, 8)
    h = MaxPool2d(2)(Conv2d(4, 3, padding="same", activation="relu", name="conv")(x))
    h = Linear(6, activation="relu", name="dense")(Flatten(name="flat")(h))
    if dropout:
        h = Dropout(0.5)(h)
    return Model(x, Linear(3, name="head")(h)).eval()


def two_heads():
    x = Input(1, 8, 8)
    h = Conv2d(4, 3, name="first")(x)
    side = Linear(3, name="side")(GlobalMaxPool2d()(Conv2d(5, 3, name="aside")(h)))
    main = Activation("relu", name="last")(Conv2d(6, 3, name="second")(h))
    return Model(x, (Linear(3, name="head")(GlobalMaxPool2d(name="pool")(main)), side)).eval()


def plain():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5), nn.Tanh(), nn.Linear(5, 3)
    ).eval()


def test_the_penultimate_layer():
    assert Layers(small(), (1, 8, 8)).penultimate == "dense"
    assert Layers(small(dropout=True), (1, 8, 8)).penultimate == "dense"
    assert Layers(two_heads(), (1, 8, 8)).penultimate == "pool"
    assert Layers(plain(), (1, 8, 8)).penultimate == "4"


def test_the_last_feature_maps_are_on_a_path_to_the_main_head_and_not_pooled():
    assert Layers(small(), (1, 8, 8)).last_maps == "conv"
    assert Layers(two_heads(), (1, 8, 8)).last_maps == "last"
    assert Layers(plain(), (1, 8, 8)).last_maps == "1"
    x = Input(3)
    assert Layers(Model(x, Linear(2)(x)), (3,)).last_maps is None


def test_the_feature_maps_from_which_features_come():
    layers = Layers(small(), (1, 8, 8))
    assert layers.find_maps("conv").name == "conv"
    assert layers.find_maps("flat").name == "max_pool2d_1"
    assert layers.find_maps("dense") is None
    assert Layers(two_heads(), (1, 8, 8)).find_maps("pool").name == "last"


def test_an_unknown_layer_is_an_error_with_the_most_similar_name():
    for network, wrong, right in ((small(), "dence", "dense"), (plain(), "44", "4")):
        with pytest.raises(UsageError) as refused:
            Layers(network, (1, 8, 8)).find(wrong)
        assert f"Did you mean '{right}'" in refused.value.what and right in refused.value.expected
    assert Layers(small(), (1, 8, 8)).find("dense").shape == (6,)


def test_a_module_that_runs_twice_is_listed_once():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.head, self.relu = nn.Conv2d(1, 1, 3, padding=1), nn.Linear(64, 2), nn.ReLU()

        def forward(self, x):
            return self.head(self.relu(self.conv(self.relu(self.conv(x)))).flatten(1))

    layers = Layers(Twice().eval(), (1, 8, 8))
    assert list(layers.by_name) == ["conv", "relu", "head"] and layers.penultimate == "relu"


@pytest.mark.parametrize(("make", "layer"), [(small, "conv"), (plain, "1"), (two_heads, "second")])
def test_activations_and_logits_are_those_of_the_network(make, layer):
    network, images = make(), torch.randn(5, 1, 8, 8)
    logits, result = compute_activations(network, images, [layer])
    expected = network(images)
    expected = expected[0] if isinstance(expected, tuple) else expected
    assert torch.allclose(logits, expected, atol=1e-6)
    assert result[layer].shape[:1] == (5,) and result[layer].requires_grad
    with torch.autocast("cpu", dtype=torch.bfloat16):  # features ignore autocast
        assert torch.equal(compute_features(network, images, layer), flatten_features(result[layer]))


def test_feature_vectors_are_in_channel_order_and_large_maps_are_averaged():
    maps = torch.randn(2, 100, 9, 9)
    flat = flatten_features(maps)
    assert flat.shape == (2, 100 * 9)  # 3 x 3 is the finest grid with at most 1,024 numbers
    assert torch.allclose(flat.reshape(2, 100, 3, 3)[:, 7, 0, 2], maps[:, 7, :3, 6:].mean((1, 2)), atol=1e-6)
    assert torch.equal(flatten_features(maps[:, :12]), maps[:, :12].flatten(1))
    assert flatten_features(torch.randn(2, 2000)).shape == (2, 2000)
    assert flatten_features(torch.randn(1, 3000, 4, 4)).shape == (1, 3000)


@pytest.mark.parametrize("name", ["cnn", "cnn_xgboost", "inception", "mobilenet", "resnet", "vgg"])
def test_the_systems_networks_have_features_and_maps(name):
    network = axone.network(name, input=(1, 32, 32), classes=4, device="meta")
    network = next(part for part in network.modules() if isinstance(part, Model))
    layers = Layers(network, (1, 32, 32))
    assert len(layers.by_name[layers.penultimate].shape) == 1
    assert layers.by_name[layers.last_maps].has_maps
