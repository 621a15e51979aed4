"""A network as a table: one line per node, then the totals."""

from __future__ import annotations

from collections.abc import Sequence

from axone.graph.describe.receptive import compute_receptive_fields
from axone.graph.record import NodeRecord
from axone.messages import _
from axone.numbers import format_number, localize

_PREFIXES = ("", "k", "M", "G", "T", "P")
_RIGHT_ALIGNED = {3, 4}  # the columns of numbers


def format_short(count: int | float) -> str:
    """Format a large number with three significant digits and a prefix: 1.26 M."""
    for prefix in _PREFIXES:
        if count < 999.5 or prefix == _PREFIXES[-1]:
            return localize(f"{count:.3g} {prefix}".strip())
        count /= 1000
    raise AssertionError


def format_before_unit(count: int | float) -> str:
    """Format a large number so that its unit can follow directly: "1.26 M", or "12 "."""
    text = format_short(count)
    return text if text[-1].isalpha() else text + " "


def format_shape(sizes: Sequence[int]) -> str:
    """Format sizes for people: 3 x 32 x 32; one number per example is ()."""
    return " x ".join(map(str, sizes)) or "()"


def format_table(nodes: Sequence[NodeRecord]) -> str:
    """Return name, layer, output shape, parameters, FLOPs for one example, receptive field and inputs of each node.

    The column of receptive fields is omitted where no node has one: in networks without convolution and pooling.
    """
    fields = compute_receptive_fields(nodes)
    rows: list[tuple[str, ...]] = [
        (_("name"), _("layer"), _("output shape"), _("parameters"), _("FLOPs"), _("receptive field"), _("from")),
        *(
            (
                node.name,
                repr(node.layer),
                format_shape(node.shape),
                _("shared") if node.shared and node.weights else format_number(node.parameters),
                format_short(node.flops),
                format_shape(fields[node.name]) if node.name in fields else "",
                ", ".join(node.inputs),
            )
            for node in nodes
        ),
    ]
    if not fields:
        rows = [(*row[:5], row[6]) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = [
        "  ".join(
            cell.rjust(width) if column in _RIGHT_ALIGNED else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    ]
    rule = "-" * max(map(len, lines))
    parameters, flops = sum(node.parameters for node in nodes), sum(node.flops for node in nodes)
    total = _(
        "{parameters} parameters, {flops}FLOPs per example",
        parameters=format_number(parameters),
        flops=format_before_unit(flops),
    )
    return "\n".join([lines[0], rule, *lines[1:], rule, total])
