"""A network as a picture: SVG text with boxes and wires, for the report, the page and `--svg`.

Pale boxes with dark text and grey wires on no background: readable on white and on black. No script, no style
sheet, no outside reference; every text is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from axone.graph.layout import Place, layout
from axone.graph.record import NodeRecord
from axone.graph.summary import spaced
from axone.messages import _, plural

HEIGHT, ROW_GAP, MARGIN = 58.0, 34.0, 16.0
LETTER, BOLD = 6.4, 7.4  # the mean width of a letter at 12 pixels, a little wide rather than too narrow
LONGEST = 46  # letters of a line; the whole text stands in the box's title

# Fill and border by what a layer does.
COLOURS = {
    "Input": ("#eceff3", "#8a94a3"),
    "convolution": ("#dceafb", "#5b8fc9"),
    "pooling": ("#dff3e4", "#5aa873"),
    "basic": ("#efe6fa", "#9272c4"),
    "norms": ("#fbf1d5", "#c2a042"),
    "merge": ("#fde4dc", "#cf7d60"),
    "other": ("#f3f3f3", "#909090"),
}
INK, PALE_INK, WIRE_INK = "#1b2430", "#55606e", "#8a93a0"


def svg(nodes: Sequence[NodeRecord]) -> str:
    """Draw the network from top to bottom; each box shows name, layer, output shape and parameters."""
    texts = {node.name: _lines(node) for node in nodes}
    widths = {
        name: 24 + max(BOLD * len(lines[0]), LETTER * len(lines[1]), LETTER * len(lines[2]))
        for name, lines in texts.items()
    }
    plan = layout({node.name: node.inputs for node in nodes}, widths)
    width = plan.width + 2 * MARGIN
    height = len(plan.rows) * (HEIGHT + ROW_GAP) - ROW_GAP + 2 * MARGIN
    parameters, flops = sum(node.parameters for node in nodes), sum(node.flops for node in nodes)
    title = _("Network: {parameters} parameters, {flops}FLOPs per example",
              parameters=f"{parameters:,}", flops=spaced(flops))  # fmt: skip
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" font-family="system-ui, sans-serif" font-size="12" text-anchor="middle">',
        f"<title>{escape(title)}</title>",
    ]
    parts += [_wire(line) for line in plan.wires]
    parts += [_box(node, texts[node.name], plan.places[node.name]) for node in nodes]
    return "\n".join([*parts, "</svg>", ""])


def _lines(node: NodeRecord) -> tuple[str, str, str]:
    facts = " x ".join(map(str, node.shape))
    if node.shared and node.weights:
        facts += " · " + _("weights of {name}", name=node.shared)
    elif node.parameters:
        facts += " · " + plural("{count:,} parameter", "{count:,} parameters", node.parameters)
    return _cut(node.name), _cut(repr(node.layer)), _cut(facts)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _top(place: Place) -> float:
    return MARGIN + place.row * (HEIGHT + ROW_GAP)


def _wire(line: Sequence[Place]) -> str:
    start, *passages, end = line
    x, y = start.x + MARGIN, _top(start) + HEIGHT
    path = [f"M{x:.1f} {y:.1f}"]
    for place in [*passages, end]:
        to_x, to_y = place.x + MARGIN, _top(place)
        # The head of the arrow needs six pixels.
        to_y -= 0 if place.wire else 6
        bend = (to_y - y) / 2
        path.append(f"C{x:.1f} {y + bend:.1f} {to_x:.1f} {to_y - bend:.1f} {to_x:.1f} {to_y:.1f}")
        if place.wire:
            to_y += HEIGHT
            path.append(f"V{to_y:.1f}")
        x, y = to_x, to_y
    head = f"M{x - 4:.1f} {y - 1:.1f}L{x:.1f} {y + 6:.1f}L{x + 4:.1f} {y - 1:.1f}Z"
    return (
        f'<path d="{"".join(path)}" fill="none" stroke="{WIRE_INK}" stroke-width="1.5"/>'
        f'<path d="{head}" fill="{WIRE_INK}"/>'
    )


def _box(node: NodeRecord, lines: tuple[str, str, str], place: Place) -> str:
    home = type(node.layer).__module__.rpartition(".")[2]
    fill, border = COLOURS.get(node.kind) or COLOURS.get(home) or COLOURS["other"]
    x, y = place.x + MARGIN, _top(place)
    inks = (f'font-weight="600" fill="{INK}"', f'fill="{INK}"', f'fill="{PALE_INK}"')
    written = "".join(
        f'<text x="{x:.1f}" y="{y + 18 + 16 * row:.1f}" {ink}>{escape(text)}</text>'
        for row, (text, ink) in enumerate(zip(lines, inks))
    )
    full = f"{node.name}: {node.layer!r} -> {' x '.join(map(str, node.shape))}"
    return (
        f'<g><title>{escape(full)}</title><rect x="{x - place.width / 2:.1f}" y="{y:.1f}" width="{place.width:.1f}" '
        f'height="{HEIGHT:.0f}" rx="9" fill="{fill}" stroke="{border}"/>{written}</g>'
    )
