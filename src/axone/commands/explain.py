"""`axone explain RUN INPUT...`: what an answer depends on.

Of an image classifier: pixels, feature maps and training images, as figures. Of a system with a function `explain`: its
answers, such as a text with colored words, which is also written as a page.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axone.commands.output.failures import report_failures
from axone.commands.output.save_outputs import make_unique_stem, save_output
from axone.commands.parsing.arguments import list_files, list_inputs, parse_whole_number
from axone.commands.parsing.own_options import split_own_options
from axone.display import printable, say
from axone.display.load_torch import load_torch
from axone.errors import AxoneError, DataError, UsageError
from axone.messages import _
from axone.numbers import format_percent

if TYPE_CHECKING:
    from axone.tasks.explanation.explain import Explanation
    from axone.use import Run

SUBFOLDER = "explanations"  # of the run
MOST_NEAREST = 64
MOST_LETTERS = 40  # of a text in the name of its file


def execute(options: argparse.Namespace) -> int:
    """Print and write what explains each answer; inputs that cannot be read are reported, and make the exit code 3."""
    nearest = parse_whole_number(options.nearest, "--nearest", 0, MOST_NEAREST) if options.nearest is not None else 8
    load_torch()
    from axone.use import load

    run = load(options.words[0], system=options.system, runs_folder=options.runs_folder)
    words, own = split_own_options(run.system, "explain", options.words)
    if run.system.explain is not None:
        return _explain_inputs(run, options, words[1:], own)
    return _explain_images(run, options, words[1:], nearest)


def _explain_inputs(run: Run, options: argparse.Namespace, words: list[str], own: dict[str, Any]) -> int:
    """Print the explanations of a system's own, in color on a terminal, and write their files."""
    if flag := next((name for name in ("layer", "nearest") if getattr(options, name) is not None), None):
        raise UsageError(_("--{flag} is for image classifiers, not for the system '{name}'.", flag=flag,
                           name=run.system.name))  # fmt: skip
    inputs = list_inputs(run, words)
    explanations = run.explain_each([item for _name, item in inputs], label=getattr(options, "class"), **own)
    in_color = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    rows: list[dict[str, Any]] = []
    stems: set[str] = set()
    for (name, _item), explanation in zip(inputs, explanations, strict=True):
        if isinstance(explanation, AxoneError):
            say(explanation)
            rows.append({"input": name, "error": explanation.what})
            continue
        stem = make_unique_stem(Path(name).stem[:MOST_LETTERS], stems)
        paths = [save_output(run.path, SUBFOLDER, options.out, stem + suffix, content)
                 for suffix, content in explanation.files().items()]  # fmt: skip
        if not options.json:
            if in_color:
                print(explanation.colored_text())
            else:
                print(printable(f"{name}: {explanation.text()}"))
            if paths:
                print(printable(f"-> {', '.join(map(str, paths))}"))
        rows.append({"input": name, **explanation.to_json(), "files": [str(path) for path in paths]})
    return report_failures(options, {"run": str(run.path), "explanations": rows}, rows)


def _explain_images(run: Run, options: argparse.Namespace, words: list[str], nearest: int) -> int:
    """Write figures that explain the answers of an image classifier."""
    paths = list_files(words)
    rows: list[dict[str, Any]] = []
    stems: set[str] = set()
    notes: set[str] = set()  # each note is printed once, however many images it applies to
    for path in paths:
        try:
            explanation = run.explain(path, label=getattr(options, "class"), layer=options.layer, nearest=nearest)
        except DataError as error:
            say(error)
            rows.append({"input": str(path), "error": error.what})
            continue
        for note in explanation.notes:
            if note not in notes:
                say(note)
                notes.add(note)
        files = _save(run.path, options.out, make_unique_stem(path.stem, stems), explanation.figures())
        if not options.json:
            answer = f"{path}: {explanation.label} {format_percent(explanation.probability, 1)}"
            print(printable(f"{answer} -> {', '.join(map(str, files.values()))}"))
        rows.append({"input": str(path), **_to_json(explanation), "figures": {k: str(v) for k, v in files.items()}})
    return report_failures(options, {"run": str(run.path), "explanations": rows}, rows)


def _to_json(explanation: Explanation) -> dict[str, Any]:
    return {
        "class": explanation.label,
        "probability": explanation.probability,
        "predicted": explanation.predicted,
        "layer": explanation.layer,
        "residual": explanation.residual,
        "nearest": [
            {"index": image.index, "label": image.label, "similarity": image.similarity}
            for image in explanation.nearest
        ],
        "notes": list(explanation.notes),
    }


def _save(run: Path, out: str | None, stem: str, figures: dict[str, Any]) -> dict[str, Path]:
    from axone.figures.figure import encode_png

    return {
        name: save_output(run, SUBFOLDER, out, f"{stem}-{name}.png", encode_png(image))
        for name, image in figures.items()
    }
