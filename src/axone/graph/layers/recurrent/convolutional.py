"""Convolutional recurrent layers: the state of a recurrent cell is an image, and its products are convolutions.

    output, state = ConvLSTM2d(32)(frames)
    output, state = ConvLSTM2d(32)(others, state=state)

The input is (steps, channels, height, width) with the batch first, the output (steps, hidden, height, width), the state
(hidden, height, width); that of an LSTM is a pair, of which the second is the memory cell. The cells are those of
torch.nn, with "same" convolutions of the input and of the state in place of matrix products.

The weights are those of one nn.Conv2d over the channels of the input and the state together. The part of it that reads
the input is applied to all steps at once.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.graph.errors import GraphError
from axone.graph.nodes.arguments import Size
from axone.graph.nodes.layer import Layer
from axone.graph.nodes.node import Node, apply
from axone.graph.nodes.part import Part
from axone.messages import _

Frames = Float[Tensor, "batch steps channels height width"]


def run_conv_recurrent(conv: Any, mode: str, input: Frames, *state: Tensor) -> tuple[Tensor, ...]:
    """Run a convolutional cell over all steps.

    Args:
        conv: The nn.Conv2d of the input and the state, with the gates one after another in its output channels.
        mode: "LSTM" (input, forget, cell and output gate), "GRU" (reset, update, new) or "RNN".
        input: The frames.
        state: The state before the first step, of an LSTM also its memory cell; none: zeros.

    Returns:
        The output at each step, the state after the last one, and the memory cell of an LSTM.
    """
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[mode]
    channels, hidden = input.shape[2], conv.out_channels // gates
    convolve = torch.nn.functional.conv2d
    read = convolve(input.flatten(0, 1), conv.weight[:, :channels], conv.bias, padding=conv.padding)
    read = read.unflatten(0, input.shape[:2])  # (batch, steps, gates x hidden, height, width)
    weight = conv.weight[:, channels:]
    zeros = input.new_zeros(input.shape[0], hidden, *input.shape[3:])
    h, c = (*state, zeros, zeros)[:2] if state else (zeros, zeros)
    outputs = []
    for step in read.unbind(1):
        recalled = convolve(h, weight, padding=conv.padding)
        if mode == "LSTM":
            i, f, g, o = (step + recalled).chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        elif mode == "GRU":
            r, z = (step + recalled)[:, : 2 * hidden].sigmoid().chunk(2, 1)
            n = (step[:, 2 * hidden :] + r * recalled[:, 2 * hidden :]).tanh()
            h = (1 - z) * n + z * h
        else:
            h = (step + recalled).tanh()
        outputs.append(h)
    return (torch.stack(outputs, 1), h, c) if mode == "LSTM" else (torch.stack(outputs, 1), h)


class ConvRecurrentModule(nn.Conv2d):
    """A convolutional recurrent cell over all steps; `run_conv_recurrent` says what it computes.

    Args:
        mode: "LSTM", "GRU" or "RNN".
        channels: Of the input.
        hidden: Channels of the state.
        kernel_size: Side of the kernels in pixels, odd.
    """

    def __init__(self, mode: str, channels: int, hidden: int, kernel_size: int) -> None:
        gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[mode]
        super().__init__(channels + hidden, gates * hidden, kernel_size, padding=kernel_size // 2)
        self.mode = mode
        if mode == "LSTM" and self.bias is not None:  # remembers at first (Jozefowicz et al., 2015)
            nn.init.ones_(self.bias[hidden : 2 * hidden].detach())

    def forward(self, input: Frames, *state: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        """Return the output at each step, the final state, and the memory cell of an LSTM."""
        return run_conv_recurrent(self, self.mode, input, *state)

    def source(self, module: str, *inputs: str) -> str:
        """Return this computation as a PyTorch expression, where `module` is the nn.Conv2d."""
        return f'run_conv_recurrent({module}, "{self.mode}", {", ".join(inputs)})'

    def source_of_first(self, module: str, *inputs: str) -> str:
        """Return the expression of the output alone."""
        return f"{self.source(module, *inputs)}[0]"


class _ConvRecurrent(Layer):
    hidden_channels: Size
    kernel_size: Size = 3

    mode: ClassVar[str]
    gates: ClassVar[int]
    state_parts: ClassVar[tuple[str, ...]] = ("hidden",)
    maximum_inputs: ClassVar[int | None] = None
    channels_dim = 2

    def __call__(self, input: Node, state: Node | tuple[Node, ...] | None = None) -> tuple[Node, Any]:  # type: ignore[override]
        """Apply this layer and return the nodes of its output and of its final state, a pair for an LSTM."""
        parts = () if state is None else state if isinstance(state, tuple | list) else (state,)
        output = apply(self, [input, *parts])
        final = tuple(Part(name)(output) for name in self.state_parts)
        return output, final if len(final) > 1 else final[0]

    def build(self, *shapes: tuple[int, ...]) -> nn.Module:
        """Return the module for frames of this number of channels."""
        shape, *states = shapes
        self.expect_rank(shape, _("(steps, channels, height, width)"), 4)
        if self.kernel_size % 2 == 0:
            raise GraphError(
                _("{layer}: {argument} cannot be {value}.", layer=self.label(), argument="kernel_size",
                  value=self.kernel_size),
                expected=_("expected {what}", what=_("an odd number")),
            )  # fmt: skip
        expected = self._state_shape(shape)
        if states and states != [expected] * len(self.state_parts):
            raise GraphError(
                _("{layer} got {shapes}.", layer=self.label(), shapes=", ".join(map(str, shapes))),
                expected=_("expected frames and a state {shape}", shape=expected),
            )
        return ConvRecurrentModule(self.mode, shape[1], self.hidden_channels, self.kernel_size)

    def part_shapes(self, *shapes: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        """Return the shape of each part of the final state."""
        return dict.fromkeys(self.state_parts, self._state_shape(shapes[0]))

    def infer(self, module: nn.Module, inputs: list[Tensor]) -> Tensor:  # type: ignore[override]
        """Return the output on the meta device without a loop over the steps."""
        batch, steps, _channels, height, width = inputs[0].shape
        return torch.empty(batch, steps, self.hidden_channels, height, width, device="meta")

    def flops(self, *shapes: tuple[int, ...], output: tuple[int, ...]) -> int:
        """Count one multiply-add for each weight, step and position."""
        steps, channels, *sides = shapes[0]
        weights = self.kernel_size**2 * (channels + self.hidden_channels) * self.gates * self.hidden_channels
        return 2 * steps * math.prod(sides) * weights

    def _state_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (self.hidden_channels, *shape[2:])


class ConvRNN2d(_ConvRecurrent):
    """A plain recurrent layer whose state is an image. Arguments as in ConvLSTM2d."""

    mode, gates = "RNN", 1


class ConvGRU2d(_ConvRecurrent):
    """A gated recurrent unit whose state is an image (Ballas et al., 2016). Arguments as in ConvLSTM2d."""

    mode, gates = "GRU", 3


class ConvLSTM2d(_ConvRecurrent):
    """A long short-term memory whose state and memory cell are images (Shi et al., 2015).

    `kernel_size` is the side of the kernels over input and state, in pixels, and odd.
    """

    mode, gates = "LSTM", 4
    state_parts = ("hidden", "cell")
