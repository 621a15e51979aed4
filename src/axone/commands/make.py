"""`axone generate`: let a run make something new, and keep it as files."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from axone.commands.keep import keep, keep_all
from axone.commands.whole_number import whole_number
from axone.display import printable, say
from axone.messages import _, plural

FOLDER = "samples"  # in the run
MOST_ON_WALL = 400


def generate(options: argparse.Namespace) -> int:
    """Make new things; each is kept as files, and all of them on one wall where they are pictures."""
    wanted = whole_number(options.count, "--count", 1) if options.count else 16
    seed = whole_number(options.seed or "0", "--seed", 0, 2**63 - 1)

    from axone.use import load

    run = load(options.words[0], system=options.system, runs_folder=options.runs_folder)
    made = run.generate(wanted, label=getattr(options, "class"), seed=seed)
    digits, folder = len(str(len(made) - 1)), Path(options.out) if options.out else run.path / FOLDER
    rows: list[dict[str, Any]] = []

    def files() -> Iterator[tuple[str, bytes]]:
        for number, thing in enumerate(made):
            own = {f"seed{seed}-{number:0{digits}d}{end}": content for end, content in thing.files().items()}
            rows.append({**thing.to_json(), "files": [str(folder / file) for file in own]})
            yield from own.items()

    keep_all(run.path, FOLDER, options.out, files())
    wall = _wall(run.path, options.out, f"seed{seed}-wall.png", made)
    said = plural("{count} was made: {folder}", "{count} were made: {folder}", len(made), folder=folder)
    if options.json:
        print(json.dumps({"run": str(run.path), "seed": seed, "made": rows, "wall": wall and str(wall)}))
    else:
        print(printable(said))
    if wall:
        say(_("all of them side by side: {path}", path=wall))
    return 0


def _wall(run: Path, out: str | None, file: str, made: list[Any]) -> Path | None:
    """Keep one picture of all that was made, up to 400; None where they are no pictures."""
    previews = [(thing.preview(), thing.label) for thing in made[:MOST_ON_WALL]]
    images = [image for image, _label in previews if image is not None]
    if len(images) < 2:
        return None
    import numpy as np

    from axone.figures.contact_sheet import draw_contact_sheet
    from axone.figures.figure import encode_png

    columns = math.ceil(math.sqrt(1.5 * len(images)))
    sheet = draw_contact_sheet(np.stack(images), [label for _image, label in previews], columns)
    return keep(run, FOLDER, out, file, encode_png(sheet))
