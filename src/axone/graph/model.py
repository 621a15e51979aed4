"""A written network as an ordinary torch module, which also knows its own shape, size and looks.

x = Input(1, 28, 28)
h = Conv2d(32, 3, activation="relu")(x)
h = MaxPool2d(2)(h)
model = Model(x, Linear(10)(Flatten()(h)))
logits = model(images)                       # train, compile, trace, export, copy it like any other
print(model.summary())
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, cast

import torch
from jaxtyping import Shaped
from torch import Tensor, nn

from axone.errors import closest
from axone.graph import block
from axone.graph.arguments import node_name
from axone.graph.describe import draw, file, source, summary
from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.graph.node import Node
from axone.graph.optimize_plan import rewritten
from axone.graph.plan import Call, Step, needed, with_forgetting, written
from axone.graph.record import NodeRecord, records
from axone.messages import _

Batched = Shaped[Tensor, "batch ..."]


class Model(nn.Module):
    """The network between some inputs and some outputs; its weights are made here, in the order of writing.

    `outputs` is one node (the model returns a tensor) or several (a tuple). `device="meta"` describes a network
    of any size without allocating its weights. Submodules and state_dict keys are the names of the nodes. Called on
    nodes instead of tensors, a model is a block of a larger network (see block.py), in which `name` stands before
    the names of its nodes.
    """

    def __init__(
        self,
        inputs: Node | Sequence[Node],
        outputs: Node | Sequence[Node],
        *,
        device: str | torch.device | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__()
        self._name = _checked_name(name)
        self._twins: dict[str, Layer] = {}
        starts, ends = _several(inputs), _several(outputs)
        nodes, names = records(starts, ends)
        self._nodes = tuple(nodes)
        self._index = {node.name: number for number, node in enumerate(nodes)}
        self._inputs = tuple(names[node] for node in starts)
        self._outputs = tuple(names[node] for node in ends)
        self._returns_tuple = not isinstance(outputs, Node)
        with torch.device(device) if device is not None else nullcontext():
            for node in nodes:
                if node.kind != "Input" and not node.shared:
                    shapes = (nodes[self._index[name]].shape for name in node.inputs)
                    borrowed = node.layer.borrowed
                    self._attach(node, node.layer.build(*shapes) if borrowed is None else borrowed)
        kept = {self._index[name] for name in self._outputs}
        self._written = written(nodes)
        self._plan = with_forgetting(rewritten(self._written, kept), kept)

    def _attach(self, node: NodeRecord, made: nn.Module) -> None:
        *groups, last = node.name.split(".")
        home: nn.Module = self
        for part in groups:
            if part not in home._modules:
                self._refuse_taken(home, part, node)
                home.add_module(part, nn.Module())
            inner = home._modules[part]
            assert inner is not None
            home = inner
        self._refuse_taken(home, last, node)
        home.add_module(last, made)

    @staticmethod
    def _refuse_taken(home: nn.Module, part: str, node: NodeRecord) -> None:
        if hasattr(home, part):
            raise GraphError(
                _('{layer} cannot be named "{name}": a module already has a "{part}".',
                  layer=node.layer, name=node.name, part=part),
                hint=_("Give it another name."),
            )  # fmt: skip

    def forward(self, *inputs: Batched | Node) -> Batched | Node | tuple[Batched | Node, ...]:
        """Compute the outputs of a batch; one tensor per input, in the order of Model's inputs.

        On nodes: write this network behind them, and return the nodes of its outputs.
        """
        if any(isinstance(each, Node) for each in inputs):
            self._require_count(len(inputs))
            ends = block.place(self, inputs, self._twins)
            return ends if self._returns_tuple else ends[0]
        values = self._execute(self._plan, cast(tuple[Tensor, ...], inputs))
        results = tuple(values[self._index[name]] for name in self._outputs)
        return results if self._returns_tuple else results[0]

    def activations(
        self, inputs: Batched | Sequence[Batched], names: str | Sequence[str]
    ) -> Batched | dict[str, Batched]:
        """What the named nodes answer, after their activation: a tensor for one name, else name -> tensor.

        Only what they need is computed, in the order as written.
        """
        wanted = [names] if isinstance(names, str) else list(names)
        for name in wanted:
            if name not in self._index:
                near = closest(name, self._index)
                raise GraphError(
                    _("The network has no node {name}.", name=name),
                    hint=_("Did you mean {name}?", name=near) if near else None,
                )
        steps = needed(self._written, [self._index[name] for name in wanted])
        values = self._execute(self._written, [inputs] if isinstance(inputs, Tensor) else inputs, steps)
        found = {name: values[self._index[name]] for name in wanted}
        return found[names] if isinstance(names, str) else found

    def _execute(
        self, steps: Sequence[Step], inputs: Sequence[Tensor], only: set[int] | None = None
    ) -> dict[int, Tensor]:
        self._require_count(len(inputs))
        values = {self._index[name]: tensor for name, tensor in zip(self._inputs, inputs)}
        for number, step in enumerate(steps):
            if number in values or (only is not None and number not in only):
                continue
            arguments = [values[source] for source in step.sources]
            for call in step.calls:
                arguments = [self._found(call)(*arguments)]
            values[number] = arguments[0]
            for done in step.forget:
                del values[done]
        return values

    def _require_count(self, count: int) -> None:
        if count != len(self._inputs):
            raise GraphError(
                _("The model got {count} inputs.", count=count),
                expected=_("expected {count}: {names}", count=len(self._inputs), names=", ".join(self._inputs)),
            )

    def _found(self, call: Call) -> Any:
        if not isinstance(call, tuple):
            return call
        # By name at each call, so that a submodule that was replaced (a new head) is the one that works.
        module: Any = self
        for part in call:
            module = module._modules[part]
        return module

    @property
    def name(self) -> str | None:
        """What stands before the names of its nodes where this model is a block of another."""
        return self._name

    @property
    def input_names(self) -> tuple[str, ...]:
        """The name of each input's node."""
        return self._inputs

    @property
    def output_names(self) -> tuple[str, ...]:
        """The name of each output's node."""
        return self._outputs

    @property
    def returns_tuple(self) -> bool:
        """Whether the model was written with several outputs (or a list of one) and returns a tuple."""
        return self._returns_tuple

    @property
    def nodes(self) -> tuple[NodeRecord, ...]:
        """All nodes, in the order of writing."""
        return self._nodes

    @property
    def input_shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shape of each input, without batch."""
        return tuple(self._nodes[self._index[name]].shape for name in self._inputs)

    @property
    def output_shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shape of each output, without batch."""
        return tuple(self._nodes[self._index[name]].shape for name in self._outputs)

    @property
    def parameters_count(self) -> int:
        """The number of weights, each counted once."""
        return sum(node.parameters for node in self._nodes)

    @property
    def flops(self) -> int:
        """Multiply-adds, times two, of one example's way through the network (products only)."""
        return sum(node.flops for node in self._nodes)

    def summary(self) -> str:
        """The network as a table: name, layer, output shape, parameters, FLOPs, receptive field, from."""
        return summary.table(self._nodes)

    def draw(self) -> str:
        """The network as an SVG picture, from top to bottom, with an overview block by block that a page can show."""
        return draw.svg(self._nodes)

    def to_json(self) -> dict[str, Any]:
        """The network, without its weights, as plain data that `json.dumps` takes."""
        ends = self._outputs if self._returns_tuple else self._outputs[0]
        return file.write(self._nodes, self._inputs, ends, self._name)

    def to_source(self) -> str:
        """The network as a Python file that needs torch alone: its class Network takes this model's state_dict.

        Raises GraphError where a submodule is neither torch's nor one of Axone's layers.
        """
        return source.write(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any], *, device: str | torch.device | None = None) -> Model:
        """Build the network that `to_json` described, with new weights. Executes nothing from the data.

        Raises GraphError for unknown layers, cycles, wrong types and absurd sizes, before any weight is allocated.
        """
        inputs, outputs, name = file.read(data)
        return cls(inputs, outputs, device=device, name=name)


def _checked_name(name: str | None) -> str | None:
    try:
        return node_name(name)
    except ValueError as error:
        raise GraphError(
            _("Model: name cannot be {value}.", value=repr(name)[:80]), expected=_("expected {what}", what=str(error))
        ) from None


def _several(nodes: Node | Sequence[Node]) -> tuple[Node, ...]:
    several = (nodes,) if isinstance(nodes, Node) else tuple(nodes) if isinstance(nodes, list | tuple) else ()
    if not several or not all(isinstance(node, Node) for node in several):
        raise GraphError(
            _("Model takes the network's inputs and outputs."),
            expected=_("expected what Input(...) and layers returned: Model(x, y) or Model((a, b), (y, z))"),
        )
    return several
