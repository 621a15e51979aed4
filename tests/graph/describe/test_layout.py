"""The layout of drawings: no overlap, edges that point down, few crossings."""

from itertools import pairwise

from axone.graph import (
    Activation,
    AvgPool2d,
    BatchNorm2d,
    Concatenate,
    Conv2d,
    GlobalAveragePool2d,
    Input,
    Linear,
    MaxPool2d,
    Model,
    Node,
    Upsample,
)
from axone.graph.describe.layout import GAP, Layout, compute_layout


def test_boxes_do_not_overlap_and_edges_point_down() -> None:
    inputs = {"a": [], "b": ["a"], "c": ["b"], "sum": ["c", "a"], "d": ["sum"], "e": ["sum"], "f": ["sum"],
             "joined": ["d", "e", "f"], "y": ["joined", "b"]}  # fmt: skip
    layout = compute_layout(inputs, {name: 100.0 + 40 * len(name) for name in inputs})
    for row in layout.rows:
        for left, right in pairwise(row):
            assert right.x - left.x >= (left.width + right.width) / 2 + GAP - 1e-6
    for name, sources in inputs.items():
        assert all(layout.positions[source].row < layout.positions[name].row for source in sources)
    assert all(place.x - place.width / 2 >= 0 and place.x + place.width / 2 <= layout.width + 1e-6
               for row in layout.rows for place in row)  # fmt: skip


def test_a_chain_is_straight_and_a_long_edge_passes_next_to_the_boxes() -> None:
    chain = {"a": [], "b": ["a"], "c": ["b"]}
    layout = compute_layout(chain, {"a": 50.0, "b": 150.0, "c": 80.0})
    assert len({round(place.x, 6) for place in layout.positions.values()}) == 1
    layout = compute_layout({**chain, "c": ["b", "a"]}, {"a": 50.0, "b": 150.0, "c": 80.0})
    (dummy,) = [place for place in layout.rows[1] if place.dummy]
    assert abs(dummy.x - layout.positions["b"].x) >= 75


def test_an_input_is_placed_above_its_first_reader() -> None:
    layout = compute_layout(
        {"a": [], "b": ["a"], "late": [], "c": ["b", "late"]}, dict.fromkeys(["a", "b", "late", "c"], 60.0)
    )
    assert layout.positions["late"].row == 1


def count_crossings(layout: Layout) -> int:
    """Count the pairs of edges that cross between two rows."""
    segments: dict[int, list[tuple[float, float]]] = {}
    for edge in layout.edges:
        for upper, lower in pairwise(edge):
            segments.setdefault(upper.row, []).append((upper.x, lower.x))
    return sum(
        (one[0] - other[0]) * (one[1] - other[1]) < -1e-6
        for row in segments.values()
        for index, one in enumerate(row)
        for other in row[:index]
    )


def layout_of(model: Model) -> Layout:
    return compute_layout({node.name: node.inputs for node in model.nodes}, {node.name: 150.0 for node in model.nodes})


def convolution(h: Node, channels: int, kernel: int | tuple[int, int] = 1, stride: int = 1) -> Node:
    return Activation("relu")(BatchNorm2d()(Conv2d(channels, kernel, stride, "same", bias=False)(h)))


def inception_block(h: Node, stride: int = 1) -> Node:
    double = convolution(convolution(convolution(h, 4), 6, 3), 6, 3, stride)
    tall = convolution(convolution(convolution(h, 4), 4, (1, 7)), 6, (7, 1), stride)
    pooled = convolution(AvgPool2d(3, stride, "same")(h), 2)
    return Concatenate()(convolution(h, 4, 1, stride), double, tall, pooled)


def residual_block(h: Node, channels: int, stride: int = 1) -> Node:
    short = h if stride == 1 else BatchNorm2d()(Conv2d(channels, 1, stride)(h))
    y = BatchNorm2d()(Conv2d(channels, 3, padding="same")(convolution(h, channels, 3, stride)))
    return Activation("relu")(y + short)


def test_inception_blocks_are_drawn_without_crossings() -> None:
    x = h = Input(3, 32, 32)
    for stride in (1, 2, 1, 1, 2, 1):
        h = inception_block(h, stride)
    assert count_crossings(layout_of(Model(x, Linear(10)(GlobalAveragePool2d()(h)), device="meta"))) == 0


def test_a_residual_network_is_drawn_without_crossings() -> None:
    x = h = Input(8, 32, 32)
    for stage in range(4):
        h = residual_block(residual_block(h, 8 << stage, 2), 8 << stage)
    assert count_crossings(layout_of(Model(x, Linear(10)(GlobalAveragePool2d()(h)), device="meta"))) == 0


def test_an_encoder_and_decoder_with_skip_connections_is_drawn_without_crossings() -> None:
    x = h = Input(8, 32, 32)
    skips = []
    for _level in range(3):
        h = convolution(h, 8, 3)
        skips.append(h)
        h = MaxPool2d(2)(h)
    for skip in reversed(skips):
        h = convolution(Concatenate()(Upsample(2)(h), skip), 8, 3)
    assert count_crossings(layout_of(Model(x, h, device="meta"))) == 0


def test_unavoidable_crossings_are_counted() -> None:
    # Two sources with the same three readers cannot be drawn without crossings.
    inputs = {"a": [], "b": [], **{name: ["a", "b"] for name in ("c", "d", "e")}, "y": ["c", "d", "e"]}
    assert count_crossings(compute_layout(inputs, dict.fromkeys(inputs, 50.0))) == 3
