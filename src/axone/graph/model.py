"""A written network as an ordinary torch module, which can also describe, draw and serialize itself.

x = Input(1, 28, 28)
h = Conv2d(32, 3, activation="relu")(x)
h = MaxPool2d(2)(h)
model = Model(x, Linear(10)(Flatten()(h)))
logits = model(images)                       # train, compile, trace, export and copy it like any other module
print(model.summary())
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import torch
from jaxtyping import Shaped
from torch import Tensor, nn

from axone.errors import closest
from axone.graph.block import Block
from axone.graph.describe import draw, file, notebook, source, summary
from axone.graph.errors import GraphError
from axone.graph.nodes.arguments import check_node_name
from axone.graph.nodes.node import Node
from axone.graph.nodes.operation import Operation
from axone.graph.optimize_plan import optimize_plan
from axone.graph.plan import Call, Step, build_plan, execute, find_required_steps, free_dead_values
from axone.graph.record import NodeRecord, record_nodes
from axone.graph.structure import Nodes, Structure, flatten_nodes
from axone.messages import _

Batched = Shaped[Tensor, "batch ..."]
Inputs = Batched | Node | Sequence[Batched | Node] | Mapping[str, Batched | Node]


class Model(nn.Module):
    """The network between some inputs and some outputs. It creates the weights, in the order of writing.

    `inputs` and `outputs` are one node, a sequence of nodes, or a dict. The model returns a tensor for one output node,
    a tuple for a sequence, and a dict for a dict. Submodules and state_dict keys have the names of the nodes.

    Layers belong to their nodes: where another Model over the same nodes has created a layer's module, this one has the
    same module, so that training, moving or loading one of them changes both. A copy (`copy.deepcopy`) and
    `Model.from_json` have weights of their own. `device="meta"` describes a network of any size without allocating
    weights, and shares none.

    Called on nodes instead of tensors, a model is a block of a larger network (see block.py), in which `name` is the
    prefix of its nodes' names. Raises GraphError for inputs that are missing or unused and for names that clash.
    """

    def __init__(
        self,
        inputs: Nodes,
        outputs: Nodes,
        *,
        device: str | torch.device | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__()
        self._name = _check_name(name)
        (input_nodes, input_keys), (output_nodes, output_keys) = flatten_nodes(inputs), flatten_nodes(outputs)
        nodes, names = record_nodes(input_nodes, output_nodes)
        self._nodes = tuple(nodes)
        self._index = {node.name: number for number, node in enumerate(nodes)}
        self._inputs = Structure(tuple(names[node] for node in input_nodes), input_keys, isinstance(inputs, Node))
        self._outputs = Structure(tuple(names[node] for node in output_nodes), output_keys, isinstance(outputs, Node))
        self._block = Block(nodes, name)
        with torch.device(device) if device is not None else nullcontext():
            for node in nodes:
                if node.kind != "Input" and not node.shared:
                    shapes = [nodes[self._index[name]].shape for name in node.inputs]
                    self._attach(node, _find_module(node.layer, shapes))
        results = {self._index[output] for output in self._outputs.names}
        self._plan = build_plan(nodes)
        self._optimized_plan = free_dead_values(optimize_plan(self._plan, results), results)

    def _attach(self, node: NodeRecord, module: nn.Module) -> None:
        *groups, last = node.name.split(".")
        parent: nn.Module = self
        for part in groups:
            if part not in parent._modules:
                self._check_free(parent, part, node)
                parent.add_module(part, nn.Module())
            child = parent._modules[part]
            assert child is not None
            parent = child
        self._check_free(parent, last, node)
        parent.add_module(last, module)

    @staticmethod
    def _check_free(parent: nn.Module, part: str, node: NodeRecord) -> None:
        if hasattr(parent, part):
            raise GraphError(
                _('{layer} cannot be named "{name}": a module already has a "{part}".',
                  layer=node.layer, name=node.name, part=part),
                hint=_("Give it another name."),
            )  # fmt: skip

    def forward(self, *inputs: Inputs, **named: Batched | Node) -> Any:
        """Compute the outputs of a batch from one tensor per input, in the order of Model's inputs.

        Instead of one by one, the inputs are also passed as one sequence, or by name, as a dict or as keyword
        arguments: by the keys of the dict with which the model was written, otherwise by the names of the input nodes.

        Called on nodes instead of tensors, it writes this network after them and returns the nodes of its outputs.
        """
        values = self._inputs.read(inputs, named)
        if any(isinstance(one, Node) for one in values):
            return self._outputs.arrange(self._write(values))
        computed = self._execute(self._optimized_plan, values)
        return self._outputs.arrange(computed[self._index[name]] for name in self._outputs.names)

    def _write(self, inputs: Sequence[object]) -> list[Node]:
        by_name: dict[str, Node] = {}
        for name, node in zip(self._inputs.names, inputs):
            if not isinstance(node, Node):
                raise GraphError(
                    _("A model was called on nodes and on a {type}.", type=type(node).__name__),
                    expected=_("expected only nodes, or only tensors"),
                )
            by_name[name] = node
        nodes = self._block.write(self, by_name)
        return [nodes[name] for name in self._outputs.names]

    def activations(self, inputs: Inputs, names: str | Sequence[str]) -> Batched | dict[str, Batched]:
        """Return the outputs of the named nodes, after their activation: one tensor for one name, else a dict.

        Only the nodes that are needed are computed, in the order as written. Raises GraphError for an unknown name.
        """
        wanted = [names] if isinstance(names, str) else list(names)
        for name in wanted:
            if name not in self._index:
                near = closest(name, self._index)
                raise GraphError(
                    _("The network has no node {name}.", name=name),
                    hint=_("Did you mean {name}?", name=near) if near else None,
                )
        required = find_required_steps(self._plan, [self._index[name] for name in wanted])
        values = self._execute(self._plan, self._inputs.read([inputs], {}), required)
        results = {name: values[self._index[name]] for name in wanted}
        return results[names] if isinstance(names, str) else results

    def _execute(
        self, steps: Sequence[Step], inputs: Sequence[Tensor], required: set[int] | None = None
    ) -> dict[int, Tensor]:
        values = {self._index[name]: tensor for name, tensor in zip(self._inputs.names, inputs)}
        return execute(steps, values, self._resolve, required)

    def _resolve(self, call: Call) -> Any:
        if not isinstance(call, tuple):
            return call
        # By name at each call, so that a replaced submodule (a new head) is the one that is executed.
        module: Any = self
        for part in call:
            module = module._modules[part]
        return module

    @property
    def name(self) -> str | None:
        """The prefix of its nodes' names where this model is a block of another."""
        return self._name

    @property
    def input_names(self) -> tuple[str, ...]:
        """The name of each input node."""
        return self._inputs.names

    @property
    def output_names(self) -> tuple[str, ...]:
        """The name of each output node."""
        return self._outputs.names

    @property
    def input_keys(self) -> tuple[str, ...] | None:
        """The keys of the dict of inputs with which the model was written; None if it was written without one."""
        return self._inputs.keys

    @property
    def output_keys(self) -> tuple[str, ...] | None:
        """The keys of the dict that the model returns; None if it returns a tensor or a tuple."""
        return self._outputs.keys

    @property
    def returns_tuple(self) -> bool:
        """Whether the model was written with a sequence of outputs and returns a tuple."""
        return not self._outputs.single and self._outputs.keys is None

    @property
    def nodes(self) -> tuple[NodeRecord, ...]:
        """All nodes, in the order of writing."""
        return self._nodes

    @property
    def input_shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shape of each input, without the batch."""
        return tuple(self._nodes[self._index[name]].shape for name in self._inputs.names)

    @property
    def output_shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shape of each output, without the batch."""
        return tuple(self._nodes[self._index[name]].shape for name in self._outputs.names)

    @property
    def parameter_count(self) -> int:
        """The number of weights, each counted once."""
        return sum(node.parameters for node in self._nodes)

    @property
    def flops(self) -> int:
        """Twice the number of multiply-adds of the forward pass for one example."""
        return sum(node.flops for node in self._nodes)

    def summary(self) -> str:
        """Return the network as a table: name, layer, output shape, parameters, FLOPs, receptive field, inputs."""
        return summary.format_table(self._nodes)

    def draw(self) -> str:
        """Return the network as an SVG drawing, from top to bottom, with a hidden drawing of each block."""
        return draw.draw_svg(self._nodes)

    def _repr_html_(self) -> str:
        """Return the display in a notebook: the drawing, and the summary on demand."""
        return notebook.render_model(self.summary(), self.draw())

    def to_json(self) -> dict[str, Any]:
        """Return the network, without its weights, as plain data that `json.dumps` accepts.

        Raises GraphError for a layer with code of your own (`Apply`), which data cannot hold.
        """
        return file.write(self._nodes, self._inputs, self._outputs, self._name)

    def to_source(self) -> str:
        """Return the network as a Python file that needs torch only; its class Network loads this model's state_dict.

        Raises GraphError for a submodule that is neither from torch.nn nor one of Axone's layers.
        """
        modules = {node.name: self.get_submodule(node.module) for node in self._nodes if node.kind != "Input"}
        return source.write(self._nodes, self._inputs, self._outputs, modules)

    @classmethod
    def from_json(cls, data: Mapping[str, Any], *, device: str | torch.device | None = None) -> Model:
        """Build the network that `to_json` described, with new weights. Executes nothing from the data.

        Raises GraphError for unknown layers, cycles, wrong types and excessive sizes, before it allocates a weight.
        """
        inputs, outputs, name = file.read(data)
        return cls(inputs, outputs, device=device, name=name)


def _check_name(name: str | None) -> str | None:
    try:
        return check_node_name(name)
    except ValueError as error:
        raise GraphError(
            _("Model: name cannot be {value}.", value=repr(name)[:80]), expected=_("expected {what}", what=str(error))
        ) from None


def _find_module(layer: Operation, shapes: Sequence[tuple[int, ...]]) -> nn.Module:
    """Return the module of a layer, which the first Model over its nodes builds and later ones share."""
    if torch.get_default_device().type == "meta":
        # A description: its modules have no numbers, and real ones must not be changed through it.
        if layer.meta_module is None:
            layer.record_meta_module(layer.build(*shapes))
        assert layer.meta_module is not None
        return layer.meta_module
    if layer.module is None:
        layer.record_module(layer.build(*shapes))
    assert layer.module is not None
    return layer.module
