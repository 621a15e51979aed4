"""A copy of a network that only answers, faster: fewer operations, channels last, bfloat16 where the hardware has it.

In evaluation mode a batch norm is a linear function of each channel, so that it can be part of the convolution before
it (Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
section 3.2). Sums and ReLUs are part of it too where oneDNN computes them (`fusion.py`). Channels last is the order in
which oneDNN and cuDNN multiply. A search that evaluates positions with a network costs little besides the evaluations.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import torch
from jaxtyping import Shaped
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from axone.engine.machine.fusion import FusedNetwork, can_fuse
from axone.engine.machine.precision import choose_precision

Convolution = nn.Conv1d | nn.Conv2d | nn.Conv3d
BatchNorm = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d


class Pair(NamedTuple):
    """The names of a convolution and of the batch norm that alone reads its output."""

    convolution: str
    norm: str


class InferenceNetwork(nn.Module):
    """A copy of a network for inference, which returns what the network returns, in float32.

    network = InferenceNetwork(trained, example)
    network.update(trained)                        # after the trained network has changed

    `copy.deepcopy` cannot copy it, because oneDNN holds weights in an order of its own: make another one instead.

    Args:
        model: The network. It is not changed.
        example: A batch of inputs, with which it is found out which batch norms follow which convolution.
        precision: "auto", "float32" or "bfloat16", as the setting `precision`. For a single example at a time bfloat16
            is not faster.

    Raises:
        ResourceError: The device does not support the precision.
    """

    def __init__(self, model: nn.Module, example: Shaped[Tensor, "batch ..."], precision: str = "auto") -> None:
        super().__init__()
        self.pairs = find_norms_to_fold(model, example)
        self.folded = fold_batch_norms(model, self.pairs)
        self.dtype = choose_precision(precision, example.device)
        self.folded.to(self.dtype)
        for parameter in self.folded.parameters():
            if parameter.ndim == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        self.fused = self.fuse(example)

    @torch.no_grad()
    def fuse(self, example: Shaped[Tensor, "batch ..."]) -> FusedNetwork | None:
        """Return the network with fused operations; None where they cannot be recorded, or not for all batches."""
        if not can_fuse(example.device):
            return None
        two = self.convert(torch.cat((example, example))[:2])
        try:
            fused = FusedNetwork(self.folded, two)
            fused(two)
        except Exception:  # whatever the code of the network does: it is slower, and the answers are the same
            return None
        return fused

    def convert(self, inputs: Shaped[Tensor, "batch ..."]) -> Shaped[Tensor, "batch ..."]:
        """Return inputs in the precision and in the order in which the network computes."""
        if inputs.is_floating_point():
            inputs = inputs.to(self.dtype)
        return inputs.contiguous(memory_format=torch.channels_last) if inputs.ndim == 4 else inputs

    def forward(self, inputs: Shaped[Tensor, "batch ..."]) -> Any:
        """Return the outputs for a batch of inputs, without a gradient."""
        network = self.folded if self.fused is None else self.fused
        with torch.no_grad():
            return to_float32(network(self.convert(inputs)))

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Take over the weights and statistics of the network, which has the structure of the first one."""
        self.load_weights(fold_batch_norms(model, self.pairs).state_dict())

    def copy_weights(self) -> dict[str, Tensor]:
        """Return a copy of the weights, into which batch norms are folded."""
        return {name: values.clone() for name, values in self.folded.state_dict().items()}

    @torch.no_grad()
    def load_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Take over weights that `copy_weights` has returned. `load_state_dict` does not update fused operations."""
        for name, values in self.folded.state_dict().items():
            values.copy_(weights[name])
        if self.fused is not None:
            self.fused.update()


def to_float32(outputs: Any) -> Any:
    """Return a network's outputs in float32: a tensor, or a tuple, list or dict of outputs."""
    if isinstance(outputs, Tensor):
        return outputs.float() if outputs.is_floating_point() else outputs
    if isinstance(outputs, dict):
        return {name: to_float32(one) for name, one in outputs.items()}
    if hasattr(outputs, "_fields"):
        return type(outputs)(*map(to_float32, outputs))
    return type(outputs)(map(to_float32, outputs)) if isinstance(outputs, tuple | list) else outputs


def fold_batch_norms(model: nn.Module, pairs: tuple[Pair, ...]) -> nn.Module:
    """Return a copy of a network in evaluation mode, in which the convolutions have taken over the batch norms.

    Args:
        model: The network. It is not changed.
        pairs: Which ones, from `find_norms_to_fold`.
    """
    folded = copy.deepcopy(model).eval().requires_grad_(False)
    for pair in pairs:
        convolution: Any = folded.get_submodule(pair.convolution)
        norm: Any = folded.get_submodule(pair.norm)
        convolution.weight, convolution.bias = fuse_conv_bn_weights(
            convolution.weight, convolution.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
        )
        folded.set_submodule(pair.norm, nn.Identity())
    return folded.requires_grad_(False)


def find_norms_to_fold(model: nn.Module, example: Shaped[Tensor, "batch ..."]) -> tuple[Pair, ...]:
    """Return the convolutions whose output one batch norm reads and nothing else.

    They are found in the graph that autograd records of a forward pass, whatever code the network consists of. Norms
    without weights, and modules that are called more than once, are left as they are.

    Args:
        model: The network. It is not changed.
        example: A batch of its inputs.
    """
    recorded = copy.deepcopy(model).eval().requires_grad_(True)
    with torch.enable_grad(), torch.autocast(example.device.type, enabled=False):
        outputs = recorded(example)
    nodes, readers = list_autograd_nodes(outputs)
    owners = {
        id(module.weight): name
        for name, module in recorded.named_modules()
        if isinstance(module, Convolution) or (isinstance(module, BatchNorm) and module.running_mean is not None)
    }

    def find_owner(node: Any) -> str | None:
        """Return the module whose weight an operation reads, if it is the only one that reads it."""
        weight = node.next_functions[1][0] if len(node.next_functions) > 1 else None
        is_read_once = weight is not None and readers[weight] == 1
        return owners.get(id(getattr(weight, "variable", None))) if is_read_once else None

    pairs = []
    for node in nodes:
        if "BatchNormBackward" in node.name():
            source = node.next_functions[0][0]
            if source is not None and "ConvolutionBackward" in source.name() and readers[source] == 1:
                convolution, norm = find_owner(source), find_owner(node)
                if convolution and norm and not getattr(recorded.get_submodule(convolution), "transposed", False):
                    pairs.append(Pair(convolution, norm))
    return tuple(pairs)


def list_autograd_nodes(outputs: Any) -> tuple[list[Any], Counter[Any]]:
    """Return the operations that lead to some outputs, and how many of them read each one's result."""
    readers: Counter[Any] = Counter()
    waiting = [output.grad_fn for output in iterate_tensors(outputs) if output.grad_fn is not None]
    nodes = list(dict.fromkeys(waiting))
    readers.update(waiting)  # an output is a reader too
    for node in nodes:  # grows while it is read
        for source, _number in node.next_functions:
            if source is not None:
                if source not in readers:
                    nodes.append(source)
                readers[source] += 1
    return nodes, readers


def iterate_tensors(outputs: Any) -> Iterator[Tensor]:
    """Yield the tensors in a network's outputs."""
    if isinstance(outputs, Tensor):
        yield outputs
    elif isinstance(outputs, dict):
        yield from iterate_tensors(list(outputs.values()))
    elif isinstance(outputs, tuple | list):
        for one in outputs:
            yield from iterate_tensors(one)
