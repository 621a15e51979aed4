"""A network with trees: its own head while the forest is empty, the trees afterwards."""

import torch
import xgboost

from axone.graph import Conv2d, GlobalMaxPool2d, Input, Linear, Model
from axone.tasks.trees.forest import Forest
from axone.tasks.trees.network import TreesOnFeatures


def make_network():
    x = Input(1, 6, 6)
    cnn = Model(x, Linear(2, name="head")(GlobalMaxPool2d(name="pool")(Conv2d(3, 3)(x))))
    return TreesOnFeatures(cnn, "pool", Forest(4, 2, 2))


def test_the_head_answers_until_the_trees_are_there():
    network, images = make_network().eval(), torch.randn(5, 1, 6, 6)
    features = network.features(images)
    assert features.shape == (5, 3) and torch.equal(network(images), network.cnn(images))
    matrix = xgboost.DMatrix(features.detach().numpy(), [0, 1, 0, 1, 1])
    options = {"objective": "multi:softprob", "num_class": 2, "base_score": 0.0, "max_depth": 2, "nthread": 1}
    network.forest.copy_from(xgboost.train(options, matrix, 3))
    assert torch.equal(network(images), network.forest(features))
    assert torch.equal(network.train()(images), network.cnn(images))  # gradients never reach trees
