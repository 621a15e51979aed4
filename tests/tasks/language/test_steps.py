"""One symbol at a time computes what the network computes for windows, for every cell and number of layers."""

import pytest
import torch

from axone.systems.language_model import Settings, model, state_shapes
from axone.tasks.language.steps import find_step_model

FACTS = {"vocabulary": {"size": 11}}


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("layers", [1, 2])
def test_steps_are_the_network(cell, layers):
    settings = Settings(cell=cell, layers=layers, units=7, embedding=5, window=6)
    network = model(settings, FACTS).eval()
    symbols = torch.randint(0, 11, (3, 9))
    state = [torch.randn(3, *shape) for shape in state_shapes(settings)]
    with torch.inference_mode():
        logits, *after = network(symbols, *state)
        steps = find_step_model(network)
        current = tuple(state)
        for place in range(9):
            own, current = steps.step(symbols[:, place], current)
            torch.testing.assert_close(own, logits[:, place], rtol=1e-5, atol=1e-5)
        for part, other in zip(current, after, strict=True):
            torch.testing.assert_close(part, other, rtol=1e-5, atol=1e-5)
        last, _state = steps.read(symbols[0], tuple(part[:1] for part in state))
        torch.testing.assert_close(last[0], logits[0, -1], rtol=1e-5, atol=1e-5)


def test_the_carried_state_is_the_text_before():
    settings = Settings(units=6, embedding=4)
    network = model(settings, FACTS).eval()
    symbols = torch.randint(0, 11, (2, 12))
    zeros = [torch.zeros(2, *shape) for shape in state_shapes(settings)]
    with torch.inference_mode():
        whole = network(symbols, *zeros)[0]
        first, *state = network(symbols[:, :5], *zeros)
        second = network(symbols[:, 5:], *state)[0]
    torch.testing.assert_close(torch.cat([first, second], 1), whole, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(network(symbols[:1], *(part[:1] for part in zeros))[0], whole[:1], rtol=1e-5, atol=1e-5)


def test_other_networks_are_refused():
    with pytest.raises(ValueError, match="one embedding"):
        find_step_model(torch.nn.Linear(1, 1))
