"""Each member has the weights of its own best evaluation; all survive a checkpoint."""

import torch

from axone.settings import resolve
from axone.systems import ppo
from axone.tasks.control.networks.best_members import BestMembers


def make_network(**changes):
    settings = resolve(ppo.Settings, {"seeds": 3, "units": (4,), **changes})
    return ppo.model(settings, ppo.EXAMPLE_FACTS)


def fill(network, value):
    for values in network.state_dict().values():
        if values.ndim:
            values.fill_(value)


def read(network):
    return [{float(values[member].mean()) for values in network.state_dict().values() if values.ndim}
            for member in range(network.size)]  # fmt: skip


def note(best, network, value, returns):
    fill(network, value)
    best.note(torch.tensor(returns))


@torch.no_grad()
def test_members_are_chosen_apart_and_the_last_of_equal_ones_counts():
    network = make_network(normalize=True)
    best = BestMembers(network)
    note(best, network, 1.0, [5.0, 1.0, -9.0])
    note(best, network, 2.0, [4.0, 7.0, -9.0])
    note(best, network, 3.0, [4.9, 6.0, -10.0])
    state = best.state_dict()
    best.restore()
    assert read(network) == [{1.0}, {2.0}, {2.0}] and int(network.best) == 1
    other = make_network(normalize=True)
    again = BestMembers(other)
    again.load_state_dict(state)
    again.restore()
    assert read(other) == read(network) and again.returns.tolist() == [5.0, 7.0, -9.0]


@torch.no_grad()
def test_without_an_evaluation_the_weights_stay():
    network = make_network()
    fill(network, 1.0)
    BestMembers(network).restore()
    assert read(network) == [{1.0}] * 3
