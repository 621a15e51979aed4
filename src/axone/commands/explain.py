"""`axone explain RUN IMAGE...`: which pixels, feature maps and training images a prediction depends on."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axone.commands.arguments import list_files, parse_whole_number
from axone.commands.load_torch import load_torch
from axone.commands.own_options import split_own_options
from axone.commands.predict import report_failures
from axone.commands.save_outputs import make_unique_stem, save_output
from axone.display import printable, say
from axone.errors import DataError
from axone.numbers import format_percent

if TYPE_CHECKING:
    from axone.tasks.explanation.explain import Explanation

SUBFOLDER = "explanations"  # of the run
MOST_NEAREST = 64


def execute(options: argparse.Namespace) -> int:
    """Write figures that explain each image; images that cannot be read are reported, and make the exit code 3."""
    nearest = parse_whole_number(options.nearest, "--nearest", 0, MOST_NEAREST) if options.nearest is not None else 8
    load_torch()
    from axone.use import load

    run = load(options.words[0], system=options.system, runs_folder=options.runs_folder)
    words, _own = split_own_options(run.system, "explain", options.words)
    paths = list_files(words[1:])
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
