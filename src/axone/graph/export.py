"""torch.export of recurrent networks for batches and sequences of any size.

    with dynamic_steps():
        program = torch.export.export(model, (x, lengths), dynamic_shapes=...)

torch.export records a recurrent layer as one operation, `aten.lstm.input`, but finds the shape of its result by a loop
over the steps, which fixes their number (pytorch#115092). torch has replacements for LSTM and GRU that do not, which
its exporter to ONNX uses; plain RNNs need one of ours. The recorded program is the same, and no longer fixed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor


def _describe_rnn(
    input: Float[Tensor, "batch steps features"],
    hx: Float[Tensor, "_ batch hidden"],
    params: list[Tensor],
    has_biases: bool,
    num_layers: int,
    dropout: float,
    train: bool,
    bidirectional: bool,
    batch_first: bool,
) -> tuple[Tensor, Tensor]:
    """Return tensors with the shapes of the results of torch.rnn_tanh. It is called without numbers only."""
    hidden = hx.shape[2] * (2 if bidirectional else 1)
    return input.new_empty(input.shape[0], input.shape[1], hidden), torch.empty_like(hx)


@contextmanager
def dynamic_steps() -> Iterator[None]:
    """Let torch.export keep the number of steps of recurrent layers open. No program may run in this context."""
    from torch.export import _patches as patches  # torch has no public name for it

    aten = torch.ops.aten
    operations = (aten.lstm.input, aten.gru.input, aten.rnn_tanh.input, aten.rnn_relu.input)
    with ExitStack() as stack:
        # torch looks a replacement up once and remembers it, also after an export before this one.
        stack.callback(_forget_replacements, operations)
        stack.enter_context(patches.register_lstm_while_loop_decomposition())
        stack.enter_context(patches.register_gru_while_loop_decomposition())
        for operation in operations[2:]:
            stack.enter_context(patches._register_rnn_while_loop_decomposition(operation, _describe_rnn))
        _forget_replacements(operations)
        yield


def _forget_replacements(operations: Sequence[Any]) -> None:
    for operation in operations:
        operation._dispatch_cache.clear()
