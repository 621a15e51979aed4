"""Furniture out of noise: how many made shapes are whole and stand, how near they come, and how long it takes.

    python benchmarks/gan3d.py            `axone train gan3d`, three seeds, 1,000 shapes of each
    python benchmarks/gan3d.py --quick    a smoke test, writes nothing

The wall of the first seed goes to docs/images/gan3d.png and into the page.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from typing import Any

import tables

MADE = 1000
WALL = "gan3d.png"
WANTED = 0.9  # share of made shapes that should be valid


def main() -> int:
    """Train, make, measure, write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--seeds", type=int, default=3, help="trainings (default: 3)")
    parser.add_argument("--epochs", type=int, default=0, help="epochs of each (default: the system's own)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    if options.quick:
        options.seeds, options.epochs = 1, 1
    machine = tables.begin(options)
    found = []
    for seed in range(options.seeds):
        found.append(measure(seed, options))
        tables.say(f"seed {seed}: {sentence(found[-1])}")
    tables.finish(table(found, options), machine, options)
    return 0


def measure(seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Train once and measure what is made."""
    import numpy as np
    import torch

    import axone
    from axone.engine.context import BuildContext
    from axone.figures.contact_sheet import draw_contact_sheet
    from axone.figures.figure import encode_png
    from axone.tasks.shapes.data import read_solids, solids_of
    from axone.tasks.shapes.generate import noise_for, one_hot, solids_from
    from axone.tasks.shapes.metrics import coverage, flat, matching_distance, overlaps, validity

    given: dict[str, Any] = {"seed": seed, "threads": options.threads}
    given |= {"epochs": options.epochs} if options.epochs else {}
    given |= {"limit": 200} if options.quick else {}
    with tempfile.TemporaryDirectory() as folder:
        run = axone.train("gan3d", runs_folder=folder, **given)
        results, facts = run.results, run.facts
        settings: Any = run.settings
        made = run.generate(64 if options.quick else MADE, seed=seed)
        asked = torch.tensor([facts["classes"].index(one.label) for one in made])
        noise = noise_for(len(made), settings.latent, seed)  # the same, to see what the network alone made of it
        solids = solids_from(run.model, noise, one_hot(asked, len(facts["classes"])))
    labels, cleaned = asked.numpy(), np.stack([one.solid for one in made])
    judged = validity(solids, labels, facts["stands"])
    parts = read_solids(settings, BuildContext(), settings.resolution, settings.up)
    trained, held_out = flat(solids_of(parts.train)), flat(solids_of(parts.test))
    between = overlaps(flat(solids), held_out)
    if seed == 0:
        wall = draw_contact_sheet(np.stack([one.pixels for one in made[:32]]), [one.label for one in made[:32]], 8)
        tables.keep_picture(WALL, encode_png(wall), options)
    return {
        "seed": seed,
        "seconds": results["seconds"],
        "steps": results["steps"],
        "epochs": results["epochs"],
        "valid": float(judged.valid.mean()),
        "valid_cleaned": float(validity(cleaned, labels, facts["stands"]).valid.mean()),
        "taken_away": float((solids & ~cleaned).sum() / solids.sum()),
        "whole": float(judged.whole.mean()),
        "standing": float(judged.standing.mean()),
        "by_class": {
            name: float(judged.valid[labels == number].mean()) for number, name in enumerate(facts["classes"])
        },
        "nearest": float(overlaps(flat(solids), trained).amax(1).mean()),
        "nearest_of_real": float(overlaps(held_out, trained).amax(1).mean()),
        "distance": float(matching_distance(between)),
        "distance_of_real": float(
            matching_distance(overlaps(trained[torch.arange(len(made)) % len(trained)], held_out))
        ),
        "coverage": float(coverage(between)),
    }


def sentence(one: dict[str, Any]) -> str:
    """Describe a training in a line of progress."""
    return (
        f"{100 * one['valid']:.1f} % valid after {one['seconds'] / 60:.1f} minutes, "
        f"overlap {one['nearest']:.3f} with the nearest training shape ({one['nearest_of_real']:.3f} for real ones)"
    )


def table(found: list[dict[str, Any]], options: argparse.Namespace) -> tables.Table:
    """Turn the trainings into rows, a verdict and notes."""

    def row(name: str, key: str, digits: int, times: float = 1) -> list[str]:
        return [
            name,
            *(f"{times * one[key]:.{digits}f}" for one in found),
            tables.mean_of([times * one[key] for one in found], digits),
        ]

    rows = [
        row("valid as the network makes them: in one piece, and standing on four points, %", "valid", 1, 100),
        row("valid as `axone generate` gives them: the largest piece alone, %", "valid_cleaned", 1, 100),
        row("voxels that this leaves out, %", "taken_away", 2, 100),
        row("in one piece, %", "whole", 1, 100),
        row("standing on four points, %", "standing", 1, 100),
        *(
            [f"valid among {name}, %", *(f"{100 * one['by_class'][name]:.1f}" for one in found),
             tables.mean_of([100 * one["by_class"][name] for one in found], 1)]
            for name in found[0]["by_class"]
        ),
        row("overlap with the nearest training shape", "nearest", 3),
        row("the same of held-out real shapes", "nearest_of_real", 3),
        row("distance of held-out shapes to the nearest made one", "distance", 3),
        row("the same to as many training shapes", "distance_of_real", 3),
        row("held-out shapes that are some made one's nearest, %", "coverage", 1, 100),
        row("minutes of training", "seconds", 1, 1 / 60),
        row("steps", "steps", 0),
    ]  # fmt: skip
    valid, cleaned, away, nearest, real = (
        sum(one[key] for one in found) / len(found)
        for key in ("valid", "valid_cleaned", "taken_away", "nearest", "nearest_of_real")
    )
    minutes = sum(one["seconds"] for one in found) / len(found) / 60
    return tables.Table(
        name="gan3d",
        title="3-D shapes out of noise",
        question=(
            f"`axone train gan3d` on furniture drawn by Axone, {options.threads} threads; "
            f"{MADE} shapes made by each training, all classes in turn."
        ),
        columns=["measure", *(f"seed {one['seed']}" for one in found), "mean"],
        rows=rows,
        raw=found,
        verdicts=[
            tables.verdict(
                f"at least {100 * WANTED:.0f} % of the shapes are valid as `axone generate` gives them",
                cleaned >= WANTED, f"{100 * cleaned:.1f} %",
            ),
            tables.verdict(
                f"at least {100 * WANTED:.0f} % are valid as the network makes them, nothing taken away",
                valid >= WANTED, f"{100 * valid:.1f} %",
            ),
            tables.verdict(
                "made shapes are no copies: they overlap their nearest training shape no more than real ones do",
                nearest <= real + 0.02, f"{nearest:.3f}, real ones {real:.3f}",
            ),
        ],
        notes=[
            "Overlap is intersection over union of voxels, from 0 to 1. Distance is 1 less overlap.",
            "Valid is what `axone.tasks.shapes.metrics.validity` says: one piece by faces; and below the layer with "
            "the most voxels each quarter of its floor plan is held in every layer down to the floor.",
            "All furniture that is learned from is valid (tests/data/test_furniture.py).",
        ],
        pictures={WALL: "What `axone generate` made with seed 0, the first 32."},
        headers={
            "gan3d": f"{100 * cleaned:.1f} % of {MADE:,} shapes that `axone generate` makes stand on four points, "
            f"after {minutes:.1f} minutes of training. All are in one piece: what flies about, {100 * away:.1f} % of "
            f"the voxels, is left out ({100 * valid:.1f} % of the shapes need none of that). Threads: "
            f"{options.threads}, seeds: {len(found)}."
        },
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
