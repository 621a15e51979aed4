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


def test_boxes_do_not_overlap_and_wires_go_down() -> None:
    wires = {"a": [], "b": ["a"], "c": ["b"], "sum": ["c", "a"], "d": ["sum"], "e": ["sum"], "f": ["sum"],
             "joined": ["d", "e", "f"], "y": ["joined", "b"]}  # fmt: skip
    plan = compute_layout(wires, {name: 100.0 + 40 * len(name) for name in wires})
    for row in plan.rows:
        for left, right in pairwise(row):
            assert right.x - left.x >= (left.width + right.width) / 2 + GAP - 1e-6
    for name, sources in wires.items():
        assert all(plan.positions[source].row < plan.positions[name].row for source in sources)
    assert all(place.x - place.width / 2 >= 0 and place.x + place.width / 2 <= plan.width + 1e-6
               for row in plan.rows for place in row)  # fmt: skip


def test_a_chain_is_straight_and_a_skipping_wire_passes_beside_the_boxes() -> None:
    chain = {"a": [], "b": ["a"], "c": ["b"]}
    plan = compute_layout(chain, {"a": 50.0, "b": 150.0, "c": 80.0})
    assert len({round(place.x, 6) for place in plan.positions.values()}) == 1
    plan = compute_layout({**chain, "c": ["b", "a"]}, {"a": 50.0, "b": 150.0, "c": 80.0})
    (passage,) = [place for place in plan.rows[1] if place.dummy]
    assert abs(passage.x - plan.positions["b"].x) >= 75


def test_an_input_stands_above_its_first_reader() -> None:
    plan = compute_layout(
        {"a": [], "b": ["a"], "late": [], "c": ["b", "late"]}, dict.fromkeys(["a", "b", "late", "c"], 60.0)
    )
    assert plan.positions["late"].row == 1


def crossings(plan: Layout) -> int:
    """How many pairs of wires cross between two rows."""
    pieces: dict[int, list[tuple[float, float]]] = {}
    for line in plan.edges:
        for upper, lower in pairwise(line):
            pieces.setdefault(upper.row, []).append((upper.x, lower.x))
    return sum(
        (one[0] - other[0]) * (one[1] - other[1]) < -1e-6
        for row in pieces.values()
        for place, one in enumerate(row)
        for other in row[:place]
    )


def plan_of(model: Model) -> Layout:
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


def test_inception_blocks_are_drawn_without_a_crossing() -> None:
    x = h = Input(3, 32, 32)
    for stride in (1, 2, 1, 1, 2, 1):
        h = inception_block(h, stride)
    assert crossings(plan_of(Model(x, Linear(10)(GlobalAveragePool2d()(h)), device="meta"))) == 0


def test_a_residual_network_is_drawn_without_a_crossing() -> None:
    x = h = Input(8, 32, 32)
    for stage in range(4):
        h = residual_block(residual_block(h, 8 << stage, 2), 8 << stage)
    assert crossings(plan_of(Model(x, Linear(10)(GlobalAveragePool2d()(h)), device="meta"))) == 0


def test_an_encoder_and_decoder_with_bridges_is_drawn_without_a_crossing() -> None:
    x = h = Input(8, 32, 32)
    bridges = []
    for _level in range(3):
        h = convolution(h, 8, 3)
        bridges.append(h)
        h = MaxPool2d(2)(h)
    for bridge in reversed(bridges):
        h = convolution(Concatenate()(Upsample(2)(h), bridge), 8, 3)
    assert crossings(plan_of(Model(x, h, device="meta"))) == 0


def test_crossings_are_counted() -> None:
    # Two sources that feed the same three nodes cannot be drawn without.
    wires = {"a": [], "b": [], **{name: ["a", "b"] for name in ("c", "d", "e")}, "y": ["c", "d", "e"]}
    assert crossings(compute_layout(wires, dict.fromkeys(wires, 50.0))) == 3
