"""The report's section on the network: its drawing, and each node with shape, parameters and cost."""

from __future__ import annotations

from typing import Any

from axone.figures.text import escape
from axone.messages import _
from axone.numbers import is_number
from axone.runs.report.figures import inline_drawing
from axone.runs.report.format import format_shape
from axone.runs.report.parts import pairs, table, tabs
from axone.runs.report.story import Story

DRAWING = "figures/graph.svg"
_COLUMNS = ("name", "kind", "shape", "parameters", "flops", "arguments", "inputs")


def network(story: Story) -> str:
    """Show the drawing and the nodes of graph.json; a plain list when it has no nodes."""
    panels = []
    file = story.folder / DRAWING
    if file.exists():
        drawing, problem = inline_drawing(file)
        lacks = _("{file} is not shown: {reason}.", file=DRAWING, reason=problem)
        title = escape(_("Drawing of the network"))
        # For the script, which shows blocks as boxes that open; without it the drawing shows every node.
        words = f'data-blocks="{escape(_("Blocks"))}" data-nodes="{escape(_("Every layer"))}"'
        content = (
            f'<div class="drawing" tabindex="0" role="group" aria-label="{title}" {words}>{drawing}</div>'
            if drawing
            else f'<p class="lacks">{escape(lacks)}</p>'
        )
        panels.append((_("Drawing"), content))
    nodes = story.graph.get("nodes")
    if isinstance(nodes, list) and any(isinstance(node, dict) for node in nodes):
        panels.append((_("Node by node"), _nodes([node for node in nodes if isinstance(node, dict)])))
    elif story.graph:
        panels.append((_("Description"), pairs(story.graph)))
    return tabs(panels)


def _nodes(nodes: list[dict[str, Any]]) -> str:
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
    write = {"shape": format_shape}
    rows = [[write.get(name, _listed)(node.get(name)) for name in columns] for node in nodes]
    foot: list[Any] = [_("total"), *(_total(nodes, name) for name in columns[1:])] if columns else []
    return table("", [labels[name] for name in columns], rows, foot=foot)


def _listed(value: Any) -> Any:
    """Write a node's inputs and arguments as in the program that makes it."""
    if isinstance(value, dict):
        return ", ".join(f"{name}={item}" for name, item in value.items() if item is not None)
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _total(nodes: list[dict[str, Any]], name: str) -> Any:
    values = [node[name] for node in nodes if is_number(node.get(name))]
    return sum(values) if name in ("parameters", "flops") and values else None
