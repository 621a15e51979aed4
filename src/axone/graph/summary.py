"""A network as a table for people: one line per node, then the totals."""

from __future__ import annotations

from collections.abc import Sequence

from axone.graph.record import NodeRecord
from axone.messages import _

_PREFIXES = ("", "k", "M", "G", "T", "P")


def short(number: int | float) -> str:
    """A large number in four characters or so: 1.26 M."""
    for prefix in _PREFIXES:
        if number < 999.5 or prefix == _PREFIXES[-1]:
            return f"{number:.3g} {prefix}".strip()
        number /= 1000
    raise AssertionError


def table(nodes: Sequence[NodeRecord]) -> str:
    """Name, layer, output shape, parameters, FLOPs of one example, and where each node's input comes from."""
    rows = [
        (_("name"), _("layer"), _("output shape"), _("parameters"), _("FLOPs"), _("from")),
        *(
            (
                node.name,
                repr(node.layer),
                " x ".join(map(str, node.shape)),
                _("shared") if node.shared and node.weights else f"{node.parameters:,}",
                short(node.flops),
                ", ".join(node.inputs),
            )
            for node in nodes
        ),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    right = {3, 4}
    lines = [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    ]
    rule = "-" * max(map(len, lines))
    parameters, flops = sum(node.parameters for node in nodes), sum(node.flops for node in nodes)
    total = _("{parameters} parameters, {flops}FLOPs per example", parameters=f"{parameters:,}", flops=spaced(flops))
    return "\n".join([lines[0], rule, *lines[1:], rule, total])


def spaced(number: int | float) -> str:
    """A short number ready to stand before its unit: "1.26 M", or "12 "."""
    text = short(number)
    return text if text[-1].isalpha() else text + " "
