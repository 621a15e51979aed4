"""A network as a drawing: SVG text with boxes and edges, for the report, the studio and `--svg`.

Pale boxes with dark text and gray edges on a transparent background are readable on white and on black. The SVG
contains no script, no style sheet and no external reference, and every text is escaped.

The drawing shows every node. Where nodes are grouped in blocks (see fold.py), the SVG also contains hidden drawings:
one of the whole network with its blocks as boxes, `<svg data-block="">`, and one of the inside of each block,
`<svg data-block="layer1.0">`, which the box `<g data-opens="layer1.0">` opens. A page with a script can display them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from axone.graph.describe.fold import Item, build_views
from axone.graph.describe.layout import NodePosition, compute_layout
from axone.graph.describe.summary import format_before_unit, format_shape
from axone.graph.record import NodeRecord
from axone.messages import _, plural
from axone.numbers import format_number

HEIGHT, ROW_GAP, MARGIN = 58.0, 34.0, 16.0
LETTER_WIDTH, BOLD_LETTER_WIDTH = 6.4, 7.4  # the mean width of a letter at 12 pixels, rounded up
MAXIMUM_LETTERS = 46  # of a line; the box's title contains the whole text

# Fill and border by the layer's kind, or by the file in which its class is defined.
COLORS = {
    "Input": ("#eceff3", "#8a94a3"),
    "convolution": ("#dceafb", "#5b8fc9"),
    "transposed": ("#dceafb", "#5b8fc9"),
    "pooling": ("#dff3e4", "#5aa873"),
    "basic": ("#efe6fa", "#9272c4"),
    "shape": ("#f3f3f3", "#909090"),
    "norms": ("#fbf1d5", "#c2a042"),
    "merge": ("#fde4dc", "#cf7d60"),
    "convolutional": ("#d9f1f2", "#4a9ba1"),
    "recurrent": ("#d9f1f2", "#4a9ba1"),
    "part": ("#d9f1f2", "#4a9ba1"),
    "steps": ("#dff3e4", "#5aa873"),
    "embedding": ("#fbe3ef", "#c46a97"),
    "attention": ("#e2f3ea", "#3f9a83"),
    "function": ("#fde4dc", "#cf7d60"),
    "indexing": ("#f3f3f3", "#909090"),
    "apply": ("#efe6fa", "#9272c4"),
    "block": ("#e9ebfb", "#6f78c9"),
    "outside": ("#fafafa", "#c4c8ce"),
    "other": ("#f3f3f3", "#909090"),
}
TEXT_COLOR, PALE_TEXT_COLOR, EDGE_COLOR = "#1b2430", "#55606e", "#8a93a0"


@dataclass(frozen=True)
class Box:
    """The box of a node or a block: three lines of text, the whole text, the key of its colors, the block it opens."""

    lines: tuple[str, str, str]
    title: str
    color: str
    opens: str | None = None

    @property
    def width(self) -> float:
        """The width of the longest line plus a margin."""
        name, *others = self.lines
        return 24 + max(BOLD_LETTER_WIDTH * len(name), *(LETTER_WIDTH * len(line) for line in others))


def draw_svg(nodes: Sequence[NodeRecord]) -> str:
    """Draw the network from top to bottom; each box has the node's name, layer, output shape and parameters."""
    parameters, flops = sum(node.parameters for node in nodes), sum(node.flops for node in nodes)
    title = _("Network: {parameters} parameters, {flops}FLOPs per example",
              parameters=format_number(parameters), flops=format_before_unit(flops))  # fmt: skip
    views = [
        _draw_view(path or title, {item.name: (_item_box(item), item.inputs) for item in items}, block=path)
        for path, items in build_views(nodes).items()
    ]
    return _draw_view(title, {node.name: (_node_box(node), node.inputs) for node in nodes}, "\n".join(views)) + "\n"


def _draw_view(
    title: str, boxes: dict[str, tuple[Box, tuple[str, ...]]], inner: str = "", *, block: str | None = None
) -> str:
    """Draw the boxes (each with the names of its inputs); `inner` is SVG to include, `block` names a hidden view."""
    layout = compute_layout({name: inputs for name, (_box, inputs) in boxes.items()},
                            {name: box.width for name, (box, _inputs) in boxes.items()})  # fmt: skip
    width = layout.width + 2 * MARGIN
    height = len(layout.rows) * (HEIGHT + ROW_GAP) - ROW_GAP + 2 * MARGIN
    hidden = "" if block is None else f'data-block="{escape(block)}" display="none" '
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {hidden}viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" font-family="system-ui, sans-serif" font-size="12" text-anchor="middle">',
        f"<title>{escape(title)}</title>",
    ]
    parts += [_draw_edge(edge) for edge in layout.edges]
    parts += [_draw_box(box, layout.positions[name]) for name, (box, _inputs) in boxes.items()]
    return "\n".join([*parts, *([inner] if inner else []), "</svg>"])


def _node_box(node: NodeRecord) -> Box:
    facts = format_shape(node.shape)
    if node.shared and node.weights:
        facts += " · " + _("weights of {name}", name=node.shared)
    elif node.parameters:
        facts += " · " + _format_parameters(node.parameters)
    file = type(node.layer).__module__.rpartition(".")[2]
    color = next((key for key in (node.kind, file) if key in COLORS), "other")
    title = f"{node.name}: {node.layer!r} -> {format_shape(node.shape)}"
    return Box((_cut(node.name), _cut(repr(node.layer)), _cut(facts)), title, color)


def _item_box(item: Item) -> Box:
    node = _node_box(item.last)
    if item.outside:
        facts = _cut(format_shape(item.last.shape))
        return Box((node.lines[0], _("outside this block"), facts), node.title, "outside")
    if not item.block:
        return node
    parameters = sum(node.parameters for node in item.nodes)
    facts = format_shape(item.last.shape) + (" · " + _format_parameters(parameters) if parameters else "")
    count = plural("{count} layer", "{count} layers", len(item.nodes))
    return Box((_cut(item.name), count, _cut(facts)), f"{item.name}: {count} -> {facts}", "block", item.name)


def _format_parameters(count: int) -> str:
    return plural("{number} parameter", "{number} parameters", count, number=format_number(count))


def _cut(text: str) -> str:
    return text if len(text) <= MAXIMUM_LETTERS else text[: MAXIMUM_LETTERS - 3] + "..."


def _top(position: NodePosition) -> float:
    return MARGIN + position.row * (HEIGHT + ROW_GAP)


def _draw_edge(edge: Sequence[NodePosition]) -> str:
    start, *bends, end = edge
    x, y = start.x + MARGIN, _top(start) + HEIGHT
    path = [f"M{x:.1f} {y:.1f}"]
    for position in [*bends, end]:
        to_x, to_y = position.x + MARGIN, _top(position)
        # The arrowhead takes six pixels.
        to_y -= 0 if position.dummy else 6
        half = (to_y - y) / 2
        path.append(f"C{x:.1f} {y + half:.1f} {to_x:.1f} {to_y - half:.1f} {to_x:.1f} {to_y:.1f}")
        if position.dummy:
            to_y += HEIGHT
            path.append(f"V{to_y:.1f}")
        x, y = to_x, to_y
    head = f"M{x - 4:.1f} {y - 1:.1f}L{x:.1f} {y + 6:.1f}L{x + 4:.1f} {y - 1:.1f}Z"
    return (
        f'<path d="{"".join(path)}" fill="none" stroke="{EDGE_COLOR}" stroke-width="1.5"/>'
        f'<path d="{head}" fill="{EDGE_COLOR}"/>'
    )


def _draw_box(box: Box, position: NodePosition) -> str:
    fill, border = COLORS[box.color]
    x, y = position.x + MARGIN, _top(position)
    styles = (f'font-weight="600" fill="{TEXT_COLOR}"', f'fill="{TEXT_COLOR}"', f'fill="{PALE_TEXT_COLOR}"')
    texts = "".join(
        f'<text x="{x:.1f}" y="{y + 18 + 16 * row:.1f}" {style}>{escape(text)}</text>'
        for row, (text, style) in enumerate(zip(box.lines, styles))
    )
    # A second rectangle under the box of a block indicates that it can be opened.
    rectangles = "".join(
        f'<rect x="{x - position.width / 2 + shift:.1f}" y="{y + shift:.1f}" width="{position.width:.1f}" '
        f'height="{HEIGHT:.0f}" rx="9" fill="{fill}" stroke="{border}"/>'
        for shift in ((0,) if box.opens is None else (4, 0))
    )
    opens = "" if box.opens is None else f' data-opens="{escape(box.opens)}"'
    return f"<g{opens}><title>{escape(box.title)}</title>{rectangles}{texts}</g>"
