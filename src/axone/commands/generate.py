"""`axone generate RUN`: new examples from a trained model, as files."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axone.commands.output.save_outputs import save_output, save_outputs
from axone.commands.parsing.arguments import parse_whole_number
from axone.commands.parsing.own_options import split_own_options
from axone.display import open_display, printable, say
from axone.display.load_torch import load_torch
from axone.messages import _, plural
from axone.system import locate_errors
from axone.system_calls import require_json

if TYPE_CHECKING:
    from axone.tasks.answers import Answer
    from axone.use import Run

SUBFOLDER = "samples"  # of the run
LARGEST_SHEET = 400  # images on the contact sheet


def execute(options: argparse.Namespace) -> int:
    """Generate examples, write each as files, and all images on one contact sheet."""
    count = parse_whole_number(options.count, "--count", 1) if options.count else None
    seed = parse_whole_number(options.seed or "0", "--seed", 0, 2**63 - 1)

    load_torch()
    from axone.use import load

    run = load(options.words[0], system=options.system, runs_folder=options.runs_folder)
    _words, own = split_own_options(run.system, "generate", options.words)
    with locate_errors(run.system):
        return _generate(run, options, count, seed, own)


def _generate(run: Run, options: argparse.Namespace, count: int | None, seed: int, own: dict[str, Any]) -> int:
    examples = _make_examples(run, options, count, seed, own)
    digits, folder = len(str(len(examples) - 1)), Path(options.out) if options.out else run.path / SUBFOLDER
    rows: list[dict[str, Any]] = []

    def list_files() -> Iterator[tuple[str, bytes]]:
        for number, example in enumerate(examples):
            files = {f"seed{seed}-{number:0{digits}d}{suffix}": data for suffix, data in example.files().items()}
            row = {**example.to_json(), "files": [str(folder / name) for name in files]}
            if run.system.own:
                require_json(row, "to_json()", run.system.path)
            rows.append(row)
            yield from files.items()

    save_outputs(run.path, SUBFOLDER, options.out, list_files())
    sheet = _save_contact_sheet(run.path, options.out, f"seed{seed}-sheet.png", examples)
    text = plural("{count} example written: {folder}", "{count} examples written: {folder}", len(rows), folder=folder)
    if options.json:
        print(json.dumps({"run": str(run.path), "seed": seed, "examples": rows, "sheet": sheet and str(sheet)}))
    else:
        print(printable(text))
    if sheet:
        say(_("contact sheet: {path}", path=sheet))
    return 0


def _make_examples(
    run: Run, options: argparse.Namespace, count: int | None, seed: int, own: dict[str, Any]
) -> list[Answer]:
    """Return the examples; the text of those that are computed piece by piece is printed meanwhile."""
    examples = []
    with open_display() as display:
        display.progress(_("generating examples"))
        for example in run.iterate_examples(count, label=getattr(options, "class"), seed=seed, **own):
            examples.append(example)
            if example.output != "stream":
                continue
            display.close()
            for piece in example.pieces():
                if not options.json:
                    print(printable(piece), end="", flush=True)
            if not options.json:
                print("\n", flush=True)
            if note := example.to_json().get("note"):
                say(note)
    return examples


def _save_contact_sheet(run: Path, out: str | None, name: str, examples: Sequence[Any]) -> Path | None:
    """Write the first `LARGEST_SHEET` previews as one image; return None for fewer than two previews."""
    previews = [(example.preview(), str(example.to_json().get("label", ""))) for example in examples[:LARGEST_SHEET]]
    images = [image for image, _label in previews if image is not None]
    if len(images) < 2:
        return None
    import numpy as np

    from axone.figures.contact_sheet import draw_contact_sheet
    from axone.figures.figure import encode_png

    columns = math.ceil(math.sqrt(1.5 * len(images)))
    sheet = draw_contact_sheet(np.stack(images), [label for _image, label in previews], columns)
    return save_output(run, SUBFOLDER, out, name, encode_png(sheet))
