"""Several networks at once compute what each of them computes alone, and so do their gradients."""

import pytest
import torch

from axone.graph import GRU, Conv2d, Flatten, Input, Linear, Model
from axone.tasks.control.networks.ensemble import Ensemble


def dense():
    x = Input(3, name="observation")
    h = Linear(5, activation="tanh")(x)
    return Model({"observation": x}, {"policy": Linear(2)(h), "value": Linear(1)(h)}), (3,)


def planes():
    x = Input(2, 6, 6, name="observation")
    h = Flatten()(Conv2d(3, 3, activation="relu")(x))
    return Model({"observation": x}, {"policy": Linear(2)(h)}), (2, 6, 6)


def recurrent():
    x = Input(4, 3, name="observation")
    h, state = GRU(4)(x)
    return Model({"observation": x}, {"policy": Linear(2)(h), "hidden": state}), (4, 3)


@pytest.mark.parametrize("make", [dense, planes, recurrent])
def test_members_compute_as_alone(make):
    members = [make()[0] for _number in range(3)]
    ensemble = Ensemble(members)
    inputs = torch.randn(3, 7, *make()[1])
    together = ensemble({"observation": inputs})
    sum(output.square().sum() for output in together.values()).backward()
    stacked = dict(ensemble.network.named_parameters())
    for number, member in enumerate(members):
        alone = member({"observation": inputs[number]})
        assert alone.keys() == together.keys()
        for name, output in alone.items():
            torch.testing.assert_close(together[name][number], output)
        sum(output.square().sum() for output in alone.values()).backward()
        for name, parameter in member.named_parameters():
            torch.testing.assert_close(stacked[name].grad[number], parameter.grad, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("make", [dense, planes, recurrent])
def test_a_member_is_an_ordinary_network_again(make):
    members = [make()[0] for _number in range(2)]
    network = Ensemble(members).member(1)
    inputs = torch.randn(4, *make()[1])
    expected, actual = members[1]({"observation": inputs}), network({"observation": inputs})
    assert all(torch.equal(expected[name], actual[name]) for name in expected)


def test_dense_networks_are_one_product_per_layer():
    assert Ensemble([dense()[0]]).is_stacked and not Ensemble([planes()[0]]).is_stacked
