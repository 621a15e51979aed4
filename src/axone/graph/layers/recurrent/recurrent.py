"""Recurrent layers: a state is updated at each step of a sequence and summarizes the steps before.

    output, state = LSTM(128)(x)
    output, state = LSTM(128)(x, lengths=lengths, state=state)

The words and results are torch's, with the batch first everywhere. The input is (steps, features). The output is the
last layer's at each step, (steps, hidden), or (steps, 2 x hidden) of a bidirectional layer, which processes the
sequence in both directions and concatenates. The state after the last step has one row per layer and direction,
(layers x directions, hidden); that of an LSTM is a pair of such nodes, of which the second is the memory cell. Row 0 of
a bidirectional layer is the forward direction after the last step, row 1 the backward direction after the first.

`lengths` is a node of dtype int64 with the number of steps of each example, `Input(dtype="int64")`: sequences of
different lengths are padded at the end, and a sequence has the same result alone and in any batch. `state` is the state
before the first step, such as the one that the call before returned.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from axone.graph.errors import GraphError
from axone.graph.layers.recurrent.module import GRUModule, LSTMModule, RecurrentModule, RNNModule
from axone.graph.nodes.arguments import Boolean, Fraction, LayerCount, Nonlinearity, RecurrentPrecision, Size
from axone.graph.nodes.layer import Layer
from axone.graph.nodes.node import Node, apply
from axone.graph.nodes.part import Part
from axone.messages import _


class _Recurrent(Layer):
    hidden_size: Size
    num_layers: LayerCount = 1
    bias: Boolean = True
    dropout: Fraction = 0.0
    bidirectional: Boolean = False
    weight_dropout: Fraction = 0.0
    precision: RecurrentPrecision = "auto"

    gates: ClassVar[int] = 1
    state_parts: ClassVar[tuple[str, ...]] = ("hidden",)
    module_class: ClassVar[type[RecurrentModule]]
    maximum_inputs: ClassVar[int | None] = None

    def __call__(  # type: ignore[override]
        self, input: Node, lengths: Node | None = None, state: Node | tuple[Node, ...] | None = None
    ) -> tuple[Node, Any]:
        """Apply this layer and return the nodes of its output and of its final state, a pair for an LSTM."""
        parts = () if state is None else state if isinstance(state, tuple | list) else (state,)
        if len(parts) not in (0, len(self.state_parts)):
            raise GraphError(
                _("{layer} got a state of {count} nodes.", layer=self.label(), count=len(parts)),
                expected=_("expected {count}", count=len(self.state_parts)),
            )
        output = apply(self, [input, *([] if lengths is None else [lengths]), *parts])
        final = tuple(Part(name)(output) for name in self.state_parts)
        return output, final if len(final) > 1 else final[0]

    def build(self, *shapes: tuple[int, ...]) -> nn.Module:
        """Return the recurrent module for this number of features."""
        shape, *others = shapes
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
                hint=_("Write num_layers=2 or more, or put VariationalDropout after it."),
            )
        self._check_others(others)
        return self.module_class(
            shape[1],
            self.hidden_size,
            self.num_layers,
            bias=self.bias,
            bidirectional=self.bidirectional,
            feature_dropout=self.dropout,
            weight_dropout=self.weight_dropout,
            precision=self.precision,
            **self._options(),
        )

    def _check_others(self, shapes: list[tuple[int, ...]]) -> None:
        """Raise GraphError unless the further inputs are lengths, or a state, or both in this order."""
        states = shapes[1:] if shapes and shapes[0] == () else shapes
        if states and states != [self._state_shape] * len(self.state_parts):
            raise GraphError(
                _("{layer} got {shapes}.", layer=self.label(), shapes=", ".join(map(str, shapes))),
                expected=_("expected lengths () and a state {shape}", shape=self._state_shape),
                hint=_('Write lengths = Input(dtype="int64"), state = Input{shape}.', shape=self._state_shape),
            )

    def _options(self) -> dict[str, Any]:
        """Return the arguments of the module that only one kind of layer has."""
        return {}

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def _state_shape(self) -> tuple[int, int]:
        return self.num_layers * self._directions, self.hidden_size

    def accepts(self, shape: tuple[int, ...], dtype: torch.dtype) -> bool:
        """Whether these are lengths: one integer per example."""
        return shape == () and dtype == torch.int64

    def part_shapes(self, *shapes: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        """Return the shape of each part of the final state."""
        return dict.fromkeys(self.state_parts, self._state_shape)

    def infer(self, module: nn.Module, inputs: list[Tensor]) -> Tensor:  # type: ignore[override]
        """Return the output on the meta device without the computation, in which torch would loop over the steps."""
        batch, steps, _features = inputs[0].shape
        return torch.empty(batch, steps, self._directions * self.hidden_size, device="meta")

    def flops(self, *shapes: tuple[int, ...], output: tuple[int, ...]) -> int:
        """Count one multiply-add per step and weight of each layer and direction."""
        steps, features = shapes[0]
        inputs = features + (self.num_layers - 1) * self._directions * self.hidden_size
        weights = self.gates * self.hidden_size * (inputs + self.num_layers * self.hidden_size)
        return 2 * steps * self._directions * weights


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

    `bidirectional` makes a BiLSTM. `dropout` applies between its `num_layers`, with one mask for all steps of a
    sequence; `weight_dropout` applies to the hidden-to-hidden weights. `precision` is that of the cells in training
    mode: "float32", "bfloat16", or "auto", which follows the surrounding autocast; in evaluation mode it is float32.

    There are two bias vectors per gate, as in torch.nn: 4 x hidden x (features + hidden + 2) parameters per layer and
    direction.
    """

    gates = 4
    state_parts = ("hidden", "cell")
    module_class = LSTMModule


RECURRENT_LAYERS: dict[str, type[RNN] | type[GRU] | type[LSTM]] = {"lstm": LSTM, "gru": GRU, "rnn": RNN}
"""The recurrent layers by the values of the setting `cell` of systems."""
