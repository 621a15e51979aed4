"""Three generations of GANs at equal time: FID, precision, recall and classes of `axone train gan`, each preset.

    python benchmarks/gan.py                                   five minutes of training each, three seeds
    python benchmarks/gan.py --seconds 900 --seeds 1
    python benchmarks/gan.py --quick                           a smoke test, writes nothing

How many ticks fit into the time is found by a short training of each preset. Each training is the command that a
user types. The wall of the modern preset's first seed goes to docs/images and into the page.
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
WALL, WAYS = "gan-wall.png", "gan-interpolations.png"
ORDER = ("modern", "dcgan", "wgan-gp")
Found = dict[str, list[dict[str, Any]]]  # preset -> what each seed's training gave


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
    found: Found = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        ticks = {name: fitting(name, folder, options) for name in names}
        for seed in range(options.seeds):
            for name in names:  # taking turns, so that what else the machine does meets all alike
                one = measure(name, seed, ticks[name], folder, options)
                tables.say(f"{name}, seed {seed}: " + (one.get("failed") or sentence(one)))
                found[name].append(one)
    tables.finish(table(found, options), machine, options)
    return 1 if any("failed" in one for each in found.values() for one in each) else 0


def fitting(preset: str, folder: str, options: argparse.Namespace) -> int:
    """Return how many ticks of a preset fit into the time, by the second tick of a training of two."""
    first, second = (one["seconds"] for one in history(Path(axone(preset, 0, 2, folder, options)["run"])))
    count = max(1, round(options.seconds / (second - first)))
    tables.say(f"{preset}: {second - first:.1f} s a tick, so {count} ticks")
    return count


def measure(preset: str, seed: int, ticks: int, folder: str, options: argparse.Namespace) -> dict[str, Any]:
    """Train; return the results with the FID under that name, and its examiner; or {"failed": reason}."""
    try:
        results = axone(preset, seed, ticks, folder, options)
    except subprocess.CalledProcessError as error:
        return {"seed": seed, "failed": (error.stderr.strip().splitlines() or [str(error)])[-1]}
    run, test = Path(results["run"]), dict(results["test"])
    name = next(name for name in test if name.startswith("FID"))
    of_training = next(event["rows"] for event in events(run) if event.get("name") == "measures")
    classes = next(event["rows"] for event in events(run) if event.get("name") == "classes")
    if preset == "modern" and seed == 0:
        tables.keep_picture(WALL, (run / "figures" / "wall-final.png").read_bytes(), options)
        tables.keep_picture(WAYS, (run / "figures" / "interpolations-final.png").read_bytes(), options)
    return {
        "seed": seed,
        "fid": test.pop(name),
        "examiner": name,
        **test,
        "rarest": min(row[2] for row in classes),
        "training_pictures": {row[0]: row[2] for row in of_training},
        "seconds": results["seconds"],
        "steps": results["steps"],
        "ticks": ticks,
        "parameters": results["parameters"],
        "precision_of_numbers": results["precision"],
        "history": [one["validation"] for one in history(run)],
    }


def axone(preset: str, seed: int, ticks: int, folder: str, options: argparse.Namespace) -> dict[str, Any]:
    """Type `axone train gan`; return the object it prints. Raises CalledProcessError."""
    command = [sys.executable, "-m", "axone", "train", "gan", "--preset", preset, "--epochs", str(ticks), "--json"]
    command += ["--seed", str(seed), "--threads", str(options.threads), "--runs-folder", folder, "--language", "en"]
    if options.quick:
        command += ["--limit", "720", "--tick", "128"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def events(run: Path) -> list[dict[str, Any]]:
    """Read the history of a run."""
    return [json.loads(line) for line in (run / "events.jsonl").read_text("utf-8").splitlines()]


def history(run: Path) -> list[dict[str, Any]]:
    """Read the figures of each tick."""
    return [event for event in events(run) if event["kind"] == "epoch"]


def sentence(one: dict[str, Any]) -> str:
    """Describe a training in a line of progress."""
    return (
        f"{one['examiner']} {one['fid']:.2f}, precision {one['precision']:.3f}, recall {one['recall']:.3f}, "
        f"rarest class {100 * one['rarest']:.1f} %, {one['steps']} steps in {one['seconds']:.0f} s"
    )


def table(found: Found, options: argparse.Namespace) -> tables.Table:
    """Turn the trainings into rows, verdicts and notes."""
    good = {name: [one for one in each if "failed" not in one] for name, each in found.items()}
    some = next((one for each in good.values() for one in each), None)
    examiner = some["examiner"] if some else "FID"
    columns = ["preset", f"{examiner}, of 10,000: each seed", "mean", "precision", "recall", "rarest class of 1,000"]
    columns += ["parameters", "steps", "training, s"]
    rows, notes = [], []
    for name, each in good.items():
        failed = [one["failed"] for one in found[name] if "failed" in one]
        notes += [f"**Failed, and so missing above:** {name}: {reason}" for reason in failed]
        if not each:
            rows.append([name, "failed", *[""] * (len(columns) - 2)])
            continue
        rows.append(
            [
                name,
                ", ".join(f"{one['fid']:.2f}" for one in each),
                tables.mean_of([one["fid"] for one in each]),
                *(f"{statistics.fmean(one[key] for one in each):.3f}" for key in ("precision", "recall")),
                f"{100 * min(one['rarest'] for one in each):.1f} %",
                f"{each[0]['parameters']:,}",
                f"{each[0]['steps']:,}",
                tables.spread([one["seconds"] for one in each], 0),
            ]
        )
    if some:
        real = some["training_pictures"]
        rows.append(
            ["real training pictures", f"{real[examiner]:.2f}", "", f"{real['precision']:.3f}", f"{real['recall']:.3f}"]
            + [""] * 4
        )
    means = {name: statistics.fmean(one["fid"] for one in each) for name, each in good.items() if each}
    best = min(means, key=means.__getitem__) if len(means) > 1 else None
    rarest = [one["rarest"] for one in good.get("modern", [])]
    return tables.Table(
        name="gan",
        title="Three GANs at equal time",
        question=(
            f"Fashion-MNIST, {options.seconds} seconds of training each (checks and pictures not counted), "
            f"{options.threads} threads, {options.seeds} seeds: `axone train gan --preset NAME`."
        ),
        columns=columns,
        rows=rows,
        raw=found,
        verdicts=[
            tables.verdict(
                "The modern preset has the smallest FID",
                None if best is None else best == "modern",
                ", ".join(f"{name} {means[name]:.2f}" for name in ORDER if name in means) or "no training",
            ),
            tables.verdict(
                "No class is missing from 1,000 pictures of the modern preset",
                min(rarest) > 0 if rarest else None,
                f"the rarest class has {100 * min(rarest):.1f} % of them" if rarest else "no training",
            ),
        ],
        headers={"gan": header(means, good, examiner, options)} if means else {},
        pictures={
            WALL: "What the modern preset makes (seed 0): a column for each class, none of them chosen by hand.",
            WAYS: "From one point of the latent space to another, a row each.",
        }
        if good.get("modern")
        else {},
        notes=[
            *notes,
            "FID between 10,000 made pictures and the 10,000 of the test set, in the features of a small network "
            "(three convolutions) that was trained to name the classes of the training set: it compares rows of this "
            "table, not with FIDs in Inception's features.",
            "Precision and recall (Kynkäänniemi et al. 2019) with 3 neighbors among 2,000 pictures of each side, in "
            "the same features.",
            "The rarest class: the smallest share that any class has, over all seeds, among 1,000 pictures that were "
            "asked for evenly, as that network names them.",
            "The test set is read once, with the averaged weights of the tick that had the smallest FID on held-out "
            "training pictures.",
            "The last row: what as many real training pictures get in the place of made ones.",
        ],
    )


def header(means: dict[str, float], good: Found, examiner: str, options: argparse.Namespace) -> str:
    """Return the sentence for the system's own header."""
    machine = tables.describe_machine()
    each = ", ".join(f"{name} {means[name]:.2f}" for name in ORDER if name in means)
    return (
        f"{examiner} on Fashion-MNIST after {options.seconds} s of training: {each} (mean of "
        f"{max(map(len, good.values()))} seeds); {machine['processor']}, {machine['cores']} cores."
    )


if __name__ == "__main__":
    sys.exit(main())
