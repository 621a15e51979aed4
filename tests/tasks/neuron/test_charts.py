"""Drawings of a neuron are well-formed SVG with the numbers that they should show."""

from xml.etree import ElementTree

import numpy as np
import pytest

from axone.tasks.neuron.charts import SampleNumbers, answer_color, decision_line, neuron_diagram


def parse(drawing):
    root = ElementTree.fromstring(drawing)
    return root, [element.text for element in root.iter() if element.tag.endswith("text")]


def make_sample(columns, answer=0.75):
    return SampleNumbers("adult", [9.0] * columns, [0.5] * columns, 1.5, 0.75, answer, 1, 0.25, [0.1] * (columns + 1))


def test_a_diagram_shows_inputs_weights_and_results():
    _root, texts = parse(neuron_diagram(["age"], [2.0], -1.0, "sigmoid", lambda x: x, [make_sample(1)]))
    expected = {"age", "bias", "9", "+0.50", "w = +2.000", "w = -1.000", "+1.500", "0.75", "error 0.250", "sigmoid"}
    assert expected <= set(texts) and "adult: target 1" in texts and "answer 0.75" not in texts


def test_a_rescaled_answer_is_shown_with_the_output():
    _root, texts = parse(neuron_diagram(["age"], [2.0], -1.0, "tanh", lambda x: x, [make_sample(1, answer=0.9)]))
    assert "answer 0.90" in texts


def test_only_the_first_of_many_inputs_are_drawn():
    names = [f"column {k}" for k in range(9)]
    _root, texts = parse(neuron_diagram(names, [1.0] * 9, 0.0, "relu", lambda x: x, [make_sample(9)]))
    assert "4 of 9 inputs" in texts and "column 3" in texts and "column 4" not in texts


def test_a_decision_line_separates_the_classes():
    points = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    drawing = decision_line(
        ["x", "y"], ["below", "above"], points, np.array([0, 1, 1]), np.array([True, False, True]), (1.0, 1.0, -2.0),
        lambda sums: 1 / (1 + np.exp(-sums)), 0.0,
    )  # fmt: skip
    root, texts = parse(drawing)
    circles = [element for element in root.iter() if element.tag.endswith("circle")]
    assert len(circles) == 3 + 2 and {"below (0)", "above (1)", "x", "y"} <= set(texts)
    assert sum(circle.get("stroke-width") == "1.8" for circle in circles) == 1  # the wrong prediction


@pytest.mark.parametrize(("answer", "channel"), [(0.0, 2), (1.0, 0)])
def test_answers_are_blue_for_0_and_red_for_1(answer, channel):
    color = answer_color(answer, paleness=0.0)
    channels = [int(color[k : k + 2], 16) for k in (1, 3, 5)]
    assert max(channels) == channels[channel]
    assert answer_color(answer + 5 * (2 * answer - 1)) == answer_color(answer)  # clamped
