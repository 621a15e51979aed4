"""Networks block by block: which nodes become one box, and which must stay separate."""

import xml.etree.ElementTree as ElementTree

from axone.graph import Activation, Add, AvgPool2d, Concatenate, Conv2d, Flatten, Input, Linear, MaxPool2d, Model, Node
from axone.graph.describe.fold import build_views

SVG = "{http://www.w3.org/2000/svg}"


def linear(h: Node, name: str | None = None) -> Node:
    return Linear(4, name=name)(h)


def boxes_of(model: Model, block: str = "") -> dict[str, tuple[str, ...]]:
    """Return each box of a view with those that it reads; blocks are marked with a star."""
    items = build_views(model.nodes)[block]
    names = {item.name: item.name + "*" * item.block for item in items}
    return {names[item.name]: tuple(names[source] for source in item.inputs) for item in items}


def build_residual(blocks: int = 2) -> Model:
    x = Input(4, name="x")
    h = linear(x, "stem")
    for stage in range(blocks):
        for block in range(2):
            name = f"layer{stage}.{block}"
            h = Activation("relu")(linear(Activation("relu")(linear(h, f"{name}.one")), f"{name}.two") + h)
    return Model(x, linear(h, "head"))


def test_blocks_follow_from_the_names() -> None:
    assert boxes_of(build_residual()) == {
        "x": (), "stem": ("x",), "layer0*": ("stem",), "layer1*": ("layer0*",), "head": ("layer1*",),
    }  # fmt: skip
    assert set(build_views(build_residual().nodes)) == {
        "",
        "layer0",
        "layer1",
        "layer0.0",
        "layer0.1",
        "layer1.0",
        "layer1.1",
    }


def test_sum_and_activation_complete_a_block_and_its_view_contains_outside_inputs() -> None:
    model = build_residual()
    assert boxes_of(model, "layer1") == {
        "activation_4": (), "layer1.0*": ("activation_4",), "layer1.1*": ("layer1.0*",),
    }  # fmt: skip
    assert boxes_of(model, "layer1.1") == {
        "activation_6": (),
        "layer1.1.one": ("activation_6",),
        "activation_7": ("layer1.1.one",),
        "layer1.1.two": ("activation_7",),
        "add_4": ("layer1.1.two", "activation_6"),
        "activation_8": ("add_4",),
    }
    items = {item.name: item for item in build_views(model.nodes)["layer1.1"]}
    assert items["activation_6"].outside and not items["activation_7"].outside


def test_pooling_in_a_branch_belongs_to_the_block() -> None:
    # As in Inception: one branch pools before a convolution, another one only pools.
    x = Input(2, 8, 8, name="x")
    h = Conv2d(2, 1, name="stem")(x)
    pooled = Conv2d(2, 1, name="mixed.pool")(AvgPool2d(3, 1, "same", name="average")(h))
    h = Concatenate(name="joined")(Conv2d(2, 1, name="mixed.one")(h), pooled, MaxPool2d(3, 1, 1, name="largest")(h))
    model = Model(x, MaxPool2d(2, name="after")(h))
    assert boxes_of(model) == {"x": (), "stem": ("x",), "mixed*": ("stem",), "after": ("mixed*",)}


def test_nodes_between_two_blocks_belong_to_neither() -> None:
    x = Input(4, name="x")
    h = Activation("relu", name="before")(x)
    left, right = (linear(linear(h, f"{side}.one"), f"{side}.two") for side in ("left", "right"))
    model = Model(x, Activation("relu", name="after")(Add(name="sum")(left, right)))
    assert boxes_of(model) == {
        "x": (), "before": ("x",), "left*": ("before",), "right*": ("before",),
        "sum": ("left*", "right*"), "after": ("sum",),
    }  # fmt: skip


def test_every_node_is_in_one_box_and_boxes_are_in_order() -> None:
    model = build_residual(4)
    views = build_views(model.nodes)
    inside = [node.name for item in views[""] for node in item.nodes]
    assert sorted(inside) == sorted(node.name for node in model.nodes)
    for block, items in views.items():
        order = [item.name for item in items]
        assert all(order.index(source) < order.index(item.name) for item in items for source in item.inputs), block


def test_the_second_call_of_a_block_is_a_block_of_its_own() -> None:
    x = Input(4)
    tower = Model(x, linear(Activation("tanh")(linear(x))), name="tower")
    a, b = Input(4, name="a"), Input(4, name="b")
    model = Model((a, b), tower(a) * tower(b))
    assert boxes_of(model) == {
        "a": (), "b": (), "tower*": ("a",), "tower:2*": ("b",), "multiply_1": ("tower*", "tower:2*"),
    }  # fmt: skip
    assert list(boxes_of(model, "tower:2")) == ["b", "tower.linear_1:2", "tower.activation_1:2", "tower.linear_2:2"]


def test_a_layer_shared_within_a_block_is_no_second_block() -> None:
    x = Input(4, name="x")
    twice = Linear(4, name="block.twice")
    model = Model(x, linear(twice(linear(twice(x), "block.other")), "head"))
    assert boxes_of(model) == {"x": (), "block*": ("x",), "head": ("block*",)}


def test_a_block_around_another_block_is_not_folded() -> None:
    x = Input(4, name="x")
    inner = linear(linear(linear(x, "around.one"), "inner.one"), "inner.two")
    model = Model(x, linear(inner, "around.two"))
    assert boxes_of(model) == {
        "x": (), "around.one": ("x",), "inner*": ("around.one",), "around.two": ("inner*",),
    }  # fmt: skip


def test_two_blocks_that_read_each_other_never_form_a_cycle() -> None:
    x = Input(4, name="x")
    a, b = linear(x, "one.a"), linear(x, "two.b")
    model = Model(x, Add(name="sum")(linear(b, "one.c"), linear(a, "two.d")))
    assert boxes_of(model) == {
        "x": (), "one*": ("x", "two.b"), "two.b": ("x",), "two.d": ("one*",), "sum": ("one*", "two.d"),
    }  # fmt: skip


def test_a_network_without_blocks_has_no_views() -> None:
    x = Input(1, 8, 8)
    model = Model(x, linear(Flatten()(Conv2d(2, 3, name="features.0")(x)), "classifier.0"))
    assert build_views(model.nodes) == {} and "data-block" not in model.draw()


def test_a_network_of_more_than_1000_nodes_has_no_views() -> None:
    x = h = Input(4)
    for number in range(1_001):
        h = Activation("tanh", name=f"part{number // 2}.{number}")(h)
    assert build_views(Model(x, h, device="meta").nodes) == {}


def test_an_input_with_the_name_of_a_block_prevents_the_block() -> None:
    x = Input(4, name="part")
    model = Model(x, linear(linear(linear(x, "part.one"), "part.two"), "head"))
    assert build_views(model.nodes) == {}


def test_the_drawing_shows_every_node_and_contains_hidden_views() -> None:
    model = build_residual()
    root = ElementTree.fromstring(model.draw())
    boxes = [group.find(f"{SVG}text").text for group in root if group.tag == f"{SVG}g"]
    assert boxes == [node.name for node in model.nodes]
    inner = {part.get("data-block"): part for part in root if part.tag == f"{SVG}svg"}
    assert list(inner) == list(build_views(model.nodes))
    for block, part in inner.items():
        assert part.get("display") == "none" and part.get("viewBox") and part.get("font-size")
        opens = [group.get("data-opens") for group in part if group.get("data-opens")]
        assert opens == [item.name for item in build_views(model.nodes)[block] if item.block]
    texts = [text.text for text in inner[""].iter(f"{SVG}text")]
    assert "layer0" in texts and "10 layers" in texts and "4 · 80 parameters" in texts
