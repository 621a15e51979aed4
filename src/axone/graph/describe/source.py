"""A network as a Python file that imports torch only and computes the same as the model that it was written from.

Each submodule becomes the call that constructs it, reconstructed from the module itself. What no torch.nn class
computes (sums, "same" padding) becomes an expression that the `source` method of Axone's module returns. The names are
the model's, so that its state_dict can be loaded.
"""

from __future__ import annotations

import ast
import inspect
import json
import keyword
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from torch import nn

from axone.graph.activations import write_activation
from axone.graph.errors import GraphError
from axone.graph.layers.pooling import avg_pool_same, max_pool_same
from axone.graph.layers.recurrent.convolutional import run_conv_recurrent
from axone.graph.layers.recurrent.module import reverse_steps, run_direction, run_recurrent, select_last_step
from axone.graph.layers.steps import (
    drop_features,
    find_own_steps,
    pool_by_attention,
    pool_maximum,
    pool_mean,
    zero_padding,
)
from axone.graph.padding import pad_same, same_padding
from axone.graph.plan import Step, build_plan, free_dead_values
from axone.graph.record import NodeRecord
from axone.graph.structure import Structure
from axone.messages import _

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
    """Layers under a common name: group["conv1"]."""

    def __init__(self, layers):
        super().__init__()
        for name, layer in layers.items():
            self.add_module(name, layer)

    def __getitem__(self, name):
        return self._modules[name]
'''
# The functions that an expression may call, each with the functions to include for it.
HELPERS: dict[str, tuple[Callable[..., Any], ...]] = {
    "pad_same": (same_padding, pad_same),
    "max_pool_same": (same_padding, pad_same, max_pool_same),
    "avg_pool_same": (same_padding, pad_same, avg_pool_same),
    "drop_features": (drop_features,),
    "pool_by_attention": (find_own_steps, pool_by_attention),
    "pool_maximum": (find_own_steps, pool_maximum),
    "pool_mean": (find_own_steps, pool_mean),
    "run_conv_recurrent": (run_conv_recurrent,),
    "run_recurrent": (drop_features, find_own_steps, reverse_steps, select_last_step, run_direction, run_recurrent),
    "zero_padding": (find_own_steps, zero_padding),
}
RESERVED = {"self", "torch", "nn", "F", "Group", "same_padding", *HELPERS}

Constructors = dict[str, Any]  # name -> the text of a constructor call, or the constructors of a group


def write(nodes: Sequence[NodeRecord], inputs: Structure, outputs: Structure, modules: Mapping[str, nn.Module]) -> str:
    """Return the text of the file. `modules` maps each node except inputs to the submodule that computes it.

    Raises GraphError for a submodule that is neither from torch.nn nor one of Axone's.
    """
    index = {node.name: number for number, node in enumerate(nodes)}
    results = {index[name] for name in outputs.names}
    constructors = _write_constructors(nodes, modules)
    variables = _choose_input_names(inputs.names)
    body, names = _write_body(nodes, free_dead_values(build_plan(nodes), results), modules, variables)
    parameters = ", ".join(variables.values())
    if inputs.keys is not None:
        parameters = _choose_free_name("inputs", variables.values())
        taken = [f"{name} = {parameters}[{json.dumps(key)}]" for key, name in zip(inputs.keys, variables.values())]
        body = [*taken, *body]
    network = [
        "class Network(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        *(f"        {line}" for name, call in constructors.items() for line in _write_assignment(name, call)),
        "",
        f"    def forward(self, {parameters}):",
        *(f"        {line}" for line in body),
        f"        return {_write_structure(outputs, [names[index[name]] for name in outputs.names])}",
    ]
    needed = dict.fromkeys(part for name, parts in HELPERS.items() if f"{name}(" in "\n".join(body) for part in parts)
    head = HEAD.replace("{example}", _write_example(nodes, inputs))
    parts = [head, *(_remove_annotations(function) for function in needed)]
    if any(isinstance(call, dict) for call in constructors.values()):
        parts.append(GROUP)
    return "\n\n".join([*parts, "\n".join([*network, ""])])


def _write_structure(structure: Structure, values: Sequence[str]) -> str:
    """Return values as one expression, a tuple or a dict."""
    if structure.keys is not None:
        return "{" + ", ".join(f"{json.dumps(key)}: {value}" for key, value in zip(structure.keys, values)) + "}"
    return ", ".join(values) + ("," if len(values) == 1 and not structure.single else "")


def _write_constructors(nodes: Sequence[NodeRecord], modules: Mapping[str, nn.Module]) -> Constructors:
    """Return the constructor call of each module, nested by the parts of its name."""
    constructors: Constructors = {}
    for node in nodes:
        if node.kind == "Input" or node.shared:
            continue
        module = modules[node.name]
        if call := _write_constructor(module, repr(node.layer) if node.layer.is_opaque else type(module).__name__):
            *groups, last = node.name.split(".")
            parent = constructors
            for part in groups:
                parent = parent.setdefault(part, {})
            parent[last] = call
    return constructors


def _write_body(
    nodes: Sequence[NodeRecord], steps: Sequence[Step], modules: Mapping[str, nn.Module], inputs: Mapping[str, str]
) -> tuple[list[str], dict[int, str]]:
    """Return the lines of `forward`, and the variable that finally holds the value of each node.

    A variable is reused once its value is no longer needed: a chain is x = ... from top to bottom, and the file keeps
    no more values in memory than the model does.
    """
    names: dict[int, str] = {}
    results: dict[int, str] = {}  # the variables that hold all results of a layer that has several
    several = {step.sources[0] for step in steps if step.reads_results}
    lines, free, count = [], [], 0
    for number, (node, step) in enumerate(zip(nodes, steps)):
        if node.kind == "Input":
            names[number] = inputs[node.name]
            continue
        sources = [results.get(s, "") if step.reads_results else names[s] for s in step.sources]
        value = _write_expression(node, modules[node.name], sources, nodes[step.sources[0]].shape, number in several)
        if number in several:
            results[number] = _choose_free_name(f"results_{len(results) + 1}", inputs.values())
            lines.append(f"{results[number]} = {value}")
            value = f"{results[number]}[0]"
        free += [names[dead] for dead in step.frees if names[dead] not in inputs.values()]
        if not free:
            # An input may have the name of a variable.
            while (new := f"x{count or ''}") in inputs.values():
                count += 1
            free, count = [new], count + 1
        names[number] = free.pop(free.index(min(free, key=lambda name: (len(name), name))))
        if value != names[number]:
            lines.append(f"{names[number]} = {value}")
    return lines, names


def _write_expression(
    node: NodeRecord, module: nn.Module, sources: Sequence[str], input_shape: tuple[int, ...], all_results: bool
) -> str:
    path = _write_path(node.module)
    own: Callable[..., str] | None = getattr(module, "source", None)
    if len(input_shape) == len(node.shape):
        own = getattr(module, "source_of_same_rank", own)
    if not all_results:
        own = getattr(module, "source_of_first", own)
    value = own(path, *sources) if own else f"{path}({', '.join(sources)})"
    text = getattr(node.layer, "activation", None)
    return write_activation(text, value, node.layer.channels_dim) if text and node.kind != "Activation" else value


def _write_path(name: str) -> str:
    """Return the expression of a submodule: self.conv1, or self.layer1["0"]["conv1"] in a group."""
    first, *rest = name.split(".")
    start = f"self.{first}" if _is_identifier(first) else f'self._modules["{first}"]'
    return start + "".join(f'["{part}"]' for part in rest)


def _write_assignment(name: str, call: str | Constructors) -> list[str]:
    lines = _write_literal(call)
    if _is_identifier(name):
        lines[0] = f"self.{name} = {lines[0]}"
    else:
        lines[0] = f'self.add_module("{name}", {lines[0]}'
        lines[-1] += ")"
    return lines


def _write_literal(call: str | Constructors) -> list[str]:
    if isinstance(call, str):
        return [call]
    lines = ["Group({"]
    for name, inner in call.items():
        first, *rest = _write_literal(inner)
        lines += [f'    "{name}": {first}', *(f"    {line}" for line in rest)]
        lines[-1] += ","
    return [*lines, "})"]


def _write_constructor(module: nn.Module, title: str) -> str | None:
    """Return the call that constructs the module; None for a module of Axone's without weights, which is inlined.

    Raises GraphError, with the title of the module, where that is impossible.
    """
    if own := getattr(module, "constructor", None):
        call: str = own()
        return call
    bases = (kind for kind in type(module).__mro__ if getattr(nn, kind.__name__, None) is kind is not nn.Module)
    kind: type[nn.Module] | None = next(bases, None)
    if kind is not type(module) and not hasattr(module, "source"):
        raise _unsupported(title)
    if kind is None:
        return None
    arguments = []
    for name, default in _constructor_arguments(kind).items():
        value = _find_argument(module, name, title)
        if default is inspect.Parameter.empty:
            arguments.append(repr(value))
        elif value != default:
            arguments.append(f"{name}={value!r}")
    return f"nn.{kind.__name__}({', '.join(arguments)})"


def _constructor_arguments(kind: type[nn.Module]) -> dict[str, Any]:
    """Return the arguments of a torch.nn class with their defaults."""
    # RNN, GRU and LSTM have the arguments of their common base, except `mode`, which selects one of them.
    recurrent = issubclass(kind, nn.RNNBase)
    parameters = inspect.signature(nn.RNNBase if recurrent else kind).parameters
    skipped = {"device", "dtype", *(["mode"] if recurrent else [])}
    arguments = {name: each.default for name, each in parameters.items() if name not in skipped and name[0] != "_"}
    return arguments | ({"nonlinearity": "tanh"} if kind is nn.RNN else {})


def _find_argument(module: nn.Module, name: str, title: str) -> Any:
    """Return an argument's value as a person would write it: 3 for (3, 3), a bool for a bias. Raises GraphError."""
    value = getattr(module, name, module)
    if name == "bias" and not isinstance(value, bool):
        # A normalization without learned parameters has no bias either, and no `bias` argument is needed.
        return value is not None or getattr(module, "weight", None) is None
    if not isinstance(value, int | float | str | tuple | None):
        raise _unsupported(title)
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 and name != "normalized_shape" else value


def _unsupported(title: str) -> GraphError:
    return GraphError(
        _("{type} cannot be written in plain PyTorch.", type=title),
        expected=_("expected a module of torch.nn, or one of Axone's layers"),
        hint=_("Give it a method source(module, *inputs) that returns its computation as a PyTorch expression."),
    )


def _choose_input_names(names: Sequence[str]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for name in names:
        text = name.replace(".", "_")
        text = text if _is_identifier(text) and text not in RESERVED else f"input_{text}"
        while text in chosen.values():
            text += "_"
        chosen[name] = text
    return chosen


def _is_identifier(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


def _remove_annotations(function: Callable[..., Any]) -> str:
    """Return the source of one of Axone's functions without annotations, which would need more than torch."""
    tree = ast.parse(inspect.getsource(function))
    for part in ast.walk(tree):
        if isinstance(part, ast.FunctionDef):
            part.returns = None
        elif isinstance(part, ast.arg):
            part.annotation = None
    return ast.unparse(tree) + "\n"


def _choose_free_name(name: str, others: Collection[str]) -> str:
    while name in others:
        name += "_"
    return name


def _write_example(nodes: Sequence[NodeRecord], inputs: Structure) -> str:
    """Return a line that calls the network with inputs of the right shapes."""
    arguments = []
    for name in inputs.names:
        layer: Any = next(node.layer for node in nodes if node.name == name)
        sizes = ", ".join(map(str, (1, *layer.shape)))
        random = layer.dtype == "float32"
        arguments.append(f"torch.rand({sizes})" if random else f"torch.zeros({sizes}, dtype=torch.{layer.dtype})")
    together = _write_structure(inputs, arguments) if inputs.keys is not None else ", ".join(arguments)
    return f"outputs = network({together})"
