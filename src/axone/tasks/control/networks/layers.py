"""The layers that networks of policies and of values have in common, and their first weights."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from axone.graph import RECURRENT_LAYERS, Activation, Conv2d, Flatten, Input, LayerNorm, Linear, Model, Node

PLANES = 3  # dimensions of an observation of pixels
GAINS = {"policy": 0.01, "value": 1.0}  # of the first weights of outputs; those of other layers are for ReLU


def read_observation(
    observation: Node, channels: Sequence[int], units: Sequence[int], activation: str, *, normalization: bool = False
) -> Node:
    """Add the layers that read an observation: convolutions of pixel planes, then dense layers.

    Args:
        observation: A vector, planes of pixels, or a sequence of vectors.
        channels: The feature maps of each convolution 3 x 3; from the second one on, a convolution halves the sides.
        units: The units of each dense layer.
        activation: Their activation function.
        normalization: Whether a layer norm follows each dense layer, before its activation function.
    """
    h = observation
    if len(h.shape) == PLANES:
        for number, maps in enumerate(channels):
            h = Conv2d(maps, 3, stride=1 if number == 0 else 2, padding=1, activation="relu")(h)
        h = Flatten()(h)
    for count in units:
        h = Activation(activation)(LayerNorm()(Linear(count)(h))) if normalization else Linear(
            count, activation=activation)(h)  # fmt: skip
    return h


def add_recurrent_layer(h: Node, cell: str, units: int) -> tuple[Node, dict[str, Node], dict[str, Node]]:
    """Add a recurrent layer that reads a sequence.

    Args:
        h: The sequence.
        cell: The kind of the layer: a name of `axone.graph.RECURRENT_LAYERS`.
        units: Its units.

    Returns:
        The outputs at each step; the inputs that the layer needs besides, by name: the lengths of sequences and the
        parts of the state before them; and the parts of the state after them.
    """
    layer = RECURRENT_LAYERS[cell](units)
    state = {part: Input(1, units, name=part) for part in layer.state_parts}
    lengths = Input(dtype="int64", name="lengths")
    h, final = layer(h, lengths=lengths, state=tuple(state.values()))
    return h, {"lengths": lengths, **state}, dict(zip(state, final if isinstance(final, tuple) else (final,)))


def initialize(network: Model) -> Model:
    """Draw orthogonal weights: the first policy is nearly uniform, because the last layer's weights are small."""
    for name, parameter in network.named_parameters():
        if parameter.ndim > 1:
            nn.init.orthogonal_(parameter, GAINS.get(name.split(".")[0], 2**0.5))
        else:
            nn.init.zeros_(parameter)
    return network
