"""The error surface and the charts of steps."""

from xml.etree import ElementTree

import numpy as np
import torch

from axone.tasks.neuron.error_surface import LEVELS, error_surface, sequential, step_chart


def texts_of(drawing):
    return [element.text for element in ElementTree.fromstring(drawing).iter() if element.tag.endswith("text")]


def test_the_surface_is_evaluated_around_the_path():
    evaluated = []

    def error(pairs):
        evaluated.append(pairs)
        return pairs.square().sum(1)

    path = np.array([[3.0, 3.0], [1.0, 2.0], [0.1, 0.2]], dtype=np.float32)
    texts = texts_of(error_surface(["age", "weight"], path, [0, 2], error))
    assert {"w (age)", "w (weight)", "error"} <= set(texts)
    (pairs,) = evaluated
    low, high = pairs.min(0).values, pairs.max(0).values
    assert (low <= torch.tensor([0.1, 0.2])).all() and (high >= 3).all()


def test_colors_get_darker_in_few_shades():
    colors = sequential(np.linspace(0, 1, 200)[None])
    assert colors.dtype == np.uint8 and colors.shape == (1, 200, 3)
    assert len(np.unique(colors[0], axis=0)) == LEVELS
    assert (np.diff(colors[0].astype(int).sum(1)) <= 0).all()


def test_steps_show_error_and_weights():
    errors, weights = np.array([1.0, 0.5, 0.25, 0.2]), np.arange(12.0).reshape(4, 3)
    texts = texts_of(step_chart(["age", "weight"], errors, weights, 2))
    assert {"error", "weights", "age", "weight", "bias", "each step", "mean of an epoch"} <= set(texts)
    assert "weights" not in texts_of(step_chart([], errors, np.zeros((4, 0)), 2))
