"""How the inputs or outputs of a model are passed: one value, a sequence, or a dict with names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from axone.errors import closest
from axone.graph.errors import GraphError
from axone.graph.nodes.node import Node
from axone.messages import _

Nodes = Node | Sequence[Node] | Mapping[str, Node]
MAXIMUM_KEY_LENGTH = 200


@dataclass(frozen=True)
class Structure:
    """The names of some nodes, and how values for them are passed.

    Args:
        names: The name of each node.
        keys: The keys of a dict, one per node; None where values are not passed as a dict.
        single: Whether it is one value instead of a sequence.
    """

    names: tuple[str, ...]
    keys: tuple[str, ...] | None = None
    single: bool = False

    def arrange(self, values: Iterable[Any]) -> Any:
        """Return values in the order of `names` as one value, a tuple or a dict."""
        if self.keys is not None:
            return dict(zip(self.keys, values))
        values = tuple(values)
        return values[0] if self.single else values

    def read(self, arguments: Sequence[Any], named: Mapping[str, Any]) -> Sequence[Any]:
        """Return a call's arguments in the order of `names`: one per node, one sequence, a dict, or by keyword.

        The keys are those of the dict with which the model was written, otherwise the nodes' names. Raises GraphError
        for keys that are missing or unknown, and for another number of arguments.
        """
        only = arguments[0] if len(arguments) == 1 else None
        if isinstance(only, Mapping) and not named:
            arguments, named = (), only
        elif isinstance(only, list | tuple):
            arguments = only
        keys = self.names if self.keys is None else self.keys
        if named:
            self._check_keys(keys, arguments, named)
            return [named[key] for key in keys]
        if len(arguments) != len(keys):
            raise GraphError(
                _("The model got {count} inputs.", count=len(arguments)),
                expected=_("expected {count}: {names}", count=len(keys), names=", ".join(keys)),
            )
        return arguments

    def _check_keys(self, keys: Sequence[str], arguments: Sequence[Any], named: Mapping[str, Any]) -> None:
        expected = _("expected {count}: {names}", count=len(keys), names=", ".join(keys))
        if arguments:
            raise GraphError(_("The model got inputs with and without a name."), expected=expected)
        for key in named:
            if key not in keys:
                near = closest(str(key), keys)
                raise GraphError(
                    _("The model has no input {name}.", name=repr(key)[:100]),
                    expected=expected,
                    hint=_("Did you mean {name}?", name=near) if near else None,
                )
        if absent := [key for key in keys if key not in named]:
            raise GraphError(_("The model got no input {name}.", name=", ".join(absent)), expected=expected)

    def to_json(self) -> Any:
        """Return the names as a file holds them: a name, a list, or an object from keys to names."""
        arranged = self.arrange(self.names)
        return list(arranged) if isinstance(arranged, tuple) else arranged


def flatten_nodes(nodes: Any) -> tuple[tuple[Node, ...], tuple[str, ...] | None]:
    """Return the nodes of a model's inputs or outputs, and the keys of a dict. Raises GraphError for anything else."""
    keys = tuple(nodes) if isinstance(nodes, Mapping) else None
    values = nodes.values() if isinstance(nodes, Mapping) else nodes if isinstance(nodes, list | tuple) else [nodes]
    several = tuple(node for node in values if isinstance(node, Node))
    named = keys is None or all(isinstance(key, str) and 0 < len(key) <= MAXIMUM_KEY_LENGTH for key in keys)
    if not several or len(several) < len(values) or not named:
        wrong = next((value for value in values if not isinstance(value, Node)), nodes)
        text = repr(wrong)
        raise GraphError(
            _("Model takes the network's inputs and outputs, not {value}.", value=text[:80]),
            expected=_("expected what Input(...) and layers returned: Model(x, y), Model((a, b), (y, z)) or "
                       'Model({"left": a}, {"class": y})'),
        )  # fmt: skip
    return several, keys
