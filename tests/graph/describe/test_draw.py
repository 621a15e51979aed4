"""The SVG drawing: boxes, edges, texts, and nothing that a browser could execute."""

import xml.etree.ElementTree as ElementTree

from axone.graph import Activation, Concatenate, Conv2d, GlobalAveragePool2d, Input, Layer, Linear, Model
from axone.graph.describe.draw import COLORS, draw_svg
from axone.graph.nodes.operation import KINDS
from axone.graph.record import NodeRecord

SVG = "{http://www.w3.org/2000/svg}"


def build_network() -> Model:
    x = Input(3, 16, 16)
    h = Conv2d(8, 3, padding="same", activation="relu")(x)
    h = Activation("relu")(h + Conv2d(8, 3, padding="same")(Conv2d(8, 3, padding="same", activation="relu")(h)))
    h = Concatenate()([Conv2d(4, size, padding="same")(h) for size in (1, 3, 5)])
    return Model(x, Linear(10)(GlobalAveragePool2d()(h)))


def test_every_node_is_a_box_and_every_edge_an_arrow() -> None:
    model = build_network()
    root = ElementTree.fromstring(model.draw())
    boxes = [group for group in root.iter(f"{SVG}g") if group.find(f"{SVG}rect") is not None]
    texts = [[text.text for text in group.iter(f"{SVG}text")] for group in boxes]
    assert [lines[0] for lines in texts] == [node.name for node in model.nodes]
    assert texts[1] == ["conv2d_1", "Conv2d(8, 3, padding='same', activation='relu')"[:43] + "...",
                        "8 x 16 x 16 · 224 parameters"]  # fmt: skip
    assert texts[-1] == ["linear_1", "Linear(10)", "10 · 130 parameters"]
    arrows = [path for path in root.iter(f"{SVG}path") if path.get("fill") == "none"]
    assert len(arrows) == sum(len(node.inputs) for node in model.nodes)


def test_the_drawing_is_deterministic_and_contains_no_script_style_or_link() -> None:
    text = build_network().draw()
    assert text == build_network().draw()
    assert {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(text).iter()} <= {
        "svg", "title", "g", "rect", "path", "text",
    }  # fmt: skip
    assert "href" not in text and "style" not in text and "url(" not in text


def test_texts_are_escaped() -> None:
    class _Hostile(Layer):
        def __repr__(self) -> str:
            return "</text><script>alert('\"&')</script>"

    text = draw_svg([NodeRecord("<img onerror=1>", _Hostile(), (), (3,), 0, 0)])
    assert "<script" not in text and "<img" not in text
    assert any("<script>alert" in (element.text or "") for element in ElementTree.fromstring(text).iter())


def test_a_large_network_is_drawn() -> None:
    x = h = Input(2)
    outputs = []
    for _layer in range(300):
        h = Activation("tanh")(h)
        outputs.append(h)
    text = Model(x, Concatenate()(outputs)).draw()
    assert text.count("<rect") == 302


def test_every_layer_has_a_color_of_its_file() -> None:
    files = {kind.__module__.rpartition(".")[2] for kind in KINDS.values() if kind.__module__.startswith("axone.")}
    assert files <= COLORS.keys()
