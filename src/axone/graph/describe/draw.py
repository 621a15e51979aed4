"""A network as a picture: SVG text with boxes and wires, for the report, the page and `--svg`.

Pale boxes with dark text and gray wires on no background: readable on white and on black. No script, no style
sheet, no outside reference; every text is escaped.

The picture shows every node. Where nodes have blocks (see fold.py), it also carries, not displayed, a picture of the
whole with its blocks as boxes, `<svg data-block="">`, and one of the inside of each, `<svg data-block="layer1.0">`;
a box `<g data-opens="layer1.0">` leads there. A page with a script can show them instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from axone.graph.describe.fold import Item, views
from axone.graph.describe.layout import NodePosition, layout
from axone.graph.describe.summary import by, spaced
from axone.graph.record import NodeRecord
from axone.messages import _, plural
from axone.numbers import number

HEIGHT, ROW_GAP, MARGIN = 58.0, 34.0, 16.0
LETTER, BOLD = 6.4, 7.4  # the mean width of a letter at 12 pixels, a little wide rather than too narrow
LONGEST = 46  # letters of a line; the whole text stands in the box's title

# Fill and border by the file that a layer stands in, which is by what it does.
COLORS = {
    "Input": ("#eceff3", "#8a94a3"),
    "convolution": ("#dceafb", "#5b8fc9"),
    "transposed": ("#dceafb", "#5b8fc9"),
    "pooling": ("#dff3e4", "#5aa873"),
    "basic": ("#efe6fa", "#9272c4"),
    "form": ("#f3f3f3", "#909090"),
    "norms": ("#fbf1d5", "#c2a042"),
    "merge": ("#fde4dc", "#cf7d60"),
    "recurrent": ("#d9f1f2", "#4a9ba1"),
    "embedding": ("#fbe3ef", "#c46a97"),
    "block": ("#e9ebfb", "#6f78c9"),
    "outside": ("#fafafa", "#c4c8ce"),
    "other": ("#f3f3f3", "#909090"),
}
INK, PALE_INK, WIRE_INK = "#1b2430", "#55606e", "#8a93a0"


@dataclass(frozen=True)
class Box:
    """What is drawn of a node or of a block: three lines of text, the whole text, the colors' key."""

    lines: tuple[str, str, str]
    title: str
    look: str
    opens: str | None = None

    @property
    def width(self) -> float:
        """Enough for the longest line, and a margin."""
        return 24 + max(BOLD * len(self.lines[0]), LETTER * len(self.lines[1]), LETTER * len(self.lines[2]))


def svg(nodes: Sequence[NodeRecord]) -> str:
    """Draw the network from top to bottom; each box shows name, layer, output shape and parameters."""
    parameters, flops = sum(node.parameters for node in nodes), sum(node.flops for node in nodes)
    title = _("Network: {parameters} parameters, {flops}FLOPs per example",
              parameters=number(parameters), flops=spaced(flops))  # fmt: skip
    inner = [
        _picture(path or title, {item.name: (_item_box(item), item.inputs) for item in items}, block=path)
        for path, items in views(nodes).items()
    ]
    return _picture(title, {node.name: (_node_box(node), node.inputs) for node in nodes}, "\n".join(inner)) + "\n"


def _picture(
    title: str, boxes: dict[str, tuple[Box, tuple[str, ...]]], inner: str = "", *, block: str | None = None
) -> str:
    plan = layout({name: inputs for name, (_one, inputs) in boxes.items()},
                  {name: box.width for name, (box, _inputs) in boxes.items()})  # fmt: skip
    width = plan.width + 2 * MARGIN
    height = len(plan.rows) * (HEIGHT + ROW_GAP) - ROW_GAP + 2 * MARGIN
    hidden = "" if block is None else f'data-block="{escape(block)}" display="none" '
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {hidden}viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" font-family="system-ui, sans-serif" font-size="12" text-anchor="middle">',
        f"<title>{escape(title)}</title>",
    ]
    parts += [_wire(line) for line in plan.wires]
    parts += [_drawn(box, plan.places[name]) for name, (box, _inputs) in boxes.items()]
    return "\n".join([*parts, *([inner] if inner else []), "</svg>"])


def _node_box(node: NodeRecord) -> Box:
    facts = by(node.shape)
    if node.shared and node.weights:
        facts += " · " + _("weights of {name}", name=node.shared)
    elif node.parameters:
        facts += " · " + _parameters(node.parameters)
    home = type(node.layer).__module__.rpartition(".")[2]
    look = next((key for key in (node.kind, home) if key in COLORS), "other")
    title = f"{node.name}: {node.layer!r} -> {by(node.shape)}"
    return Box((_cut(node.name), _cut(repr(node.layer)), _cut(facts)), title, look)


def _item_box(item: Item) -> Box:
    node = _node_box(item.last)
    if item.outside:
        return Box((node.lines[0], _("outside this block"), _cut(by(item.last.shape))), node.title, "outside")
    if not item.block:
        return node
    parameters = sum(node.parameters for node in item.nodes)
    facts = by(item.last.shape) + (" · " + _parameters(parameters) if parameters else "")
    count = plural("{count} layer", "{count} layers", len(item.nodes))
    return Box((_cut(item.name), count, _cut(facts)), f"{item.name}: {count} -> {facts}", "block", item.name)


def _parameters(count: int) -> str:
    return plural("{number} parameter", "{number} parameters", count, number=number(count))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _top(place: NodePosition) -> float:
    return MARGIN + place.row * (HEIGHT + ROW_GAP)


def _wire(line: Sequence[NodePosition]) -> str:
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


def _drawn(box: Box, place: NodePosition) -> str:
    fill, border = COLORS[box.look]
    x, y = place.x + MARGIN, _top(place)
    inks = (f'font-weight="600" fill="{INK}"', f'fill="{INK}"', f'fill="{PALE_INK}"')
    written = "".join(
        f'<text x="{x:.1f}" y="{y + 18 + 16 * row:.1f}" {ink}>{escape(text)}</text>'
        for row, (text, ink) in enumerate(zip(box.lines, inks))
    )
    # A block has a second sheet behind its box: there is something inside.
    sheets = "".join(
        f'<rect x="{x - place.width / 2 + shift:.1f}" y="{y + shift:.1f}" width="{place.width:.1f}" '
        f'height="{HEIGHT:.0f}" rx="9" fill="{fill}" stroke="{border}"/>'
        for shift in ((0,) if box.opens is None else (4, 0))
    )
    opens = "" if box.opens is None else f' data-opens="{escape(box.opens)}"'
    return f"<g{opens}><title>{escape(box.title)}</title>{sheets}{written}</g>"
