import xml.etree.ElementTree as ElementTree

from axone.graph import Activation, Concatenate, Conv2d, GlobalAveragePool2d, Input, Linear, Model

SVG = "{http://www.w3.org/2000/svg}"


def residual() -> Model:
    x = Input(3, 16, 16)
    h = Conv2d(8, 3, padding="same", activation="relu")(x)
    h = Activation("relu")(h + Conv2d(8, 3, padding="same")(Conv2d(8, 3, padding="same", activation="relu")(h)))
    h = Concatenate()([Conv2d(4, size, padding="same")(h) for size in (1, 3, 5)])
    return Model(x, Linear(10)(GlobalAveragePool2d()(h)))


def test_every_node_is_a_box_with_its_facts() -> None:
    model = residual()
    root = ElementTree.fromstring(model.draw())
    boxes = [group for group in root.iter(f"{SVG}g") if group.find(f"{SVG}rect") is not None]
    shown = [[text.text for text in group.iter(f"{SVG}text")] for group in boxes]
    assert [lines[0] for lines in shown] == [node.name for node in model.nodes]
    assert shown[1] == ["conv2d_1", "Conv2d(8, 3, padding='same', activation='relu')"[:43] + "...",
                        "8 x 16 x 16 · 224 parameters"]  # fmt: skip
    assert shown[-1] == ["linear_1", "Linear(10)", "10 · 130 parameters"]
    arrows = [path for path in root.iter(f"{SVG}path") if path.get("fill") == "none"]
    assert len(arrows) == sum(len(node.inputs) for node in model.nodes)


def test_the_picture_is_deterministic_and_holds_nothing_active() -> None:
    text = residual().draw()
    assert text == residual().draw()
    assert {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(text).iter()} <= {
        "svg", "title", "g", "rect", "path", "text",
    }  # fmt: skip
    assert "href" not in text and "style" not in text and "url(" not in text


def test_texts_are_escaped() -> None:
    from axone.graph import Layer
    from axone.graph.describe.draw import draw_svg
    from axone.graph.record import NodeRecord

    class _Odd(Layer):
        def __repr__(self) -> str:
            return "</text><script>alert('\"&')</script>"

    text = draw_svg([NodeRecord("<img onerror=1>", _Odd(), (), (3,), 0, 0)])
    assert "<script" not in text and "<img" not in text
    assert any("<script>alert" in (element.text or "") for element in ElementTree.fromstring(text).iter())


def test_a_large_network_is_drawn_too() -> None:
    x = h = Input(2)
    kept = []
    for _layer in range(300):
        h = Activation("tanh")(h)
        kept.append(h)
    text = Model(x, Concatenate()(kept)).draw()
    assert text.count("<rect") == 302
