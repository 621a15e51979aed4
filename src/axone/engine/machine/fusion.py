"""Convolutions that also add and apply ReLU, each of them one operation of oneDNN.

The sum of a residual block and the ReLU after a convolution read and write all maps again, which takes a fifth of the
time of a small network. oneDNN, torch's library of kernels for CPUs, can apply both to a part of the result before it
is written, and takes weights in the order in which its kernels read them, so that no call reorders them. torch.compile
uses the same operations, but needs a C++ compiler. Here `torch.export` records the network's operations; convolutions
are replaced together with what follows them, and everything else remains as it is.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from jaxtyping import Shaped
from torch import Tensor, fx, nn

aten = torch.ops.aten
Input = Shaped[Tensor, "batch channels height width"]
Maps = Shaped[Tensor, "batch maps rows columns"]


class Geometry(NamedTuple):
    """How a convolution moves over its input, in the order of the arguments of oneDNN."""

    padding: list[int]
    stride: list[int]
    dilation: list[int]
    groups: int


class FusedConvolution(nn.Module):
    """A convolution over height and width, with a sum and with ReLU where the network has them after it.

    Args:
        weight: The weight [O, I / groups, H, W]. `update` has to be called after a change.
        bias: The bias [O], or None.
        geometry: How the convolution moves.
        size: A size [N, I, H, W] of the input, for which the order of the weight is chosen; any other N is possible.
        has_relu: Whether ReLU follows.
    """

    def __init__(
        self, weight: Tensor, bias: Tensor | None, geometry: Geometry, size: tuple[int, ...], has_relu: bool
    ) -> None:
        super().__init__()
        self.weight, self.bias = weight, bias
        self.geometry, self.size, self.has_relu = geometry, size, has_relu
        self.update()

    def update(self) -> None:
        """Store the weight in the order in which oneDNN reads it."""
        reorder: Any = torch._C._nn.mkldnn_reorder_conv2d_weight
        self.reordered = reorder(self.weight.detach().to_mkldnn(), *self.geometry, self.size)

    def forward(self, inputs: Input, other: Maps | None = None) -> Maps:
        """Return the convolution of the input, plus the other maps, after ReLU."""
        operation, relu = torch.ops.mkldnn._convolution_pointwise, "relu" if self.has_relu else None
        if other is None:
            return operation(inputs, self.reordered, self.bias, *self.geometry, relu or "none", [], "")
        return operation.binary(inputs, other, self.reordered, self.bias, *self.geometry, "add", 1.0, relu, [], "")


class FusedNetwork(nn.Module):
    """A network whose convolutions are `FusedConvolution`, with the weights of the network itself.

    Args:
        model: The network, in evaluation mode. It is not changed.
        example: A batch of at least two inputs.

    Raises:
        Exception: torch.export cannot record the network for batches of any size.
    """

    def __init__(self, model: nn.Module, example: Shaped[Tensor, "batch ..."]) -> None:
        super().__init__()
        program = record(model, example)
        self.structure = program.call_spec.out_spec
        self.operations = make_operations(program)

    def forward(self, inputs: Shaped[Tensor, "batch ..."]) -> Any:
        """Return what the network returns."""
        return torch.utils._pytree.tree_unflatten(self.operations(inputs), self.structure)

    def update(self) -> None:
        """Take over the weights that the network has now."""
        for module in self.operations.children():
            if isinstance(module, FusedConvolution):
                module.update()


def can_fuse(device: torch.device) -> bool:
    """Return whether torch has the operations that `FusedConvolution` calls. They are not part of its public API."""
    names = ((torch.ops.mkldnn, "_convolution_pointwise"), (torch._C._nn, "mkldnn_reorder_conv2d_weight"))
    return device.type == "cpu" and torch.backends.mkldnn.is_available() and all(hasattr(*name) for name in names)


class OneInput(nn.Module):
    """A network as a module with exactly one argument, as torch.export needs it."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, inputs: Shaped[Tensor, "batch ..."]) -> Any:
        """Return what the network returns."""
        return self.model(inputs)


def record(model: nn.Module, example: Shaped[Tensor, "batch ..."]) -> torch.export.ExportedProgram:
    """Return the operations of a network for batches of any size, none of which changes its input."""
    sizes = ({0: torch.export.Dim.DYNAMIC},)
    program = torch.export.export(OneInput(model), (example,), dynamic_shapes=sizes, strict=False)
    targets = [node.target for node in program.graph.nodes]
    if any(isinstance(target, torch._ops.OpOverload) and target._schema.is_mutable for target in targets):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # torch calls a function that it has deprecated
            program = program.run_decompositions({})
    if program.graph_signature.buffers_to_mutate:
        raise ValueError("The network changes its buffers.")
    return program


def make_operations(program: torch.export.ExportedProgram) -> fx.GraphModule:
    """Return the recorded operations with fused convolutions. They read the memory of the network's weights."""
    signature = program.graph_signature
    sources = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
    sources |= signature.inputs_to_lifted_tensor_constants
    root, graph, copies = nn.Module(), fx.Graph(), dict[fx.Node, fx.Node]()
    for node in program.graph.nodes:
        if node.op == "placeholder" and node.name in sources:
            name = sources[node.name]
            values = program.state_dict[name] if name in program.state_dict else program.constants[name]
            root.register_buffer(node.name, values.detach())
            copies[node] = graph.get_attr(node.name)
        else:
            copies[node] = graph.node_copy(node, copies.__getitem__)
    for node in list(graph.nodes):
        if node.target in (aten.conv2d.default, aten.conv2d.padding):
            fuse(root, graph, node)
    module = fx.GraphModule(root, graph)
    module.graph.eliminate_dead_code()
    module.recompile()
    return module


def fuse(root: nn.Module, graph: fx.Graph, node: fx.Node) -> None:
    """Replace a convolution, and the sum and the ReLU that alone read its result, by one operation."""
    arguments: list[Any] = [*node.args, None]
    inputs, weight, bias = arguments[:3]
    tensors = [one for one in (weight, bias) if one is not None]
    if node.kwargs or inputs.meta["val"].ndim != 4 or any(one.op != "get_attr" for one in tensors):
        return
    values = [root.get_buffer(one.target) for one in tensors]
    geometry = read_geometry(node.args[3:], values[0].shape)
    if geometry is None:
        return
    last, sources = node, [inputs]
    other = find_other_term(node)
    if other is not None:
        last, sources = next(iter(node.users)), [inputs, other]
    readers = list(last.users)
    has_relu = [one.target for one in readers] == [aten.relu.default]
    if has_relu:
        last = readers[0]
    size = (2, *inputs.meta["val"].shape[1:])
    name = f"fused_{node.name}"
    root.add_module(name, FusedConvolution(values[0], values[1] if bias else None, geometry, size, has_relu))
    with graph.inserting_before(last):
        result = graph.call_module(name, tuple(sources))
    result.meta["val"] = last.meta["val"]
    last.replace_all_uses_with(result)


def read_geometry(arguments: Sequence[Any], weight_shape: torch.Size) -> Geometry | None:
    """Return how a convolution moves, from the arguments of `aten.conv2d` after the bias.

    Returns:
        None where "same" padding would add unequal borders, which oneDNN does not compute.
    """
    defaults: list[Any] = [1, 0, 1, 1]
    stride, padding, dilation, groups = [*arguments, *defaults[len(arguments) :]]
    stride, dilation = make_pair(stride), make_pair(dilation)
    if not isinstance(padding, str):
        return Geometry(make_pair(padding), stride, dilation, groups)
    borders = [step * (side - 1) if padding == "same" else 0 for step, side in zip(dilation, weight_shape[2:])]
    if any(border % 2 for border in borders):
        return None
    return Geometry([border // 2 for border in borders], stride, dilation, groups)


def make_pair(value: int | Sequence[int]) -> list[int]:
    """Return the numbers for height and width, which may be given as one."""
    return [value] * 2 if isinstance(value, int) else list(value)


def find_other_term(node: fx.Node) -> fx.Node | None:
    """Return what is added to a result, if a sum with a tensor of the same shape and type alone reads it."""
    readers = list(node.users)
    if len(readers) != 1 or readers[0].target is not aten.add.Tensor or readers[0].kwargs:
        return None
    others = [one for one in readers[0].args if isinstance(one, fx.Node) and one is not node]
    if len(others) != 1:
        return None
    ours, theirs = node.meta["val"], others[0].meta["val"]
    is_alike = isinstance(theirs, Tensor) and theirs.shape == ours.shape and theirs.dtype == ours.dtype
    return others[0] if is_alike else None
