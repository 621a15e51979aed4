"""What minibatches of units are drawn from: single steps without the dead, or whole battles with the memory."""

import pytest
import torch

from axone.tasks.skirmish.minibatches import arrange_units, draw_batches
from tests.helpers.battles import build_tiny


def read_units(rollout):
    is_alive = rollout.situations.observations[..., 0] > 0
    is_alive[1, 0, 0] = False
    return {"actions": rollout.actions, "is_alive": is_alive}


@pytest.mark.parametrize("only_living", [True, False])
def test_single_steps(only_living):
    rollout = build_tiny()[1].train.play()
    units = read_units(rollout)
    items = arrange_units(units, rollout, only_living=only_living)
    steps, copies, agents = rollout.actions.shape
    expected = rollout.actions[units["is_alive"]] if only_living else rollout.actions.flatten()
    assert torch.equal(items["actions"], expected) and len(expected) <= steps * copies * agents
    batches = list(draw_batches(items, 4))
    assert len(batches) == 4 and sum(len(batch["actions"]) for batch in batches) >= len(expected) - 3


def test_whole_battles_with_a_memory():
    rollout = build_tiny(cell="gru")[1].train.play()
    items = arrange_units(read_units(rollout), rollout, only_living=True)
    assert torch.equal(items["actions"], rollout.actions.transpose(0, 1))
    assert torch.equal(items["ended"], rollout.ended.T) and items.keys() >= rollout.memory.keys() != set()
