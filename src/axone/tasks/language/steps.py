"""A language model one symbol at a time: the fast way to write, and to score the continuations of many texts.

The network of a run computes whole windows. Here its weights are used symbol by symbol, without the graph around them,
which has the same result (a test compares them) at a fraction of the time: the product of each symbol's embedding with
the input weights is computed once for the whole vocabulary, so that a step of one layer is one product of a matrix
with a vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

State = tuple[Float[Tensor, "batch layers hidden"], ...]


class _Layer(NamedTuple):
    """The weights of one recurrent layer, for products from the right."""

    input: Tensor  # [symbols, gates x hidden] with all biases for the first layer, else [inputs, gates x hidden]
    hidden: Tensor  # [hidden, gates x hidden]
    bias: Tensor  # [gates x hidden]; that of the hidden weights alone for the first layer
    hidden_bias: Tensor  # [gates x hidden]


class StepModel:
    """The weights of a language model, to be used symbol by symbol, in float32 on the CPU.

    Args:
        embedding: The embedding of the symbols, which is also the output layer.
        cells: The recurrent module: torch's LSTM, GRU or RNN with any number of layers.
        projection: From the output of the last layer to the size of an embedding.
    """

    def __init__(self, embedding: nn.Embedding, cells: nn.RNNBase, projection: nn.Linear) -> None:
        def copy(value: Tensor) -> Tensor:
            return value.detach().float().cpu()

        self.mode, self.units, self.layers = cells.mode, cells.hidden_size, cells.num_layers
        vectors = copy(embedding.weight)
        self.symbols = len(vectors)
        self._layers: list[_Layer] = []
        for number in range(self.layers):
            weights = [copy(getattr(cells, f"{name}_l{number}")) for name in ("weight_ih", "weight_hh", "bias_ih",
                                                                             "bias_hh")]  # fmt: skip
            from_input, from_hidden, bias, hidden_bias = weights
            table = vectors @ from_input.T + bias if number == 0 else from_input.T.contiguous()
            self._layers.append(_Layer(table, from_hidden.T.contiguous(), bias, hidden_bias))
        # Projection and output layer are one matrix: both are linear.
        self._output = (copy(projection.weight).T @ vectors.T).contiguous()  # [hidden, symbols]
        self._output_bias = vectors @ copy(projection.bias)

    def start(self, count: int = 1) -> State:
        """Return the state of `count` texts before their first symbol."""
        parts = 2 if self.mode == "LSTM" else 1
        return tuple(torch.zeros(count, self.layers, self.units) for _part in range(parts))

    @torch.inference_mode()
    def step(self, symbols: Int64[Tensor, " batch"], state: State) -> tuple[Float[Tensor, "batch symbols"], State]:
        """Return the logits of the next symbol of each text, and its state, after one more symbol."""
        output = symbols
        parts: list[tuple[Tensor, ...]] = []
        for number, layer in enumerate(self._layers):
            inputs = layer.input[output] if number == 0 else torch.addmm(layer.bias, output, layer.input)
            parts.append(self._update(inputs, tuple(part[:, number] for part in state), layer))
            output = parts[-1][0]
        logits = torch.addmm(self._output_bias, output, self._output)
        if self.layers == 1:
            return logits, tuple(part[:, None] for part in parts[0])
        return logits, tuple(torch.stack(part, 1) for part in zip(*parts))

    @torch.inference_mode()
    def read(
        self, symbols: Sequence[int] | Int64[Tensor, " steps"], state: State | None = None
    ) -> tuple[Float[Tensor, "1 symbols"], State]:
        """Return the logits after a text of one symbol at least, and its state."""
        state = self.start() if state is None else state
        for symbol in torch.as_tensor(symbols, dtype=torch.int64)[:, None]:
            logits, state = self.step(symbol, state)
        return logits, state

    def _update(self, inputs: Tensor, state: tuple[Tensor, ...], layer: _Layer) -> tuple[Tensor, ...]:
        """Return the new state of one layer: the equations of torch.nn.LSTM, GRU and RNN."""
        hidden, units = state[0], self.units
        products = torch.addmm(layer.hidden_bias, hidden, layer.hidden)
        if self.mode == "LSTM":
            gates = inputs + products
            opened = gates.sigmoid()  # the candidate's, which is not used, costs less than two calls
            candidate = gates[:, 2 * units : 3 * units].tanh()
            cell = opened[:, units : 2 * units] * state[1] + opened[:, :units] * candidate
            return opened[:, 3 * units :] * cell.tanh(), cell
        if self.mode == "GRU":
            opened = (inputs[:, : 2 * units] + products[:, : 2 * units]).sigmoid()
            candidate = (inputs[:, 2 * units :] + opened[:, :units] * products[:, 2 * units :]).tanh()
            return (torch.lerp(candidate, hidden, opened[:, units:]),)
        return ((inputs + products).tanh(),)


def find_step_model(network: nn.Module) -> StepModel:
    """Return the weights of a language model's network. Raises ValueError for a network with other layers."""
    modules = list(network.modules())
    embeddings = [module for module in modules if isinstance(module, nn.Embedding)]
    cells = [module for module in modules if isinstance(module, nn.RNNBase)]
    projections = [module for module in modules if isinstance(module, nn.Linear)]
    if not len(embeddings) == len(cells) == len(projections) == 1:
        raise ValueError("expected one embedding, one recurrent layer and one projection")
    if cells[0].bidirectional or cells[0].mode == "RNN_RELU":
        raise ValueError(f"expected an LSTM, GRU or RNN with tanh in one direction, not {cells[0]}")
    return StepModel(embeddings[0], cells[0], projections[0])
