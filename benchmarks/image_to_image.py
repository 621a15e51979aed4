"""Edges to images of garments, with and without pairs: error, cycle error, patch distance and time.

    python benchmarks/image_to_image.py            both presets, three seeds, the test set of Fashion-MNIST
    python benchmarks/image_to_image.py --quick    a smoke test, writes nothing

The metrics are those of the runs on the test set. The figures of the first seed go to docs/images and into the page.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from typing import Any

import tables

PRESETS = {"default": "without pairs", "paired": "with pairs"}
FIGURES = {"default": "image_to_image.png", "paired": "image_to_image-paired.png"}


def main() -> int:
    """Train, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each preset (default: 3)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    if options.quick:
        options.seeds = 1
    machine = tables.begin(options)
    results: dict[str, list[dict[str, Any]]] = {preset: [] for preset in PRESETS}
    for seed in range(options.seeds):
        for preset in PRESETS:
            one = measure(preset, seed, options)
            tables.say(f"{preset}, seed {seed}: {one['test']} in {one['seconds']:.0f} s")
            results[preset].append(one)
    tables.finish(table(results, options), machine, options)
    return 0


def measure(preset: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Train once; return the metrics of the run, and those of the edges themselves."""
    import axone
    from axone.data.images.normalize import to_unit_range
    from axone.engine.context import BuildContext
    from axone.tasks.restoration.metrics import psnr
    from axone.tasks.translation.data import read_domains
    from axone.tasks.translation.metrics import patch_distance

    values: dict[str, Any] = {"preset": preset, "seed": seed, "threads": options.threads}
    values |= {"limit": 300, "epochs": 1} if options.quick else {}
    with tempfile.TemporaryDirectory() as folder:
        run = axone.train("image_to_image", runs_folder=folder, **values)
        run_results = run.results
        settings: Any = run.settings
        if seed == 0:
            tables.save_figure(
                FIGURES[preset], (run.path / "figures" / "source_to_target-final.png").read_bytes(), options
            )
    domains = read_domains(settings, BuildContext(), "", False)
    assert domains.test is not None
    batch = next(iter(domains.test.batches(1)))
    return {
        "seed": seed,
        "seconds": run_results["seconds"],
        "steps": run_results["steps"],
        "test": run_results["test"],
        "edges": {
            "psnr": float(psnr(to_unit_range(batch.inputs), to_unit_range(batch.targets)).mean()),
            "l1": float((batch.inputs - batch.targets).abs().mean() / 2),
            "patch_distance": float(patch_distance(batch.inputs, batch.targets) / 2),
        },
    }


def table(results: dict[str, list[dict[str, Any]]], options: argparse.Namespace) -> tables.Table:
    """Turn the trainings into rows, verdicts and notes."""
    edges = results["default"][0]["edges"]
    rows = [
        ["the edges themselves", f"{edges['psnr']:.2f}", f"{edges['l1']:.4f}", "", f"{edges['patch_distance']:.4f}", ""]
    ]
    for preset, name in PRESETS.items():
        ones = results[preset]
        rows.append(
            [
                f"{name} (preset {preset})",
                *(tables.mean_of([one["test"][key] for one in ones], digits) for key, digits in
                  (("psnr", 2), ("l1", 4), ("cycle_loss", 4), ("patch_distance", 4))),
                tables.spread([one["seconds"] / 60 for one in ones], 1),
            ]
        )  # fmt: skip
    mean = {
        preset: {key: sum(one["test"][key] for one in ones) / len(ones) for key in ones[0]["test"]}
        for preset, ones in results.items()
    }
    one, pair = mean["default"], mean["paired"]
    minutes = {preset: sum(one["seconds"] for one in ones) / len(ones) / 60 for preset, ones in results.items()}
    return tables.Table(
        name="image_to_image",
        title="Edges to images of garments, and back",
        question=(
            "`axone train image_to_image` on the edges of Fashion-MNIST images (Sobel filter) and the images "
            f"themselves, {options.seeds} seeds, {options.threads} threads, measured on the test set. Without pairs, "
            "the training edges and images come from different halves of the training set."
        ),
        columns=[
            "what",
            "PSNR, dB",
            "L1 distance",
            "cycle error",
            "patch distance",
            "minutes",
        ],
        rows=rows,
        raw=results,
        verdicts=[
            tables.verdict(
                "without pairs, the translations are nearer to the true images than the edges are",
                one["l1"] < edges["l1"] and one["psnr"] > edges["psnr"],
                f"{one['psnr']:.2f} dB, edges {edges['psnr']:.2f} dB",
            ),
            tables.verdict("with pairs they are nearer still", pair["psnr"] > one["psnr"], f"{pair['psnr']:.2f} dB"),
        ],
        notes=[
            "L1 distance: mean absolute difference between pixels from 0 to 1, to the true images. Cycle error: the "
            "same between images and their translations there and back, the mean of both directions.",
            "Patch distance: `axone.tasks.translation.metrics.patch_distance`, the mean of both directions (for the "
            "edges: to the images).",
            "Mean ± standard deviation over seeds; minutes: median (smallest to largest).",
        ],
        figures={
            file: f"{PRESETS[preset].capitalize()}, seed 0. Rows: held-out edges; translations; translations back; "
            "true images, which were not used."
            for preset, file in FIGURES.items()
        },
        headers={
            "image_to_image": f"PSNR {one['psnr']:.1f} dB, cycle error {one['cycle_loss']:.3f} without pairs in "
            f"{minutes['default']:.1f} minutes; {pair['psnr']:.1f} dB with pairs in {minutes['paired']:.1f} minutes "
            f"(edges themselves: {edges['psnr']:.1f} dB). Threads: "
            f"{options.threads}, seeds: {options.seeds}."
        },
    )


if __name__ == "__main__":
    sys.exit(main())
