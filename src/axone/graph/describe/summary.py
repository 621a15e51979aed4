"""A network as a table for people: one line per node, then the totals."""

from __future__ import annotations

from collections.abc import Sequence

from axone.graph.describe.receptive import receptive_fields
from axone.graph.record import NodeRecord
from axone.messages import _
from axone.numbers import localized, number

_PREFIXES = ("", "k", "M", "G", "T", "P")


def short(count: int | float) -> str:
    """A large number in four characters or so: 1.26 M."""
    for prefix in _PREFIXES:
        if count < 999.5 or prefix == _PREFIXES[-1]:
            return localized(f"{count:.3g} {prefix}".strip())
        count /= 1000
    raise AssertionError


def table(nodes: Sequence[NodeRecord]) -> str:
    """Name, layer, output shape, parameters, FLOPs of one example, receptive field, and where its input comes from.

    The receptive field is left out where no node has one: in networks without convolution and pooling.
    """
    fields = receptive_fields(nodes)
    rows: list[tuple[str, ...]] = [
        (_("name"), _("layer"), _("output shape"), _("parameters"), _("FLOPs"), _("receptive field"), _("from")),
        *(
            (
                node.name,
                repr(node.layer),
                by(node.shape),
                _("shared") if node.shared and node.weights else number(node.parameters),
                short(node.flops),
                by(fields.get(node.name, ())),
                ", ".join(node.inputs),
            )
            for node in nodes
        ),
    ]
    if not fields:
        rows = [(*row[:5], row[6]) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
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
    total = _("{parameters} parameters, {flops}FLOPs per example", parameters=number(parameters), flops=spaced(flops))
    return "\n".join([lines[0], rule, *lines[1:], rule, total])


def by(sizes: Sequence[int]) -> str:
    """Sizes as people write them: 3 x 32 x 32."""
    return " x ".join(map(str, sizes))


def spaced(count: int | float) -> str:
    """A short number ready to stand before its unit: "1.26 M", or "12 "."""
    text = short(count)
    return text if text[-1].isalpha() else text + " "
