"""The report's section on the network: its drawing, and each node with shape, parameters and cost."""

from __future__ import annotations

from typing import Any

from axone.figures.text import escape
from axone.messages import _
from axone.numbers import is_number
from axone.runs.report.contents import RunContents
from axone.runs.report.elements import render_pairs, render_table, render_tabs
from axone.runs.report.format import format_shape
from axone.runs.report.svg import inline_svg

DRAWING = "figures/graph.svg"
_COLUMNS = ("name", "kind", "shape", "parameters", "flops", "arguments", "inputs")


def render_network(contents: RunContents) -> str:
    """Return the drawing and the nodes of graph.json; names and values when it has no nodes."""
    panels = []
    if (contents.folder / DRAWING).exists():
        drawing, reason = inline_svg(contents.folder, DRAWING)
        problem = _("{file} is not shown: {reason}.", file=DRAWING, reason=reason)
        title = escape(_("Drawing of the network"))
        # For the script, which draws blocks as boxes to open; without it every node is drawn.
        labels = f'data-blocks="{escape(_("Blocks"))}" data-nodes="{escape(_("Every layer"))}"'
        content = (
            f'<div class="drawing" tabindex="0" role="group" aria-label="{title}" {labels}>{drawing}</div>'
            if drawing
            else f'<p class="problem">{escape(problem)}</p>'
        )
        panels.append((_("Drawing"), content))
    nodes = contents.graph.get("nodes")
    if isinstance(nodes, list) and any(isinstance(node, dict) for node in nodes):
        panels.append((_("Node by node"), _render_nodes([node for node in nodes if isinstance(node, dict)])))
    elif contents.graph:
        panels.append((_("Description"), render_pairs(contents.graph)))
    return render_tabs(panels)


def _render_nodes(nodes: list[dict[str, Any]]) -> str:
    labels = {
        "name": _("node"),
        "kind": _("kind"),
        "shape": _("shape"),
        "parameters": _("parameters"),
        "flops": _("floating-point operations"),
        "arguments": _("arguments"),
        "inputs": _("inputs"),
    }
    columns = [name for name in _COLUMNS if any(node.get(name) is not None for node in nodes)]
    formats = {"shape": format_shape}
    rows = [[formats.get(name, _format_arguments)(node.get(name)) for name in columns] for node in nodes]
    foot: list[Any] = [_("total"), *(_sum(nodes, name) for name in columns[1:])] if columns else []
    return render_table("", [labels[name] for name in columns], rows, foot=foot)


def _format_arguments(value: Any) -> Any:
    """Return a node's inputs and arguments as in Python source."""
    if isinstance(value, dict):
        return ", ".join(f"{name}={item}" for name, item in value.items() if item is not None)
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _sum(nodes: list[dict[str, Any]], name: str) -> Any:
    values = [node[name] for node in nodes if is_number(node.get(name))]
    return sum(values) if name in ("parameters", "flops") and values else None
