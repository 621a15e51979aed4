"""A network in a notebook."""

from __future__ import annotations

from axone.graph import Input, Linear, Model
from tests.figures.test_html import Reader


def test_a_network_is_drawn_and_summarized() -> None:
    x = Input(4)
    model = Model(x, Linear(3, name="head")(x))
    page = Reader(model._repr_html_())
    assert page.tags == ["div", "img", "details", "summary", "pre"]
    assert page.addresses[0].startswith("data:image/svg+xml;base64,")
    assert "head" in page.words[-1] and "15" in page.words[-1]
