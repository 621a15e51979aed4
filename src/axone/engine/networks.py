"""The networks of an experiment: which of them are graphs, and how many parameters they have."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from axone.graph import Model


def find_graphs(networks: Mapping[str, nn.Module]) -> dict[str, Model]:
    """Return, by name, the networks that are graphs, or whose first part is one."""
    modules = {name: network.modules() for name, network in networks.items()}
    graphs = {name: next((part for part in parts if isinstance(part, Model)), None) for name, parts in modules.items()}
    return {name: graph for name, graph in graphs.items() if graph is not None}


def count_parameters(networks: Mapping[str, nn.Module]) -> int:
    """Return the number of trainable and frozen parameters of all networks."""
    return sum(parameter.numel() for network in networks.values() for parameter in network.parameters())
