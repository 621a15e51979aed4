"""Recurrent layers: a state is updated at each step of a sequence and summarizes the steps before.

The input is (steps, features), with the batch first. The output is torch's: the last layer's output at each step,
(steps, hidden), or with return_sequences=False the final state only, (hidden,). A bidirectional layer processes the
sequence in both directions and concatenates both outputs: 2 x hidden numbers. Its final state consists of the forward
direction's output at the last step and the backward direction's output at the first step.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.graph.arguments import Boolean, Fraction, LayerCount, Nonlinearity, Size
from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.messages import _


class RecurrentModule(nn.RNNBase):
    """torch's recurrent module with one tensor as output: every step's output, or the last layer's final state."""

    def __init__(self, *arguments: Any, return_sequences: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.return_sequences = return_sequences

    def forward(self, input: Float[Tensor, "batch steps features"]) -> Float[Tensor, "batch ..."]:
        """Return (batch, steps, hidden), or (batch, hidden) with return_sequences=False."""
        directions = 2 if self.bidirectional else 1
        if input.is_meta:  # the shape is known; torch would loop over the steps, which is slow for long sequences
            shape = (*input.shape[: 2 if self.return_sequences else 1], directions * self.hidden_size)
            return input.new_empty(shape)
        outputs, states = super().forward(input)
        if self.return_sequences:
            return outputs
        hidden = states[0] if isinstance(states, tuple) else states  # the second state of an LSTM is its memory cell
        return torch.cat(tuple(hidden[-directions:]), 1)

    def source(self, module: str, input: str) -> str:
        """Return this computation as a PyTorch expression, where `module` is torch's own."""
        if self.return_sequences:
            return f"{module}({input})[0]"
        hidden = f"{module}({input})[1]" + ("[0]" if self.mode == "LSTM" else "")
        return f"torch.cat(tuple({hidden}[-2:]), 1)" if self.bidirectional else f"{hidden}[-1]"


# torch's modules return a pair, which mypy compares; these return a tensor, like every layer's module.
class RNNModule(RecurrentModule, nn.RNN):  # type: ignore[misc]
    """A plain recurrent network."""


class GRUModule(RecurrentModule, nn.GRU):  # type: ignore[misc]
    """A gated recurrent unit."""


class LSTMModule(RecurrentModule, nn.LSTM):  # type: ignore[misc]
    """A long short-term memory."""


class _Recurrent(Layer):
    hidden_size: Size
    num_layers: LayerCount = 1
    bias: Boolean = True
    dropout: Fraction = 0.0
    bidirectional: Boolean = False
    return_sequences: Boolean = True

    gates: ClassVar[int] = 1
    module_class: ClassVar[type[nn.Module]]

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the recurrent module for this number of features."""
        self.expect_rank(
            shape,
            _("(steps, features)"),
            2,
            hint=_("Put Reshape((-1, 1)) before it.")
            if len(shape) == 1
            else _("Put Reshape((steps, features)) before it."),
        )
        if self.dropout and self.num_layers == 1:
            raise GraphError(
                _("{layer}: dropout applies between its layers, and there is only one.", layer=self.label()),
                hint=_("Write num_layers=2 or more, or put Dropout after it."),
            )
        return self.module_class(
            shape[1],
            self.hidden_size,
            self.num_layers,
            bias=self.bias,
            batch_first=True,
            dropout=self.dropout,
            bidirectional=self.bidirectional,
            return_sequences=self.return_sequences,
            **self._options(),
        )

    def _options(self) -> dict[str, Any]:
        """Return the arguments of the module that only one kind of layer has."""
        return {}

    def flops(self, shape: tuple[int, ...], *, output: tuple[int, ...]) -> int:
        """Count one multiply-add per step and weight of each layer and direction."""
        steps, features = shape
        directions = 2 if self.bidirectional else 1
        inputs = features + (self.num_layers - 1) * directions * self.hidden_size
        weights = self.gates * self.hidden_size * (inputs + self.num_layers * self.hidden_size)
        return 2 * steps * directions * weights


class RNN(_Recurrent):
    """The plain recurrent layer (Elman, 1990): the new state is a nonlinear function of weighted input and state.

    Arguments as in LSTM.
    """

    nonlinearity: Nonlinearity = "tanh"

    module_class = RNNModule

    def _options(self) -> dict[str, Any]:
        return {"nonlinearity": self.nonlinearity}


class GRU(_Recurrent):
    """A recurrent layer in which two gates control the update of the state (Cho et al., 2014). Arguments as in LSTM."""

    gates = 3
    module_class = GRUModule


class LSTM(_Recurrent):
    """A recurrent layer with a memory cell and input, forget and output gates (Hochreiter and Schmidhuber, 1997).

    `bidirectional` makes a BiLSTM; `dropout` applies between its `num_layers`; `return_sequences=False` returns the
    final state only. There are two bias vectors per gate, as in torch.nn: 4 x hidden x (features + hidden + 2)
    parameters per layer and direction.
    """

    gates = 4
    module_class = LSTMModule
