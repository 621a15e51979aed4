"""The networks of an experiment: the graphs among them, and their parameters."""

from torch import nn

from axone.engine.networks import count_parameters, find_graphs
from axone.graph import Input, Linear, Model


def test_graphs_are_found_also_as_the_first_part_of_a_network():
    x = Input(3)
    graph = Model(x, Linear(2)(x))
    networks = {"network": graph, "wrapped": nn.Sequential(nn.ReLU(), graph), "other": nn.Linear(3, 2)}
    assert find_graphs(networks) == {"network": graph, "wrapped": graph}


def test_frozen_parameters_are_counted_too():
    frozen = nn.Linear(3, 2).requires_grad_(False)
    assert count_parameters({"a": frozen, "b": nn.Linear(2, 1, bias=False)}) == 8 + 2
