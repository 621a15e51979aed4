"""Generated furniture: how many shapes are connected and have four supports, their overlap with real ones, and time.

    python benchmarks/gan3d.py            `axone train gan3d`, three seeds, 1,000 shapes of each
    python benchmarks/gan3d.py --quick    a smoke test, writes nothing

The samples of the first seed go to docs/images/gan3d.png and into the page.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from typing import Any

import tables

GENERATED = 1000
SAMPLES = "gan3d.png"
GOAL = 0.9  # share of the generated shapes that should be valid


def main() -> int:
    """Train, generate, measure, write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--seeds", type=int, default=3, help="trainings (default: 3)")
    parser.add_argument("--epochs", type=int, default=0, help="epochs of each (default: the system's own)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    if options.quick:
        options.seeds, options.epochs = 1, 1
    machine = tables.begin(options)
    results = []
    for seed in range(options.seeds):
        results.append(measure(seed, options))
        tables.say(f"seed {seed}: {summarize(results[-1])}")
    tables.finish(table(results, options), machine, options)
    return 0


def measure(seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Train once, and measure generated shapes."""
    import numpy as np
    import torch

    import axone
    from axone.engine.context import BuildContext
    from axone.figures.contact_sheet import draw_contact_sheet
    from axone.figures.figure import encode_png
    from axone.tasks.shapes.data import read_solids, solids_of
    from axone.tasks.shapes.generate import generate_solids, sample_noise
    from axone.tasks.shapes.metrics import (
        check_validity,
        compute_overlaps,
        coverage,
        flatten_solids,
        matching_distance,
    )

    values: dict[str, Any] = {"seed": seed, "threads": options.threads}
    values |= {"epochs": options.epochs} if options.epochs else {}
    values |= {"limit": 200} if options.quick else {}
    with tempfile.TemporaryDirectory() as folder:
        run = axone.train("gan3d", runs_folder=folder, **values)
        run_results, facts = run.results, run.facts
        settings: Any = run.settings
        generated = run.generate(64 if options.quick else GENERATED, seed=seed)
        classes = torch.tensor([facts["classes"].index(one.label) for one in generated])
        noise = sample_noise(len(generated), settings.latent, seed)  # of the same shapes, before loose voxels go
        solids = generate_solids(run.model, noise, classes, len(facts["classes"]))
    labels, cleaned = classes.numpy(), np.stack([one.solid for one in generated])
    validity = check_validity(solids, labels, facts["supported_classes"])
    splits = read_solids(settings, BuildContext(), settings.resolution, settings.up)
    training, held_out = flatten_solids(solids_of(splits.train)), flatten_solids(solids_of(splits.test))
    overlaps = compute_overlaps(flatten_solids(solids), held_out)
    if seed == 0:
        sheet = draw_contact_sheet(
            np.stack([one.pixels for one in generated[:32]]), [one.label for one in generated[:32]], 8
        )
        tables.save_figure(SAMPLES, encode_png(sheet), options)
    return {
        "seed": seed,
        "seconds": run_results["seconds"],
        "steps": run_results["steps"],
        "epochs": run_results["epochs"],
        "valid": float(validity.valid.mean()),
        "valid_cleaned": float(check_validity(cleaned, labels, facts["supported_classes"]).valid.mean()),
        "removed": float((solids & ~cleaned).sum() / solids.sum()),
        "connected": float(validity.connected.mean()),
        "supported": float(validity.supported.mean()),
        "by_class": {
            name: float(validity.valid[labels == number].mean()) for number, name in enumerate(facts["classes"])
        },
        "nearest": float(compute_overlaps(flatten_solids(solids), training).amax(1).mean()),
        "nearest_of_real": float(compute_overlaps(held_out, training).amax(1).mean()),
        "distance": float(matching_distance(overlaps)),
        "distance_of_real": float(
            matching_distance(compute_overlaps(training[torch.arange(len(generated)) % len(training)], held_out))
        ),
        "coverage": float(coverage(overlaps)),
    }


def summarize(one: dict[str, Any]) -> str:
    """Describe a training in a line of progress."""
    return (
        f"{100 * one['valid']:.1f} % valid after {one['seconds'] / 60:.1f} minutes, "
        f"overlap {one['nearest']:.3f} with the nearest training shape ({one['nearest_of_real']:.3f} for real ones)"
    )


def table(results: list[dict[str, Any]], options: argparse.Namespace) -> tables.Table:
    """Turn the trainings into rows, a verdict and notes."""

    def row(name: str, key: str, digits: int, times: float = 1) -> list[str]:
        return [
            name,
            *(f"{times * one[key]:.{digits}f}" for one in results),
            tables.mean_of([times * one[key] for one in results], digits),
        ]

    rows = [
        row("valid as the network generates them: connected, with four supports, %", "valid", 1, 100),
        row("valid as `axone generate` writes them: the largest connected component, %", "valid_cleaned", 1, 100),
        row("voxels that this removes, %", "removed", 2, 100),
        row("connected, %", "connected", 1, 100),
        row("with four supports, %", "supported", 1, 100),
        *(
            [f"valid among {name}, %", *(f"{100 * one['by_class'][name]:.1f}" for one in results),
             tables.mean_of([100 * one["by_class"][name] for one in results], 1)]
            for name in results[0]["by_class"]
        ),
        row("overlap with the nearest training shape", "nearest", 3),
        row("the same for held-out real shapes", "nearest_of_real", 3),
        row("distance of held-out shapes to the nearest generated one", "distance", 3),
        row("the same for as many training shapes", "distance_of_real", 3),
        row("held-out shapes that are the nearest of a generated one, %", "coverage", 1, 100),
        row("minutes of training", "seconds", 1, 1 / 60),
        row("steps", "steps", 0),
    ]  # fmt: skip
    valid, cleaned, removed, nearest, real = (
        sum(one[key] for one in results) / len(results)
        for key in ("valid", "valid_cleaned", "removed", "nearest", "nearest_of_real")
    )
    minutes = sum(one["seconds"] for one in results) / len(results) / 60
    return tables.Table(
        name="gan3d",
        title="Generated 3-D shapes",
        question=(
            f"`axone train gan3d` on furniture generated by Axone, {options.threads} threads; "
            f"{GENERATED} shapes of each training, all classes in turn."
        ),
        columns=["measure", *(f"seed {one['seed']}" for one in results), "mean"],
        rows=rows,
        raw=results,
        verdicts=[
            tables.verdict(
                f"at least {100 * GOAL:.0f} % of the shapes are valid as `axone generate` writes them",
                cleaned >= GOAL, f"{100 * cleaned:.1f} %",
            ),
            tables.verdict(
                f"at least {100 * GOAL:.0f} % are valid as the network generates them",
                valid >= GOAL, f"{100 * valid:.1f} %",
            ),
            tables.verdict(
                "generated shapes are not copies: they overlap their nearest training shape no more than real ones do",
                nearest <= real + 0.02, f"{nearest:.3f}, real ones {real:.3f}",
            ),
        ],
        notes=[
            "Overlap is intersection over union of voxels, from 0 to 1. Distance is 1 minus overlap.",
            "Valid (`axone.tasks.shapes.metrics.check_validity`): connected by faces; and below the layer with the "
            "most voxels, each quarter of its bounding rectangle contains a voxel in every layer down to the floor.",
            "All training furniture is valid (tests/data/datasets/test_furniture.py).",
        ],
        figures={SAMPLES: "The first 32 shapes that `axone generate` wrote with seed 0."},
        headers={
            "gan3d": f"{100 * cleaned:.1f} % of {GENERATED:,} shapes that `axone generate` writes have four supports, "
            f"after {minutes:.1f} minutes of training. All are connected: loose voxels, {100 * removed:.1f} % of all, "
            f"are removed ({100 * valid:.1f} % of the shapes are valid without that). Threads: "
            f"{options.threads}, seeds: {len(results)}."
        },
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
