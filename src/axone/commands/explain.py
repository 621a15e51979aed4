"""`axone explain`: why a run named a picture as it did, as pictures to look at."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from axone.commands.answer import input_paths
from axone.commands.keep import keep, stem
from axone.commands.whole_number import whole_number
from axone.display import printable, say
from axone.errors import DataError
from axone.messages import plural
from axone.numbers import percent

FOLDER = "explanations"  # in the run
MOST_NEAREST = 64


def explain(options: argparse.Namespace) -> int:
    """Explain each picture; those that cannot be read are told apart, and make the exit code 3."""
    nearest = whole_number(options.nearest, "--nearest", 0, MOST_NEAREST) if options.nearest is not None else 8
    paths = input_paths(options.words[1:])

    from axone.use import load

    run = load(options.words[0], system=options.system, runs_folder=options.runs_folder)
    rows: list[dict[str, Any]] = []
    taken: set[str] = set()
    told: set[str] = set()
    for path in paths:
        try:
            found = run.explain(path, label=getattr(options, "class"), layer=options.layer, nearest=nearest)
        except DataError as error:
            say(error)
            rows.append({"input": str(path), "error": error.what})
            continue
        for note in found.notes:
            if note not in told:  # of many pictures the same is said once
                say(note)
                told.add(note)
        kept = _keep(run.path, options.out, stem(path.stem, taken), found.figures())
        if not options.json:
            shown = f"{path}: {found.label} {percent(found.probability, 1)}"
            print(printable(f"{shown} -> {', '.join(map(str, kept.values()))}"))
        rows.append(
            {
                "input": str(path),
                "class": found.label,
                "probability": found.probability,
                "predicted": found.predicted,
                "layer": found.layer,
                "residual": found.residual,
                "figures": {name: str(place) for name, place in kept.items()},
                "nearest": [
                    {"index": one.index, "label": one.label, "similarity": one.similarity} for one in found.nearest
                ],
                "notes": list(found.notes),
            }
        )
    failed = sum("error" in row for row in rows)
    if failed:
        say(plural("{count} input could not be used.", "{count} inputs could not be used.", failed))
    if options.json:
        print(json.dumps({"run": str(run.path), "explanations": rows}))
    return DataError.exit_code if failed else 0


def _keep(run: Path, out: str | None, begin: str, pictures: dict[str, Any]) -> dict[str, Path]:
    """Write the pictures into the run, or into a folder of the user's; return where each is."""
    from axone.figures.figure import encode_png

    return {
        name: keep(run, FOLDER, out, f"{begin}-{name}.png", encode_png(picture)) for name, picture in pictures.items()
    }
