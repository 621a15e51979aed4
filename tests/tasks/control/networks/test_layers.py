"""The layers that networks share: their shapes, and first weights."""

import pytest
import torch

from axone.graph import Input, Linear, Model
from axone.tasks.control.networks.layers import add_recurrent_layer, initialize, read_observation


@pytest.mark.parametrize("normalization", [False, True])
def test_vectors_and_pixels_become_features(normalization):
    torch.manual_seed(0)
    for shape, first in (((4,), Linear), ((2, 8, 8), None)):
        observation = Input(*shape, name="observation")
        h = read_observation(observation, (3, 5), (7, 6), "relu", normalization=normalization)
        model = Model({"observation": observation}, {"features": h})
        kinds = [record.kind for record in model.nodes]
        assert kinds.count("Conv2d") == (0 if first else 2) and kinds.count("LayerNorm") == (2 if normalization else 0)
        features = model({"observation": torch.rand(9, *shape)})["features"]
        assert features.shape == (9, 6) and (features >= 0).all() and features.max() > 0


@pytest.mark.parametrize(("cell", "parts"), [("gru", ["h"]), ("lstm", ["h", "c"])])
def test_a_recurrent_layer_returns_its_state(cell, parts):
    observation = Input(1, 4, name="observation")
    h, inputs, outputs = add_recurrent_layer(observation, cell, 6)
    assert len(outputs) == len(parts) and list(inputs) == ["lengths", *outputs]
    model = Model({"observation": observation, **inputs}, {"features": h, **outputs})
    state = {name: torch.zeros(3, 1, 6) for name in outputs}
    results = model({"observation": torch.rand(3, 5, 4), "lengths": torch.tensor([5, 2, 0]), **state})
    assert results["features"].shape == (3, 5, 6)
    assert all(results[name].shape == (3, 1, 6) and not results[name][2].any() for name in outputs)


def test_the_first_policy_is_nearly_uniform():
    observation = Input(4, name="observation")
    h = read_observation(observation, (), (8,), "tanh")
    network = initialize(Model({"observation": observation}, {"policy": Linear(3, name="policy")(h)}))
    assert network({"observation": torch.randn(20, 4)})["policy"].abs().max() < 0.1
    weight = network.get_submodule("policy").weight
    torch.testing.assert_close(weight @ weight.T, 1e-4 * torch.eye(3), atol=1e-7, rtol=0)
