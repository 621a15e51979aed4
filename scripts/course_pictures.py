#!/usr/bin/env python3
"""Make the pictures, tables and printed steps of the course's activations page, in English and in French.

    python scripts/course_pictures.py            everything (minutes)
    python scripts/course_pictures.py --quick    all but the networks that separate points

Pictures go to docs/images/course/LANGUAGE/. In the pages, what stands between `<!-- made: NAME -->` and `<!-- end -->`
is written here, so no figure in them is written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch

from axone import catalogue, messages
from axone.engine.context import BuildContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.figures.canvas import BLUE, INK, RED, SOFT, Axes, Canvas
from axone.graph import ACTIVATIONS
from axone.numbers import localized, percent
from axone.settings import resolve

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = {"en": DOCS / "course" / "activations.md", "fr": DOCS / "course" / "fr" / "activations.md"}
NAMES = ("linear", "sigmoid", "tanh", "relu", "leaky_relu")
POINTS = ("circles", "moons", "spirals")
WORDS = {
    "en": {
        "linear": "linear", "sigmoid": "sigmoid", "tanh": "hyperbolic tangent", "relu": "ReLU",
        "leaky_relu": "leaky ReLU", "softmax": "softmax", "sum": "sum", "output": "output", "slope": "slope",
        "children": "child", "teenagers": "teenager", "adults": "adult", "points": "points",
        "without": "without an activation", "with": "with ReLU", "circles": "circles", "moons": "moons",
        "spirals": "spirals",
    },
    "fr": {
        "linear": "linéaire", "sigmoid": "sigmoïde", "tanh": "tangente hyperbolique", "relu": "ReLU",
        "leaky_relu": "leaky ReLU", "softmax": "softmax", "sum": "somme", "output": "sortie", "slope": "pente",
        "children": "enfant", "teenagers": "adolescent", "adults": "adulte", "points": "points",
        "without": "sans activation", "with": "avec ReLU", "circles": "cercles", "moons": "lunes",
        "spirals": "spirales",
    },
}  # fmt: skip


def main() -> None:
    """Write the pictures and the parts of both pages."""
    quick = "--quick" in sys.argv[1:]
    torch.set_num_threads(1)
    for language in PAGES:
        messages.use(language)
        words = WORDS[language]
        keep(language, "activations", activations(words))
        keep(language, "readable", readable(words))
        keep(language, "softmax", softmax(words))
        recorder = trained("perceptron")
        for name, epoch, file in (
            ("untrained", 1, "untrained"),
            ("neuron", None, "trained"),
            ("line", 1, "line-first"),
            ("line", None, "line-last"),
            ("surface", None, "surface"),
        ):
            keep(language, file, exhibit(recorder, name, epoch))
        steps = trained("perceptron", show_steps=15, batch_size=5, epochs=1)
        said = [event["text"] for event in steps.events if event["kind"] == "text"]
        insert(language, "steps", "```text\n" + "\n\n".join(text.rstrip() for text in said[:3]) + "\n```")
        if not quick:
            insert(language, "separation", separation(language, words))


def keep(language: str, name: str, drawing: str) -> None:
    """Write one picture."""
    folder = DOCS / "images" / "course" / language
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.svg").write_text(drawing + "\n", "utf-8")


def insert(language: str, name: str, text: str) -> None:
    """Put text into a page, between its marks."""
    page = PAGES[language]
    pattern = rf"(<!-- made: {name} -->\n).*?(<!-- end -->)"
    written, count = re.subn(
        pattern, lambda found: f"{found[1]}{text}\n{found[2]}", page.read_text("utf-8"), flags=re.DOTALL
    )
    if count != 1:
        raise SystemExit(f"{page} has {count} places for {name!r}")
    page.write_text(written, "utf-8")


def trained(system: str, *, only: str = "", **given: Any) -> MemoryRecorder:
    """Train a system in memory; `only` names the one picture that is wanted of it, at the end."""
    module = catalogue.load(catalogue.find(system))
    settings = resolve(module.Settings, {"threads": 1, **given})
    torch.manual_seed(settings.seed)
    experiment = module.build(settings, BuildContext())
    if only:
        show = experiment.figures
        assert show is not None
        experiment = replace(experiment, figures=lambda made, final: show(made, True) if final else ())
    recorder = MemoryRecorder()
    outcome = fit(experiment, settings, recorder)
    recorder.event("outcome", test=outcome.test)
    return recorder


def exhibit(recorder: MemoryRecorder, name: str, epoch: int | None) -> str:
    """Return a picture that was shown at an epoch (None: at the end)."""
    return next(str(shown.image) for shown, when in recorder.figures if shown.name == name and when == epoch)


def activations(words: dict[str, str]) -> str:
    """Draw the five activations of one sum, each with its slope."""
    canvas = Canvas(840, 560)
    for place, name in enumerate(NAMES):
        left, top = 50 + 280 * (place % 3), 50 + 270 * (place // 3)
        curve(canvas, (left, top, 210, 180), words[name], ACTIVATIONS[name].function)
    canvas.line([(640, 380), (672, 380)], stroke=INK, width=2.5)
    canvas.text((682, 384), words["output"])
    canvas.line([(640, 404), (672, 404)], stroke=RED, width=2, dash="5 4")
    canvas.text((682, 408), words["slope"])
    return canvas.svg()


def curve(canvas: Canvas, box: tuple[float, float, float, float], title: str, function: Callable[..., Any]) -> Axes:
    """Draw an activation over sums of -4 to 4, and how steeply it rises."""
    sums = torch.linspace(-4, 4, 161, requires_grad=True)
    outputs = function(sums)
    (slopes,) = torch.autograd.grad(outputs.sum(), sums)
    axes = Axes(canvas, box, (-4, 4), (-1.6, 2.6))
    axes.draw(grid=True, about=4)
    axes.line([(-4, 0), (4, 0)], stroke=SOFT, width=0.8)
    axes.line([(0, -1.6), (0, 2.6)], stroke=SOFT, width=0.8)
    for values, stroke, width, dash in ((slopes, RED, 1.8, "5 4"), (outputs, INK, 2.5, "")):
        points = zip(sums.tolist(), values.tolist())
        for part in runs([point for point in points if -1.6 <= point[1] <= 2.6]):
            axes.line(part, stroke=stroke, width=width, dash=dash)
    canvas.text((box[0] + box[2] / 2, box[1] - 14), title, size=15, anchor="middle", bold=True)
    return axes


def runs(points: Sequence[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """Cut a line where it jumps, so that the slope of a ReLU is drawn as two pieces."""
    parts: list[list[tuple[float, float]]] = [[points[0]]]
    for before, point in pairwise(points):
        if abs(point[1] - before[1]) > 0.5:
            parts.append([])
        parts[-1].append(point)
    return parts


def readable(words: dict[str, str]) -> str:
    """Draw how a sigmoid makes the raw sum -0.4 an answer between 0 and 1."""
    canvas = Canvas(520, 360)
    axes = Axes(canvas, (60, 50, 420, 250), (-6, 6), (0, 1))
    axes.draw(words["sum"], words["output"], grid=True)
    sums = np.linspace(-6, 6, 241)
    axes.line([(float(s), float(1 / (1 + np.exp(-s)))) for s in sums], width=2.5)
    raw, answer = -0.4, float(1 / (1 + np.exp(0.4)))
    axes.line([(raw, 0), (raw, answer), (-6, answer)], stroke=RED, width=1.6, dash="5 4")
    canvas.circle(axes.point(raw, answer), 6, fill=RED, stroke="#ffffff")
    canvas.label((axes.point(raw, 0)[0] - 4, axes.point(0, 0)[1] - 8), localized(f"{raw:.1f}"), size=14, fill=RED)
    canvas.label((axes.point(-5.2, 0)[0], axes.point(0, answer)[1] - 6), localized(f"{answer:.2f}"), size=14, fill=RED)
    return canvas.svg()


def softmax(words: dict[str, str]) -> str:
    """Draw three sums, and the probabilities that softmax makes of them."""
    canvas = Canvas(640, 250)
    sums = np.array([-0.4, 0.3, 1.6])
    shares = np.exp(sums) / np.exp(sums).sum()
    names = [words[name] for name in ("children", "teenagers", "adults")]
    for title, values, left, low in ((words["sum"], sums, 120, -1.0), (words["softmax"], shares, 420, 0.0)):
        high = 2.0 if low else 1.0
        axes = Axes(canvas, (left, 46, 190, 150), (low, high), (0, 3))
        canvas.text((left + 95, 30), title, size=15, anchor="middle", bold=True)
        for place, value in enumerate(values):
            start, end = axes.point(0, 2.8 - place), axes.point(float(value), 2.2 - place)
            x, width = min(start[0], end[0]), abs(end[0] - start[0])
            canvas.box((x, start[1]), width, end[1] - start[1], fill=RED if value >= 0 else BLUE, stroke="none")
            text = localized(f"{value:+.1f}" if low else f"{value:.2f}")
            canvas.text((max(start[0], end[0]) + 6, end[1] - 10), text)
            if low:
                canvas.text((left - 12, end[1] - 10), names[place], anchor="end")
        axes.line([(0, 0), (0, 3)], stroke=SOFT, width=1)
    return canvas.svg()


def separation(language: str, words: dict[str, str]) -> str:
    """Train networks without and with an activation on points, and return the table of pictures and figures."""
    head = f"| {words['points']} | {words['without']} | {words['with']} |\n|---|---|---|"
    rows = []
    for points in POINTS:
        cells = []
        for activation, said in (("linear", words["without"]), ("relu", words["with"])):
            recorder = trained("mlp", only="boundary", preset="points", data=points, activation=activation, epochs=30)
            name = f"{points}-{activation}"
            keep(language, name, exhibit(recorder, "boundary", None))
            share = percent(recorder.events[-1]["test"]["accuracy"], 1)
            folder = "../images" if language == "en" else "../../images"
            cells.append(f"![{words[points]}, {said}]({folder}/course/{language}/{name}.svg) {share}")
        rows.append(f"| {words[points]} | {' | '.join(cells)} |")
    return "\n".join([head, *rows])


if __name__ == "__main__":
    main()
