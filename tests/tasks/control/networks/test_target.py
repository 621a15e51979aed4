"""The copy of networks follows them in jumps, also after a checkpoint."""

import torch

from axone.settings import resolve
from axone.systems import dqn
from axone.tasks.control.networks.target import TargetNetwork


@torch.no_grad()
def test_weights_are_copied_every_third_update():
    network = dqn.model(resolve(dqn.Settings, {"seeds": 2, "units": (4,)}), dqn.EXAMPLE_FACTS)
    target, observations = TargetNetwork(network, 3), torch.rand(2, 5, 4)
    first = network(observations)
    for parameter in network.parameters():
        parameter.add_(1.0)
    for _update in range(2):
        target.follow(network)
        assert torch.equal(target(observations)["value"], first["value"])
    again = TargetNetwork(network, 3)
    again.load_state_dict(target.state_dict())
    for one in (target, again):
        one.follow(network)
        assert torch.equal(one(observations)["value"], network(observations)["value"])
    assert not any(parameter.requires_grad for parameter in target.parameters())
