"""Draw the next symbol from a model's logits: temperature, and nucleus sampling.

Nucleus sampling draws from the likeliest symbols with a total probability of `top_p` (Holtzman, Buys, Du, Forbes and
Choi 2020, "The curious case of neural text degeneration", arXiv:1904.09751).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float

from axone.data.random import stable_seed
from axone.data.text.vocabulary import SPECIAL
from axone.tasks.language.steps import State, StepModel


def draw_symbol(
    logits: Float[np.ndarray, " symbols"], temperature: float, top_p: float, random: np.random.Generator
) -> int:
    """Return one symbol; the unknown one and the boundary are never drawn."""
    values = logits[SPECIAL:]
    if temperature == 0:
        return SPECIAL + int(values.argmax())
    weights = np.exp((values - values.max()) / temperature, dtype=np.float64)
    if top_p < 1:
        order = np.argsort(-weights, kind="stable")
        total = weights[order].cumsum()
        count = int(np.searchsorted(total, top_p * total[-1])) + 1
        return SPECIAL + int(order[min(np.searchsorted(total, random.random() * total[count - 1], "right"), count - 1)])
    total = weights.cumsum()
    return SPECIAL + min(int(np.searchsorted(total, random.random() * total[-1], "right")), len(total) - 1)


def sample_symbols(
    model: StepModel,
    context: Sequence[int],
    *,
    temperature: float,
    top_p: float,
    seed: Sequence[int | str],
    state: State | None = None,
) -> Iterator[int]:
    """Yield symbols without end, each drawn after the ones before it.

    Args:
        model: The model.
        context: The symbols that come first, at least one.
        temperature: 0: always the likeliest symbol.
        top_p: The total probability of the symbols that are drawn from.
        seed: What the random numbers depend on.
        state: The state before the context; None: zeros.
    """
    random = np.random.default_rng(stable_seed("text", *seed))
    logits, state = model.read(context, state)
    symbol = torch.zeros(1, dtype=torch.int64)
    while True:
        number = draw_symbol(logits[0].numpy(), temperature, top_p, random)
        yield number
        symbol[0] = number
        logits, state = model.step(symbol, state)
