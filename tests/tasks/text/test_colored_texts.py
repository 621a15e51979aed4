"""Colored texts as a drawing: lines are broken, words are escaped."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from axone.tasks.text.colored_texts import MARGIN, WIDTH, ColoredText, draw_colored_texts, place_words
from axone.tasks.text.explanation import ExplainedToken, TextExplanation


def test_long_texts_are_broken_into_lines_within_the_width():
    placed = place_words([("word", True)] * 100)
    assert placed[0][0] == 0 and placed[-1][0] == 3
    assert all(x >= MARGIN and x + width <= WIDTH - MARGIN for _line, x, width in placed)
    assert place_words([("x" * 1000, False)])[0][:2] == (0, MARGIN)


def test_colors_are_relative_to_the_largest():
    tokens = (ExplainedToken(0, 1, -2.0, 0.5), ExplainedToken(2, 3, 1.0, 0.25))
    text = ColoredText.of(TextExplanation("a b", tokens, "x", 0.5, "x", 0.0, True), "y")
    assert text.words == [("a", True), ("b", False)] and "y" in text.title
    assert text.attention == [1.0, 0.5] and text.contributions == [-1.0, 0.5]


def test_the_drawing_is_valid_and_grows_with_the_texts():
    text = ColoredText("<title>", [("<b>", True), ("日本", False)], [1.0, 0.0], [1.0, -1.0])
    one, two = (ElementTree.fromstring(draw_colored_texts([text] * count)) for count in (1, 2))
    assert float(two.get("height")) > float(one.get("height"))
    assert ElementTree.fromstring(draw_colored_texts([])).tag.endswith("svg")
