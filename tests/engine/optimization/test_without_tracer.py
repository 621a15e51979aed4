"""Our subclasses of torch's optimizers compute the same, and import no tracer."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from axone.engine.optimization import without_tracer

PROGRAM = """
import sys
import axone.train
import torch
from axone.engine.optimization import muon, without_tracer
from axone.systems import cnn
network = cnn.model(cnn.Settings(), cnn.EXAMPLE_FACTS)
for kind in (without_tracer.Adam, without_tracer.AdamW, without_tracer.SGD, muon.Muon):
    optimizer = kind([p for p in network.parameters() if p.ndim > 1], 0.1)
    network(torch.zeros(2, 1, 28, 28)).sum().backward()
    optimizer.step()
    optimizer.load_state_dict(optimizer.state_dict())
print(sorted({"torch._dynamo", "sympy"} & sys.modules.keys()))
"""


@pytest.mark.parametrize("name", ["Adam", "AdamW", "SGD"])
def test_the_steps_are_those_of_torch(name: str) -> None:
    networks = [nn.Linear(4, 3), nn.Linear(4, 3)]
    networks[1].load_state_dict(networks[0].state_dict())
    options = {"momentum": 0.9} if name == "SGD" else {"weight_decay": 0.01}
    kinds = (getattr(torch.optim, name), getattr(without_tracer, name))
    for network, kind in zip(networks, kinds, strict=True):
        optimizer = kind(network.parameters(), lr=0.1, **options)
        for seed in range(3):
            inputs = torch.randn(5, 4, generator=torch.Generator().manual_seed(seed))
            network.zero_grad()
            network(inputs).square().mean().backward()
            optimizer.step()
        assert isinstance(optimizer, kinds[0])
    assert all(torch.equal(a, b) for a, b in zip(*(network.parameters() for network in networks), strict=True))


def test_building_and_stepping_import_no_tracer() -> None:
    output = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    assert output.strip() == "[]"
