"""Recurrent layers: a state walks along a sequence and is all that the layer remembers of it.

(steps, features) comes in, the batch first. What comes out are torch's answers: of each step, (steps, hidden), or with
return_sequences=False the state at the end alone, (hidden,). A bidirectional layer walks both ways and answers with
both, side by side: 2 x hidden numbers; its state at the end holds the forward walk's last step and the backward
walk's, which is the sequence's first.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.graph.arguments import Depth, Nonlinearity, Share, Size, Switch
from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.messages import _


class _Walk(nn.RNNBase):
    """torch's recurrent module, answering with one tensor: the output of each step, or the last layer's state."""

    def __init__(self, *arguments: Any, return_sequences: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.return_sequences = return_sequences

    def forward(self, input: Float[Tensor, "batch steps features"]) -> Float[Tensor, "batch ..."]:
        directions = 2 if self.bidirectional else 1
        if input.is_meta:  # the shape is known; walking would take a while for long sequences
            shape = (*input.shape[: 2 if self.return_sequences else 1], directions * self.hidden_size)
            return input.new_empty(shape)
        outputs, states = super().forward(input)
        if self.return_sequences:
            return outputs
        hidden = states[0] if isinstance(states, tuple) else states  # an LSTM's second state is its memory cell
        return torch.cat(tuple(hidden[-directions:]), 1)

    def source(self, module: str, input: str) -> str:
        """This work as an expression of PyTorch, `module` being torch's own."""
        if self.return_sequences:
            return f"{module}({input})[0]"
        hidden = f"{module}({input})[1]" + ("[0]" if self.mode == "LSTM" else "")
        return f"torch.cat(tuple({hidden}[-2:]), 1)" if self.bidirectional else f"{hidden}[-1]"


# torch's answer is a pair; ours is a tensor, like every layer's.
class _WalkingRNN(_Walk, nn.RNN):  # type: ignore[misc]
    pass


class _WalkingGRU(_Walk, nn.GRU):  # type: ignore[misc]
    pass


class _WalkingLSTM(_Walk, nn.LSTM):  # type: ignore[misc]
    pass


class _Recurrent(Layer):
    hidden_size: Size
    num_layers: Depth = 1
    bias: Switch = True
    dropout: Share = 0.0
    bidirectional: Switch = False
    return_sequences: Switch = True

    gates: ClassVar[int] = 1
    walk: ClassVar[type[nn.Module]]

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the layers for so many features."""
        self.expect(
            shape,
            _("(steps, features)"),
            2,
            hint=_("Put Reshape((-1, 1)) before it.")
            if len(shape) == 1
            else _("Put Reshape((steps, features)) before it."),
        )
        if self.dropout and self.num_layers == 1:
            raise GraphError(
                _("{layer}: its dropout stands between its layers, and there is one.", layer=self.label()),
                hint=_("Write num_layers=2 or more, or put Dropout after it."),
            )
        return self.walk(
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
        return {}

    def flops(self, shape: tuple[int, ...], *, output: tuple[int, ...]) -> int:
        """At each step, a multiply-add per weight of each layer and direction."""
        steps, features = shape
        directions = 2 if self.bidirectional else 1
        inputs = features + (self.num_layers - 1) * directions * self.hidden_size
        weights = self.gates * self.hidden_size * (inputs + self.num_layers * self.hidden_size)
        return 2 * steps * directions * weights


class RNN(_Recurrent):
    """The plain recurrent layer (Elman, 1990): the new state is an activation of input and state, weighed and summed.

    Arguments as in LSTM.
    """

    nonlinearity: Nonlinearity = "tanh"

    walk = _WalkingRNN

    def _options(self) -> dict[str, Any]:
        return {"nonlinearity": self.nonlinearity}


class GRU(_Recurrent):
    """Two gates decide what of the state is renewed (Cho et al., 2014). Arguments as in LSTM."""

    gates = 3
    walk = _WalkingGRU


class LSTM(_Recurrent):
    """A memory cell beside the state; three gates let in, keep and let out (Hochreiter and Schmidhuber, 1997).

    `bidirectional` makes a BiLSTM; `dropout` stands between its `num_layers`; `return_sequences`: see this file's head.
    Two bias vectors per gate, as in torch.nn: 4 x hidden x (features + hidden + 2) parameters a layer and direction.
    """

    gates = 4
    walk = _WalkingLSTM
