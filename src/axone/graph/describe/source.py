"""A network as a Python file of its own, which imports torch alone and answers like the model it was written from.

Each submodule is written as the call that makes it, read off the module itself; what stands in no torch.nn class
(sums, "same" padding) is an expression that our module's own `source` method gives. The names are the model's, so
its state_dict loads as it is.
"""

from __future__ import annotations

import ast
import inspect
import keyword
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from torch import nn

from axone.graph.errors import GraphError
from axone.graph.layers.activations import written as activated
from axone.graph.layers.padding import pad_same, same
from axone.graph.layers.pooling import avg_pool_same, max_pool_same
from axone.graph.plan import Step, with_forgetting, written
from axone.graph.record import NodeRecord
from axone.messages import _

if TYPE_CHECKING:
    from axone.graph.model import Model

HEAD = '''"""A network in plain PyTorch, written by Axone. Its state_dict has the names of the original.

    network = Network()
    network.load_state_dict(weights)
    {example}
"""

import torch
from torch import nn
from torch.nn import functional as F
'''
GROUP = '''class Group(nn.Module):
    """Layers under one name: group["conv1"]."""

    def __init__(self, layers):
        super().__init__()
        for name, layer in layers.items():
            self.add_module(name, layer)

    def __getitem__(self, name):
        return self._modules[name]
'''
# What an expression may call, and what that needs in turn.
HELPERS: dict[str, tuple[Callable[..., Any], ...]] = {
    "pad_same": (same, pad_same),
    "max_pool_same": (same, pad_same, max_pool_same),
    "avg_pool_same": (same, pad_same, avg_pool_same),
}
RESERVED = {"self", "torch", "nn", "F", "Group", "same", *HELPERS}


def write(model: Model) -> str:
    """The file's text. Raises GraphError for a submodule that is neither torch's nor ours."""
    index = {node.name: number for number, node in enumerate(model.nodes)}
    kept = {index[name] for name in model.output_names}
    modules = {node.name: model.get_submodule(node.module) for node in model.nodes if node.kind != "Input"}
    declared: dict[str, Any] = {}
    for node in model.nodes:
        if node.kind != "Input" and not node.shared and (made := _constructor(modules[node.name])):
            *groups, last = node.name.split(".")
            home = declared
            for part in groups:
                home = home.setdefault(part, {})
            home[last] = made
    inputs = _identifiers(model.input_names)
    body, names = _body(model.nodes, with_forgetting(written(model.nodes), kept), modules, inputs)
    ends = ", ".join(names[index[name]] for name in model.output_names)
    several = "," if model.returns_tuple and len(model.output_names) == 1 else ""
    network = [
        "class Network(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        *(f"        {line}" for name, made in declared.items() for line in _assignment(name, made)),
        "",
        f"    def forward(self, {', '.join(inputs.values())}):",
        *(f"        {line}" for line in body),
        f"        return {ends}{several}",
    ]
    needed = dict.fromkeys(part for name, parts in HELPERS.items() if f"{name}(" in "\n".join(body) for part in parts)
    parts = [HEAD.format(example=_example(model)), *(_without_annotations(part) for part in needed)]
    if any(isinstance(made, dict) for made in declared.values()):
        parts.append(GROUP)
    return "\n\n".join([*parts, "\n".join([*network, ""])])


def _body(
    nodes: Sequence[NodeRecord], steps: Sequence[Step], modules: dict[str, nn.Module], inputs: dict[str, str]
) -> tuple[list[str], dict[int, str]]:
    """The lines of forward, and the variable that holds the value of each node in the end.

    A variable is used again once nobody reads its value any more: a chain is x = ... from top to bottom, and no
    more values are kept than the model keeps.
    """
    names: dict[int, str] = {}
    lines, free, count = [], [], 0
    for number, (node, step) in enumerate(zip(nodes, steps)):
        if node.kind == "Input":
            names[number] = inputs[node.name]
            continue
        value = _expression(node, modules[node.name], [names[source] for source in step.sources])
        free += [names[done] for done in step.forget if names[done] not in inputs.values()]
        if not free:
            # Inputs may be named like the variables.
            while (fresh := f"x{count or ''}") in inputs.values():
                count += 1
            free, count = [fresh], count + 1
        names[number] = free.pop(free.index(min(free, key=lambda name: (len(name), name))))
        if value != names[number]:
            lines.append(f"{names[number]} = {value}")
    return lines, names


def _expression(node: NodeRecord, module: nn.Module, sources: Sequence[str]) -> str:
    path = _path(node.module)
    own: Callable[..., str] | None = getattr(module, "source", None)
    value = own(path, *sources) if own else f"{path}({', '.join(sources)})"
    text = getattr(node.layer, "activation", None)
    return activated(text, value, node.layer.channels_dim) if text and node.kind != "Activation" else value


def _path(name: str) -> str:
    """The submodule in the file: self.conv1, or self.layer1["0"]["conv1"] within a group."""
    first, *rest = name.split(".")
    start = f"self.{first}" if _is_plain(first) else f'self._modules["{first}"]'
    return start + "".join(f'["{part}"]' for part in rest)


def _assignment(name: str, made: str | dict[str, Any]) -> list[str]:
    lines = _literal(made)
    if _is_plain(name):
        lines[0] = f"self.{name} = {lines[0]}"
    else:
        lines[0] = f'self.add_module("{name}", {lines[0]}'
        lines[-1] += ")"
    return lines


def _literal(made: str | dict[str, Any]) -> list[str]:
    if isinstance(made, str):
        return [made]
    lines = ["Group({"]
    for name, inner in made.items():
        first, *rest = _literal(inner)
        lines += [f'    "{name}": {first}', *(f"    {line}" for line in rest)]
        lines[-1] += ","
    return [*lines, "})"]


def _constructor(module: nn.Module) -> str | None:
    """The call that makes such a module, or None where `source` says all: a module of ours without weights."""
    own = (kind for kind in type(module).__mro__ if getattr(nn, kind.__name__, None) is kind is not nn.Module)
    kind: type[nn.Module] | None = next(own, None)
    if kind is not type(module) and not hasattr(module, "source"):
        raise _foreign(module)
    if kind is None:
        return None
    written = []
    for name, default in _arguments(kind).items():
        value = _argument(module, name)
        if default is inspect.Parameter.empty:
            written.append(repr(value))
        elif value != default:
            written.append(f"{name}={value!r}")
    return f"nn.{kind.__name__}({', '.join(written)})"


def _arguments(kind: type[nn.Module]) -> dict[str, Any]:
    """The arguments of a class of torch.nn with their defaults."""
    # RNN, GRU and LSTM take what their common base takes, which knows them apart by `mode`.
    recurrent = issubclass(kind, nn.RNNBase)
    parameters = inspect.signature(nn.RNNBase if recurrent else kind).parameters
    skipped = {"device", "dtype", *(["mode"] if recurrent else [])}
    found = {name: each.default for name, each in parameters.items() if name not in skipped and name[0] != "_"}
    return found | ({"nonlinearity": "tanh"} if kind is nn.RNN else {})


def _argument(module: nn.Module, name: str) -> Any:
    """What an argument was, as a person would write it: 3 for (3, 3), a switch for a bias. Raises GraphError."""
    value = getattr(module, name, module)
    if name == "bias" and not isinstance(value, bool):
        # A norm that learns nothing has no bias either, and need not say so.
        return value is not None or getattr(module, "weight", None) is None
    if not isinstance(value, int | float | str | tuple | None):
        raise _foreign(module)
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 and name != "normalized_shape" else value


def _foreign(module: nn.Module) -> GraphError:
    return GraphError(
        _("{type} cannot be written in plain PyTorch.", type=type(module).__name__),
        expected=_("expected a module of torch.nn, or one of Axone's layers"),
        hint=_("Give it a method source(module, *inputs) that returns its work as an expression of PyTorch."),
    )


def _identifiers(names: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        text = name.replace(".", "_")
        text = text if _is_plain(text) and text not in RESERVED else f"input_{text}"
        while text in found.values():
            text += "_"
        found[name] = text
    return found


def _is_plain(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


def _without_annotations(function: Callable[..., Any]) -> str:
    """One of our functions as text, without the annotations that need more than torch."""
    tree = ast.parse(inspect.getsource(function))
    for part in ast.walk(tree):
        if isinstance(part, ast.FunctionDef):
            part.returns = None
        elif isinstance(part, ast.arg):
            part.annotation = None
    return ast.unparse(tree) + "\n"


def _example(model: Model) -> str:
    """A line that calls the network with inputs of the right shapes."""
    made = []
    for name in model.input_names:
        layer: Any = next(node.layer for node in model.nodes if node.name == name)
        sizes = ", ".join(map(str, (1, *layer.shape)))
        plain = layer.dtype == "float32"
        made.append(f"torch.rand({sizes})" if plain else f"torch.zeros({sizes}, dtype=torch.{layer.dtype})")
    return f"outputs = network({', '.join(made)})"
