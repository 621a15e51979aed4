"""What recurrent layers compute: torch's cells over padded batches of sequences of different lengths.

torch.nn.LSTM, GRU and RNN do the arithmetic, one call per layer and direction. What they lack is here, exactly:

- *Lengths.* The backward direction reads each sequence reversed within its own length, so that padding comes last in
  both directions. The final state is that of each sequence's own last step. An LSTM does not return its memory cell
  at each step; a further input, which is 1 at the padding, closes its input gate and opens its forget gate there, so
  that the cell keeps its value to the end. (`PackedSequence` does the same several times slower on a CPU.)
- *Dropout outside the cells*, with one mask for all steps of a sequence (Gal and Ghahramani, 2016): cuDNN's own is not
  reproducible. Weight-drop sets hidden-to-hidden weights to zero (Merity, Keskar and Socher, 2018, "Regularizing and
  optimizing LSTM language models").
- *The batch comes first* in states, too.

`run_recurrent` and the functions that it calls are also written into the files of `Model.to_source`, so they use torch
only.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.graph.layers.steps import drop_features, find_own_steps

Steps = Float[Tensor, "batch steps _"]
State = Float[Tensor, "batch _ hidden"]  # one row per layer and direction
Lengths = Int64[Tensor, " batch"]


def reverse_steps(input: Steps, lengths: Lengths | None) -> Steps:
    """Return each sequence reversed within its own length; its padding stays at the end."""
    if lengths is None:
        return input.flip(1)
    steps = torch.arange(input.shape[1], device=input.device)
    mirrored = lengths[:, None] - 1 - steps
    index = torch.where(mirrored < 0, steps, mirrored)
    return input.gather(1, index[:, :, None].expand(-1, -1, input.shape[2]))


def select_last_step(output: Steps, lengths: Lengths, initial: Float[Tensor, "batch _"]) -> Float[Tensor, "batch _"]:
    """Return the output at each sequence's own last step; `initial` for a sequence without steps."""
    last = (lengths - 1).clamp(min=0)[:, None, None].expand(-1, 1, output.shape[2])
    return torch.where(lengths[:, None] < 1, initial, output.gather(1, last)[:, 0])


def run_direction(
    module: Any, number: int, input: Steps, lengths: Lengths | None, state: Any, weight_dropout: float
) -> tuple[Any, ...]:
    """Run one direction of one layer; `number` is its place in the state. Return output, final state, memory cell."""
    directions = 2 if module.bidirectional else 1
    suffix = f"_l{number // directions}" + ("_reverse" if number % directions else "")
    names = ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if module.bias else [])]
    weights = [getattr(module, name + suffix) for name in names]
    weights[1] = torch.nn.functional.dropout(weights[1], weight_dropout, module.training)
    is_lstm = module.mode == "LSTM"
    if is_lstm and lengths is not None:
        gate = torch.arange(4 * module.hidden_size, device=input.device)[:, None] // module.hidden_size
        # The sigmoid of 10,000 is exactly 1 and that of -10,000 exactly 0, in bfloat16 too.
        closing = 1e4 * ((gate == 1).to(input.dtype) - (gate == 0).to(input.dtype))
        padding = ~find_own_steps(input.shape[1], lengths)
        weights[0] = torch.cat([weights[0], closing], 1)
        input = torch.cat([input, padding[:, :, None].to(input.dtype)], 2)
    first = [part[:, number][None].contiguous() for part in state]
    run = getattr(torch, module.mode.lower())
    output, *last = run(
        input, tuple(first) if is_lstm else first[0], weights, module.bias, 1, 0.0, module.training, False, True
    )
    last = [part[0] for part in last]
    if lengths is not None:
        last[0] = select_last_step(output, lengths, state[0][:, number])
    return output, *last


def run_recurrent(
    module: Any, input: Steps, *others: Tensor, dropout: float = 0.0, weight_dropout: float = 0.0
) -> tuple[Any, ...]:
    """Run torch's LSTM, GRU or RNN over a padded batch.

    Args:
        module: A torch.nn.LSTM, GRU or RNN, whose weights are used.
        input: The sequences, padded at the end.
        others: The number of steps of each sequence, (batch,), and the state before the first step, (batch, layers x
            directions, hidden), of an LSTM also its memory cell. Each may be left out: all steps, and zeros.
        dropout: The probability of dropping a feature between two layers in training mode.
        weight_dropout: The probability of dropping a hidden-to-hidden weight in training mode.

    Returns:
        The last layer's output at each step, which is zero at the padding; the final state; the memory cell of an LSTM.
    """
    lengths = others[0] if others and others[0].dim() == 1 else None
    state = others if lengths is None else others[1:]
    directions = 2 if module.bidirectional else 1
    if not state:
        zeros = input.new_zeros(input.shape[0], module.num_layers * directions, module.hidden_size)
        state = (zeros, zeros) if module.mode == "LSTM" else (zeros,)
    finals = []
    output = input
    for layer in range(module.num_layers):
        if layer and dropout:
            output = drop_features(output, dropout, module.training)
        outputs = []
        for direction in range(directions):
            sequence = reverse_steps(output, lengths) if direction else output
            number = layer * directions + direction
            result, *final = run_direction(module, number, sequence, lengths, state, weight_dropout)
            outputs.append(reverse_steps(result, lengths) if direction else result)
            finals.append(final)
        output = torch.cat(outputs, 2) if directions == 2 else outputs[0]
    if lengths is not None:
        output = output.masked_fill(~find_own_steps(input.shape[1], lengths)[:, :, None], 0.0)
    return output, *(torch.stack(part, 1) for part in zip(*finals))


class RecurrentModule(nn.RNNBase):
    """torch's recurrent module over sequences of different lengths, with several results and the batch first.

    Args:
        arguments, options: See torch.nn.RNNBase.
        feature_dropout: The probability of dropping a feature between two layers.
        weight_dropout: The probability of dropping a hidden-to-hidden weight.
        precision: The precision of the cells in training mode: "float32", "bfloat16", or "auto", which is that of the
            surrounding autocast. In evaluation mode it is float32.
    """

    def __init__(
        self, *arguments: Any, feature_dropout: float, weight_dropout: float, precision: str, **options: Any
    ) -> None:
        super().__init__(*arguments, **{**options, "batch_first": True})
        self.feature_dropout, self.weight_dropout, self.precision = feature_dropout, weight_dropout, precision

    def forward(self, input: Steps, *others: Any) -> tuple[Any, ...]:
        """Return the output, the final state and the memory cell of an LSTM, all in float32.

        `others` are the lengths, if there are any, and the parts of a state, if there is one.
        """
        dropout, weight_dropout = (self.feature_dropout, self.weight_dropout) if self.training else (0.0, 0.0)
        # A layer before this one may have computed in bfloat16, in which the state would not be kept.
        inputs = [part.float() if part.is_floating_point() else part for part in (input, *others)]
        with self._casting(input.device):
            results = run_recurrent(self, *inputs, dropout=dropout, weight_dropout=weight_dropout)
        return tuple(result.float() for result in results)

    def _casting(self, device: torch.device) -> AbstractContextManager[Any]:
        """Return the context manager of the precision; none where it would change nothing, for torch.export's sake."""
        is_active = torch.is_autocast_enabled(device.type)
        wanted = self.precision if self.training else "float32"
        if wanted == "auto" or (wanted == "float32" and not is_active):
            return nullcontext()
        return torch.autocast(device.type, torch.bfloat16, enabled=wanted == "bfloat16")

    def source(self, module: str, *inputs: str) -> str:
        """Return this computation as a PyTorch expression, where `module` is torch's own."""
        rates = {"dropout": self.feature_dropout, "weight_dropout": self.weight_dropout}
        options = [f"{name}={rate}" for name, rate in rates.items() if rate]
        return f"run_recurrent({', '.join([module, *inputs, *options])})"

    def source_of_first(self, module: str, *inputs: str) -> str:
        """Return the expression of the output alone, which is torch's own call where nothing else is needed."""
        is_plain = len(inputs) == 1 and not self.feature_dropout and not self.weight_dropout
        return (f"{module}({inputs[0]})" if is_plain else self.source(module, *inputs)) + "[0]"


# torch's modules return pairs, which mypy compares; these return all parts in one tuple.
class RNNModule(RecurrentModule, nn.RNN):  # type: ignore[misc]
    """A plain recurrent network."""


class GRUModule(RecurrentModule, nn.GRU):  # type: ignore[misc]
    """A gated recurrent unit."""


class LSTMModule(RecurrentModule, nn.LSTM):  # type: ignore[misc]
    """A long short-term memory."""
