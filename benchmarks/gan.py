"""Three GANs at equal training time: Fréchet distance, precision, recall and classes of `axone train gan`.

    python benchmarks/gan.py                                   five minutes of training of each preset, three seeds
    python benchmarks/gan.py --seconds 900 --seeds 1
    python benchmarks/gan.py --quick                           a smoke test, writes nothing

A short training of each preset measures how many epochs fit into the time. Each training is the command that a user
types. The samples of the modern preset's first seed go to docs/images and into the page.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import tables

PRESETS = ("dcgan", "wgan-gp", "modern")
SAMPLES, INTERPOLATIONS = "gan-samples.png", "gan-interpolations.png"
ORDER = ("modern", "dcgan", "wgan-gp")
Results = dict[str, list[dict[str, Any]]]  # preset -> the results of each seed


def main() -> int:
    """Train, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--presets", default=",".join(PRESETS), help=f"presets (default: {','.join(PRESETS)})")
    parser.add_argument("--seconds", type=int, default=300, help="training of each, without checks (default: 300)")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each preset (default: 3)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    if options.quick:
        options.seeds, options.seconds = 1, 1
    machine = tables.begin(options)
    names = options.presets.split(",")
    results: Results = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        epochs = {name: count_epochs(name, folder, options) for name in names}
        for seed in range(options.seeds):
            for name in names:  # in turn, so that other work of the machine affects all presets alike
                one = measure(name, seed, epochs[name], folder, options)
                tables.say(f"{name}, seed {seed}: " + (one.get("failed") or summarize(one)))
                results[name].append(one)
    tables.finish(table(results, options), machine, options)
    return 1 if any("failed" in one for each in results.values() for one in each) else 0


def count_epochs(preset: str, folder: str, options: argparse.Namespace) -> int:
    """Return how many epochs of a preset fit into the time, from the second epoch of a training of two."""
    first, second = (one["seconds"] for one in history(Path(axone(preset, 0, 2, folder, options)["run"])))
    count = max(1, round(options.seconds / (second - first)))
    tables.say(f"{preset}: {second - first:.1f} s per epoch, so {count} epochs")
    return count


def measure(preset: str, seed: int, epochs: int, folder: str, options: argparse.Namespace) -> dict[str, Any]:
    """Train; return the results of the test with the name of the evaluator, or {"failed": reason}."""
    try:
        results = axone(preset, seed, epochs, folder, options)
    except subprocess.CalledProcessError as error:
        return {"seed": seed, "failed": (error.stderr.strip().splitlines() or [str(error)])[-1]}
    run = Path(results["run"])
    training = next(event["rows"] for event in events(run) if event.get("name") == "metrics")
    classes = next(event["rows"] for event in events(run) if event.get("name") == "classes")
    if preset == "modern" and seed == 0:
        tables.save_figure(SAMPLES, (run / "figures" / "samples-final.png").read_bytes(), options)
        tables.save_figure(INTERPOLATIONS, (run / "figures" / "interpolations-final.png").read_bytes(), options)
    return {
        "seed": seed,
        "evaluator": json.loads((run / "facts.json").read_text("utf-8"))["evaluator"],
        **results["test"],
        "rarest": min(row[2] for row in classes),
        "training_images": dict(zip(results["test"], (row[2] for row in training), strict=True)),
        "seconds": results["seconds"],
        "steps": results["steps"],
        "epochs": epochs,
        "parameters": results["parameters"],
        "floating_point": results["precision"],
        "history": [one["validation"] for one in history(run)],
    }


def axone(preset: str, seed: int, epochs: int, folder: str, options: argparse.Namespace) -> dict[str, Any]:
    """Run `axone train gan`; return the object it prints. Raises CalledProcessError."""
    command = [sys.executable, "-m", "axone", "train", "gan", "--preset", preset, "--epochs", str(epochs), "--json"]
    command += ["--evaluator", "small"]  # the features of the recorded results
    command += ["--seed", str(seed), "--threads", str(options.threads), "--runs-folder", folder, "--language", "en"]
    if options.quick:
        command += ["--limit", "720", "--images-per-epoch", "128"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    printed: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return printed


def events(run: Path) -> list[dict[str, Any]]:
    """Read the events of a run."""
    return [json.loads(line) for line in (run / "events.jsonl").read_text("utf-8").splitlines()]


def history(run: Path) -> list[dict[str, Any]]:
    """Read the metrics of each epoch."""
    return [event for event in events(run) if event["kind"] == "epoch"]


def summarize(one: dict[str, Any]) -> str:
    """Describe a training in a line of progress."""
    return (
        f"Fréchet distance {one['frechet_distance']:.2f}, "
        f"precision {one['precision']:.3f}, recall {one['recall']:.3f}, "
        f"rarest class {100 * one['rarest']:.1f} %, {one['steps']} steps in {one['seconds']:.0f} s"
    )


def table(results: Results, options: argparse.Namespace) -> tables.Table:
    """Turn the trainings into rows, verdicts and notes."""
    good = {name: [one for one in each if "failed" not in one] for name, each in results.items()}
    some = next((one for each in good.values() for one in each), None)
    evaluator = some["evaluator"] if some else "none"
    columns = ["preset", "Fréchet distance: each seed", "mean", "precision", "recall", "rarest class of 1,000"]
    columns += ["parameters", "steps", "training, s"]
    rows, notes = [], []
    for name, each in good.items():
        failed = [one["failed"] for one in results[name] if "failed" in one]
        notes += [f"**Failed, and therefore missing above:** {name}: {reason}" for reason in failed]
        if not each:
            rows.append([name, "failed", *[""] * (len(columns) - 2)])
            continue
        rows.append(
            [
                name,
                ", ".join(f"{one['frechet_distance']:.2f}" for one in each),
                tables.mean_of([one["frechet_distance"] for one in each]),
                *(f"{statistics.fmean(one[key] for one in each):.3f}" for key in ("precision", "recall")),
                f"{100 * min(one['rarest'] for one in each):.1f} %",
                f"{each[0]['parameters']:,}",
                f"{each[0]['steps']:,}",
                tables.spread([one["seconds"] for one in each], 0),
            ]
        )
    if some:
        real = some["training_images"]
        rows.append(
            [
                "real training images",
                f"{real['frechet_distance']:.2f}",
                "",
                f"{real['precision']:.3f}",
                f"{real['recall']:.3f}",
            ]
            + [""] * 4
        )
    means = {name: statistics.fmean(one["frechet_distance"] for one in each) for name, each in good.items() if each}
    best = min(means, key=means.__getitem__) if len(means) > 1 else None
    rarest = [one["rarest"] for one in good.get("modern", [])]
    return tables.Table(
        name="gan",
        title="Three GANs at equal time",
        question=(
            f"Fashion-MNIST, {options.seconds} seconds of training each (evaluation and figures not counted), "
            f"{options.threads} threads, {options.seeds} seeds: `axone train gan --preset NAME`."
        ),
        columns=columns,
        rows=rows,
        raw=results,
        verdicts=[
            tables.verdict(
                "The modern preset has the smallest Fréchet distance",
                None if best is None else best == "modern",
                ", ".join(f"{name} {means[name]:.2f}" for name in ORDER if name in means) or "no training",
            ),
            tables.verdict(
                "No class is missing from 1,000 images of the modern preset",
                min(rarest) > 0 if rarest else None,
                f"{100 * min(rarest):.1f} % of them are of the rarest class" if rarest else "no training",
            ),
        ],
        headers={"gan": header(means, good, evaluator, options)} if means else {},
        figures={
            SAMPLES: "Images generated by the modern preset (seed 0), a column per class, not selected.",
            INTERPOLATIONS: "Interpolations between two latent vectors, one per row.",
        }
        if good.get("modern")
        else {},
        notes=[
            *notes,
            "Fréchet distance between 10,000 generated images and the 10,000 of the test set, in the features of a "
            "small network (three convolutions) that was trained to classify the training set. It compares the rows "
            "of this table; it cannot be compared with an FID, which uses Inception's features.",
            "Precision and recall (Kynkäänniemi et al. 2019) with 3 neighbors among 2,000 images of each side, in "
            "the same features.",
            "Rarest class: the smallest share of any class, over all seeds, among 1,000 generated images with equally "
            "many of each class requested, as that network classifies them.",
            "The test set is used once, with the averaged weights of the epoch that had the smallest Fréchet distance "
            "on held-out training images.",
            "Last row: as many real training images instead of generated ones.",
        ],
    )


def header(means: dict[str, float], good: Results, evaluator: str, options: argparse.Namespace) -> str:
    """Return the sentence for the system's own header."""
    machine = tables.describe_machine()
    each = ", ".join(f"{name} {means[name]:.2f}" for name in ORDER if name in means)
    return (
        f"Fréchet distance (features: {evaluator}) on Fashion-MNIST after {options.seconds} s of training: {each} "
        f"(mean of {max(map(len, good.values()))} seeds); {machine['processor']}, {machine['cores']} cores."
    )


if __name__ == "__main__":
    sys.exit(main())
