"""Layers by name, of graphs and of other modules, and their answers as vectors."""

import pytest
import torch
from torch import nn

import axone
from axone.data.images.stream import ImageStream
from axone.errors import UsageError
from axone.graph import Activation, Conv2d, Dropout, Flatten, GlobalMaxPool2d, Input, Linear, MaxPool2d, Model
from axone.tasks.explanation.features import Layers, answers, features, gather, in_order, vector


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


def test_the_last_layer_before_the_head():
    assert Layers(small(), (1, 8, 8)).before_the_head == "dense"
    assert Layers(small(dropout=True), (1, 8, 8)).before_the_head == "dense"
    assert Layers(two_heads(), (1, 8, 8)).before_the_head == "pool"
    assert Layers(plain(), (1, 8, 8)).before_the_head == "4"


def test_the_last_maps_lead_to_the_main_head_and_are_not_pooled():
    assert Layers(small(), (1, 8, 8)).last_maps == "conv"
    assert Layers(two_heads(), (1, 8, 8)).last_maps == "last"
    assert Layers(plain(), (1, 8, 8)).last_maps == "1"
    x = Input(3)
    assert Layers(Model(x, Linear(2)(x)), (3,)).last_maps is None


def test_the_maps_behind_features():
    layers = Layers(small(), (1, 8, 8))
    assert layers.maps_behind("conv").name == "conv"
    assert layers.maps_behind("flat").name == "max_pool2d_1"
    assert layers.maps_behind("dense") is None
    assert Layers(two_heads(), (1, 8, 8)).maps_behind("pool").name == "last"


def test_an_unknown_layer_is_told_with_the_nearest():
    for network, wrong, right in ((small(), "dence", "dense"), (plain(), "44", "4")):
        with pytest.raises(UsageError) as refused:
            Layers(network, (1, 8, 8)).require(wrong)
        assert f"Did you mean '{right}'" in refused.value.what and right in refused.value.expected
    assert Layers(small(), (1, 8, 8)).require("dense").shape == (6,)


def test_a_module_that_works_twice_is_listed_once():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.head, self.relu = nn.Conv2d(1, 1, 3, padding=1), nn.Linear(64, 2), nn.ReLU()

        def forward(self, x):
            return self.head(self.relu(self.conv(self.relu(self.conv(x)))).flatten(1))

    layers = Layers(Twice().eval(), (1, 8, 8))
    assert list(layers.all) == ["conv", "relu", "head"] and layers.before_the_head == "relu"


@pytest.mark.parametrize(("make", "layer"), [(small, "conv"), (plain, "1"), (two_heads, "second")])
def test_answers_are_those_of_the_network_itself(make, layer):
    network, images = make(), torch.randn(5, 1, 8, 8)
    logits, found = answers(network, images, [layer])
    expected = network(images)
    expected = expected[0] if isinstance(expected, tuple) else expected
    assert torch.allclose(logits, expected, atol=1e-6)
    assert found[layer].shape[:1] == (5,) and found[layer].requires_grad
    with torch.autocast("cpu", dtype=torch.bfloat16):  # features are the same in any precision around them
        assert torch.equal(features(network, images, layer), vector(found[layer]))


def test_vectors_keep_channels_together_and_large_maps_become_coarse():
    maps = torch.randn(2, 100, 9, 9)
    flat = vector(maps)
    assert flat.shape == (2, 100 * 9)  # 3 x 3 is the finest grid with at most 1,024 numbers
    assert torch.allclose(flat.reshape(2, 100, 3, 3)[:, 7, 0, 2], maps[:, 7, :3, 6:].mean((1, 2)), atol=1e-6)
    assert torch.equal(vector(maps[:, :12]), maps[:, :12].flatten(1))
    assert vector(torch.randn(2, 2000)).shape == (2, 2000)
    assert vector(torch.randn(1, 3000, 4, 4)).shape == (1, 3000)


def test_gathering_takes_each_picture_once_as_it_is():
    pixels = torch.arange(7, dtype=torch.uint8)[:, None, None, None].repeat(1, 2, 2, 1)
    stream = ImageStream(
        pixels, torch.arange(7) % 3, indices=torch.tensor([6, 1, 3, 5]), batch_size=3, drop_last=True,
        augment=lambda pixels, *_: pixels * 0, mean=(0.0,), std=(1 / 255,),
    )  # fmt: skip
    news = []
    found, targets, index = gather(
        lambda images: images[:, 0, 0, :1], in_order(stream), lambda *place: news.append(place)
    )
    assert found.flatten().tolist() == pytest.approx([6, 1, 3, 5])
    assert targets.tolist() == [0, 1, 0, 2] and index.tolist() == [6, 1, 3, 5]
    assert news == [(1, 1)]
    found, targets, index = gather(
        lambda images: images[:, 0, 0, :1], in_order(stream), views=lambda images: (images, -images)
    )
    assert found.flatten().tolist() == pytest.approx([6, 1, 3, 5, -6, -1, -3, -5])
    assert targets.tolist() == [0, 1, 0, 2] * 2 and index.tolist() == [6, 1, 3, 5] * 2
    assert stream.augment is not None and stream.batch_size == 3  # the stream itself is as it was


@pytest.mark.parametrize("name", ["cnn", "cnn_xgboost", "inception", "mobilenet", "resnet", "vgg"])
def test_the_systems_networks_have_features_and_maps(name):
    network = axone.network(name, input=(1, 32, 32), classes=4, device="meta")
    network = next(part for part in network.modules() if isinstance(part, Model))
    layers = Layers(network, (1, 32, 32))
    assert len(layers.all[layers.before_the_head].shape) == 1
    assert layers.all[layers.last_maps].has_maps
