"""Outlines into garments, with pairs and without: how near the truth, what comes back, and how long it takes.

    python benchmarks/image_to_image.py            both presets, three seeds, Fashion-MNIST's test pictures
    python benchmarks/image_to_image.py --quick    a smoke test, writes nothing

What the runs themselves measured on the test part. The first seed's pictures go to docs/images and into the page.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from typing import Any

import tables

PRESETS = {"default": "without pairs", "paired": "with pairs"}
PICTURES = {"default": "image_to_image.png", "paired": "image_to_image-paired.png"}


def main() -> int:
    """Train, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each preset (default: 3)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    if options.quick:
        options.seeds = 1
    machine = tables.begin(options)
    found: dict[str, list[dict[str, Any]]] = {preset: [] for preset in PRESETS}
    for seed in range(options.seeds):
        for preset in PRESETS:
            one = measure(preset, seed, options)
            tables.say(f"{preset}, seed {seed}: {one['test']} in {one['seconds']:.0f} s")
            found[preset].append(one)
    tables.finish(table(found, options), machine, options)
    return 0


def measure(preset: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Train once; return what the run says of itself, and what doing nothing would have reached."""
    import axone
    from axone.engine.context import BuildContext
    from axone.tasks.restoration.metrics import psnr
    from axone.tasks.translation.data import read_sides
    from axone.tasks.translation.metrics import patch_distance
    from axone.tasks.translation.predict import in_shares

    given: dict[str, Any] = {"preset": preset, "seed": seed, "threads": options.threads}
    given |= {"limit": 300, "epochs": 1} if options.quick else {}
    with tempfile.TemporaryDirectory() as folder:
        run = axone.train("image_to_image", runs_folder=folder, **given)
        results = run.results
        settings: Any = run.settings
        if seed == 0:
            tables.keep_picture(PICTURES[preset], (run.path / "figures" / "there-final.png").read_bytes(), options)
    sides = read_sides(settings, BuildContext(), "", False)
    assert sides.test is not None
    batch = next(iter(sides.test.batches(1)))
    return {
        "seed": seed,
        "seconds": results["seconds"],
        "steps": results["steps"],
        "test": results["test"],
        "outlines": {
            "psnr": float(psnr(in_shares(batch.inputs), in_shares(batch.targets)).mean()),
            "truth": float((batch.inputs - batch.targets).abs().mean() / 2),
            "distance": float(patch_distance(batch.inputs, batch.targets) / 2),
        },
    }


def table(found: dict[str, list[dict[str, Any]]], options: argparse.Namespace) -> tables.Table:
    """Turn the trainings into rows, verdicts and notes."""
    given = found["default"][0]["outlines"]
    rows = [
        ["the outlines themselves", f"{given['psnr']:.2f}", f"{given['truth']:.4f}", "", f"{given['distance']:.4f}", ""]
    ]
    for preset, name in PRESETS.items():
        ones = found[preset]
        rows.append(
            [
                f"{name} (preset {preset})",
                *(tables.mean_of([one["test"][key] for one in ones], digits) for key, digits in
                  (("psnr", 2), ("truth", 4), ("cycle", 4), ("distance", 4))),
                tables.spread([one["seconds"] / 60 for one in ones], 1),
            ]
        )  # fmt: skip
    mean = {
        preset: {key: sum(one["test"][key] for one in ones) / len(ones) for key in ones[0]["test"]}
        for preset, ones in found.items()
    }
    one, pair = mean["default"], mean["paired"]
    minutes = {preset: sum(one["seconds"] for one in ones) / len(ones) / 60 for preset, ones in found.items()}
    return tables.Table(
        name="image_to_image",
        title="Outlines into garments, and back",
        question=(
            "`axone train image_to_image` on outlines of Fashion-MNIST (Sobel's filter) and the pictures themselves, "
            f"{options.seeds} seeds, {options.threads} threads, measured on the test pictures. Without pairs, the "
            "outlines and the pictures of training come from different halves of the set."
        ),
        columns=[
            "what",
            "PSNR to the truth, dB",
            "mean error to the truth",
            "cycle error",
            "patch distance",
            "minutes",
        ],
        rows=rows,
        raw=found,
        verdicts=[
            tables.verdict(
                "without any pair, garments come nearer to the truth than the outlines are",
                one["truth"] < given["truth"] and one["psnr"] > given["psnr"],
                f"{one['psnr']:.2f} dB against {given['psnr']:.2f} dB",
            ),
            tables.verdict("with pairs they come nearer still", pair["psnr"] > one["psnr"], f"{pair['psnr']:.2f} dB"),
        ],
        notes=[
            "Errors are mean absolute differences of pixels that count from 0 to 1. The cycle error is of pictures "
            "that went there and back, from both sides.",
            "The patch distance is `axone.tasks.translation.metrics.patch_distance`, the mean of both directions "
            "(of the outlines: to the garments).",
            "Mean ± standard deviation over seeds; minutes: median (smallest to largest).",
        ],
        pictures={
            file: f"{PRESETS[preset].capitalize()}, seed 0. Rows: outlines that were held out; translated; translated "
            "back; the true pictures, which were not shown."
            for preset, file in PICTURES.items()
        },
        headers={
            "image_to_image": f"without pairs {one['psnr']:.1f} dB to the truth, cycle error {one['cycle']:.3f}, in "
            f"{minutes['default']:.1f} minutes; with pairs {pair['psnr']:.1f} dB in {minutes['paired']:.1f} minutes "
            f"(the outlines themselves: {given['psnr']:.1f} dB). Threads: "
            f"{options.threads}, seeds: {options.seeds}."
        },
    )


if __name__ == "__main__":
    sys.exit(main())
