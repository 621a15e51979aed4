#!/usr/bin/env python3
"""Write the figures, tables and printed steps of the course's page on activations, in English and in French.

    python scripts/course_figures.py            everything (minutes)
    python scripts/course_figures.py --quick    everything but the networks that classify points

Figures are written to docs/images/course/LANGUAGE/. In the pages, this script writes the text between
`<!-- written: NAME -->` and `<!-- end -->`, so that no measured number is typed by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from axone import catalogue, messages
from axone.engine.context import BuildContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.figures.canvas import BLUE, INK, RED, SOFT, Axes, Canvas
from axone.graph import ACTIVATIONS
from axone.numbers import format_percent, localize
from axone.settings import resolve
from course_pages import LANGUAGES, image_link, insert, page_of, save

NAMES = ("linear", "sigmoid", "tanh", "relu", "leaky_relu")
POINTS = ("circles", "moons", "spirals")
WORDS = {
    "en": {
        "linear": "linear", "sigmoid": "sigmoid", "tanh": "hyperbolic tangent", "relu": "ReLU",
        "leaky_relu": "leaky ReLU", "softmax": "softmax", "sum": "sum", "output": "output", "slope": "derivative",
        "children": "child", "teenagers": "teenager", "adults": "adult", "points": "points",
        "without": "without activation function", "with": "with ReLU", "circles": "circles", "moons": "moons",
        "spirals": "spirals",
    },
    "fr": {
        "linear": "linéaire", "sigmoid": "sigmoïde", "tanh": "tangente hyperbolique", "relu": "ReLU",
        "leaky_relu": "leaky ReLU", "softmax": "softmax", "sum": "somme", "output": "sortie", "slope": "dérivée",
        "children": "enfant", "teenagers": "adolescent", "adults": "adulte", "points": "points",
        "without": "sans fonction d'activation", "with": "avec ReLU", "circles": "cercles", "moons": "lunes",
        "spirals": "spirales",
    },
}  # fmt: skip


def main() -> None:
    """Write the figures and the generated parts of both pages."""
    quick = "--quick" in sys.argv[1:]
    torch.set_num_threads(1)
    for language in LANGUAGES:
        messages.use(language)
        words = WORDS[language]
        save(language, "activations", draw_activations(words))
        save(language, "readable", draw_sigmoid(words))
        save(language, "softmax", draw_softmax(words))
        recorder = train("perceptron")
        for name, epoch, file in (
            ("untrained", 1, "untrained"),
            ("neuron", None, "trained"),
            ("line", 1, "line-first"),
            ("line", None, "line-last"),
            ("surface", None, "surface"),
        ):
            save(language, file, find_figure(recorder, name, epoch))
        steps = train("perceptron", show_steps=15, batch_size=5, epochs=1)
        texts = [event["text"] for event in steps.events if event["kind"] == "text"]
        page = page_of("activations", language)
        insert(page, "steps", "```text\n" + "\n\n".join(text.rstrip() for text in texts[:3]) + "\n```")
        if not quick:
            insert(page, "separation", compare_networks(language, words))


def train(name: str, *, only_final: bool = False, **values: Any) -> MemoryRecorder:
    """Train a system in memory; `only_final`: make no figures before the end."""
    system = catalogue.load(catalogue.find_builtin(name))
    settings = resolve(system.Settings, {"threads": 1, **values})
    torch.manual_seed(settings.seed)
    experiment = system.build(settings, BuildContext())
    if only_final:
        make_figures = experiment.figures
        assert make_figures is not None
        experiment = replace(experiment, figures=lambda trained, final: make_figures(trained, True) if final else ())
    recorder = MemoryRecorder()
    outcome = fit(experiment, settings, recorder)
    recorder.event("outcome", test=outcome.test)
    return recorder


def find_figure(recorder: MemoryRecorder, name: str, epoch: int | None) -> str:
    """Return the drawing of a figure that was made after an epoch (None: at the end)."""
    return next(str(figure.image) for figure, after in recorder.figures if figure.name == name and after == epoch)


def draw_activations(words: dict[str, str]) -> str:
    """Draw the five activation functions of one sum, each with its derivative."""
    canvas = Canvas(840, 560)
    for k, name in enumerate(NAMES):
        left, top = 50 + 280 * (k % 3), 50 + 270 * (k // 3)
        draw_curve(canvas, (left, top, 210, 180), words[name], ACTIVATIONS[name].function)
    canvas.line([(640, 380), (672, 380)], stroke=INK, width=2.5)
    canvas.text((682, 384), words["output"])
    canvas.line([(640, 404), (672, 404)], stroke=RED, width=2, dash="5 4")
    canvas.text((682, 408), words["slope"])
    return canvas.svg()


def draw_curve(
    canvas: Canvas, box: tuple[float, float, float, float], title: str, function: Callable[..., Any]
) -> Axes:
    """Draw an activation function and its derivative for sums from -4 to 4."""
    sums = torch.linspace(-4, 4, 161, requires_grad=True)
    outputs = function(sums)
    (derivatives,) = torch.autograd.grad(outputs.sum(), sums)
    axes = Axes(canvas, box, (-4, 4), (-1.6, 2.6))
    axes.draw(grid=True, about=4)
    axes.line([(-4, 0), (4, 0)], stroke=SOFT, width=0.8)
    axes.line([(0, -1.6), (0, 2.6)], stroke=SOFT, width=0.8)
    for values, stroke, width, dash in ((derivatives, RED, 1.8, "5 4"), (outputs, INK, 2.5, "")):
        points = zip(sums.tolist(), values.tolist())
        for part in split_at_jumps([point for point in points if -1.6 <= point[1] <= 2.6]):
            axes.line(part, stroke=stroke, width=width, dash=dash)
    canvas.text((box[0] + box[2] / 2, box[1] - 14), title, size=15, anchor="middle", bold=True)
    return axes


def split_at_jumps(points: Sequence[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """Split a line where it jumps, so that the derivative of a ReLU is drawn as two lines."""
    parts: list[list[tuple[float, float]]] = [[points[0]]]
    for previous, point in pairwise(points):
        if abs(point[1] - previous[1]) > 0.5:
            parts.append([])
        parts[-1].append(point)
    return parts


def draw_sigmoid(words: dict[str, str]) -> str:
    """Draw how a sigmoid maps the sum -0.4 to an answer between 0 and 1."""
    canvas = Canvas(520, 360)
    axes = Axes(canvas, (60, 50, 420, 250), (-6, 6), (0, 1))
    axes.draw(words["sum"], words["output"], grid=True)
    sums = np.linspace(-6, 6, 241)
    axes.line([(float(s), float(1 / (1 + np.exp(-s)))) for s in sums], width=2.5)
    raw, answer = -0.4, float(1 / (1 + np.exp(0.4)))
    axes.line([(raw, 0), (raw, answer), (-6, answer)], stroke=RED, width=1.6, dash="5 4")
    canvas.circle(axes.point(raw, answer), 6, fill=RED, stroke="#ffffff")
    canvas.label((axes.point(raw, 0)[0] - 4, axes.point(0, 0)[1] - 8), localize(f"{raw:.1f}"), size=14, fill=RED)
    canvas.label((axes.point(-5.2, 0)[0], axes.point(0, answer)[1] - 6), localize(f"{answer:.2f}"), size=14, fill=RED)
    return canvas.svg()


def draw_softmax(words: dict[str, str]) -> str:
    """Draw three sums and their softmax."""
    canvas = Canvas(640, 250)
    sums = np.array([-0.4, 0.3, 1.6])
    probabilities = np.exp(sums) / np.exp(sums).sum()
    names = [words[name] for name in ("children", "teenagers", "adults")]
    for title, values, left, low in ((words["sum"], sums, 120, -1.0), (words["softmax"], probabilities, 420, 0.0)):
        high = 2.0 if low else 1.0
        axes = Axes(canvas, (left, 46, 190, 150), (low, high), (0, 3))
        canvas.text((left + 95, 30), title, size=15, anchor="middle", bold=True)
        for k, value in enumerate(values):
            start, end = axes.point(0, 2.8 - k), axes.point(float(value), 2.2 - k)
            x, width = min(start[0], end[0]), abs(end[0] - start[0])
            canvas.box((x, start[1]), width, end[1] - start[1], fill=RED if value >= 0 else BLUE, stroke="none")
            text = localize(f"{value:+.1f}" if low else f"{value:.2f}")
            canvas.text((max(start[0], end[0]) + 6, end[1] - 10), text)
            if low:
                canvas.text((left - 12, end[1] - 10), names[k], anchor="end")
        axes.line([(0, 0), (0, 3)], stroke=SOFT, width=1)
    return canvas.svg()


def compare_networks(language: str, words: dict[str, str]) -> str:
    """Train networks without and with an activation function on points; return a table of their accuracies."""
    head = f"| {words['points']} | {words['without']} | {words['with']} |\n|---|---|---|"
    rows = []
    for points in POINTS:
        cells = []
        for activation, label in (("linear", words["without"]), ("relu", words["with"])):
            recorder = train("mlp", only_final=True, preset="points", data=points, activation=activation, epochs=30)
            name = f"{points}-{activation}"
            save(language, name, find_figure(recorder, "boundary", None))
            accuracy = format_percent(recorder.events[-1]["test"]["accuracy"], 1)
            cells.append(f"![{words[points]}, {label}]({image_link(language, name)}) {accuracy}")
        rows.append(f"| {words[points]} | {' | '.join(cells)} |")
    return "\n".join([head, *rows])


if __name__ == "__main__":
    main()
