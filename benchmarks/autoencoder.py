"""How much of a picture is lost in few numbers: the autoencoder's presets beside principal components of the same size.

    python benchmarks/autoencoder.py                    2, 8 and 32 latents, three presets
    python benchmarks/autoencoder.py --sizes 2,8 --presets default
    python benchmarks/autoencoder.py --quick            a smoke test, writes nothing

Each training is the command that a user types, in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

import tables
from axone.data.images.load import load_images

PRESETS = ("default", "course", "variational")
MINUTES = 5  # that a training may take


def main() -> int:
    """Train and measure, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--sizes", default="2,8,32", help="latents (default: 2,8,32)")
    parser.add_argument("--presets", default=",".join(PRESETS), help="with commas (default: all for pictures)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the trainings (default: 0)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    machine = tables.begin(options)
    train, test = pictures()
    sizes, presets = [int(size) for size in options.sizes.split(",")], options.presets.split(",")
    found: dict[str, dict[int, dict[str, Any]]] = {"PCA": {}}
    for size in sizes:
        with threadpool_limits(options.threads):
            found["PCA"][size] = components(train, test, size)
        for preset in presets:
            one = training(options, "--preset", preset, "--latent", str(size))
            found.setdefault(preset, {})[size] = one
            tables.say(f"{preset}, {size} latents: {one['error']:.5f} in {one['whole_seconds']:.0f} s")
    tables.finish(table(found, sizes, presets, options), machine, options)
    return 0


def pictures() -> tuple[np.ndarray, np.ndarray]:
    """Return Fashion-MNIST's training and test pictures, as rows of pixels from 0 to 1."""
    images = load_images("fashion-mnist")
    train, test = (part.pixels.flatten(1).float().div(255).numpy() for part in (images.train, images.test))
    return train, test


def components(train: np.ndarray, test: np.ndarray, size: int) -> dict[str, float]:
    """Return the mean squared error of scikit-learn's PCA, as it is, and cut to the pixels that there are."""
    linear = PCA(size, svd_solver="covariance_eigh").fit(train)
    back = linear.inverse_transform(linear.transform(test))
    return {"error": mean_square(back - test), "cut": mean_square(back.clip(0, 1) - test)}


def mean_square(values: np.ndarray) -> float:
    return float(np.square(values, dtype=np.float64).mean())


def training(options: argparse.Namespace, *asked: str, keep: str | None = None) -> dict[str, Any]:
    """Type the command; return what it prints, with the test error and the seconds of the whole.

    `keep` is a folder in which the run stays; without it, it is gone afterwards.
    """
    command = [sys.executable, "-m", "axone", "train", "autoencoder", "--json", *asked]
    command += ["--seed", str(options.seed), "--threads", str(options.threads)]
    if options.quick:
        command += ["--limit", "720", "--epochs", "1"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads)}
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        done = subprocess.run(
            [*command, "--runs-folder", keep or folder], capture_output=True, text=True, env=environment, check=False
        )
        seconds = time.perf_counter() - began
    if done.returncode:
        sys.exit(done.stderr)
    results = json.loads(done.stdout.strip().splitlines()[-1])
    error = results["test"].get("reconstruction_error", results["test"]["loss"])
    return {**results, "run": Path(results["run"]).name, "error": error, "whole_seconds": round(seconds, 2)}


def table(
    found: dict[str, dict[int, dict[str, Any]]], sizes: list[int], presets: list[str], options: argparse.Namespace
) -> tables.Table:
    """Turn the measurements into rows and verdicts."""
    rows, verdicts = [], []
    for size in sizes:
        linear = found["PCA"][size]
        cells = [f"{found[p][size]['error']:.5f} ({found[p][size]['whole_seconds'] / 60:.1f} min)" for p in presets]
        rows.append([str(size), *cells, f"{linear['error']:.5f}", f"{linear['cut']:.5f}"])
        if "default" in presets:
            error = found["default"][size]["error"]
            verdicts.append(
                tables.verdict(
                    f"With {size} latents the default loses less than PCA, also where that is cut to 0..1",
                    error < min(linear.values()),
                    f"{error:.5f} against {linear['error']:.5f} and {linear['cut']:.5f}",
                )
            )
    slowest = max(found[preset][size]["whole_seconds"] for preset in presets for size in sizes) / 60
    verdicts.append(
        tables.verdict(f"No training takes more than {MINUTES} minutes", slowest <= MINUTES, f"{slowest:.1f} at most")
    )
    return tables.Table(
        name="autoencoder",
        title="The autoencoder beside principal components",
        question=(
            "How much of a picture of Fashion-MNIST is lost when it is told in few numbers: "
            f"`axone train autoencoder --preset P --latent N --seed {options.seed}`, beside scikit-learn's PCA."
        ),
        columns=["numbers", *(f"`{preset}`" for preset in presets), "PCA", "PCA, cut to 0..1"],
        rows=rows,
        raw=found,
        verdicts=verdicts,
        headers={"autoencoder": header(found, sizes)} if "default" in presets else {},
        notes=[
            "Mean squared error of the pixels, counted from 0 to 1, of the 10,000 test pictures.",
            "PCA is found in all 60,000 training pictures; an autoencoder learns from nine tenths of them, and chooses "
            "its best epoch by the rest. `variational` pays for its latents being alike to a normal distribution.",
            "Minutes: the whole command, cold: imports, data, training, checks, pictures, report. One training each.",
        ],
    )


def header(found: dict[str, dict[int, dict[str, Any]]], sizes: list[int]) -> str:
    """Return the sentence for the system's own header."""
    machine, ours, linear = tables.describe_machine(), found["default"], found["PCA"]
    parts = [f"{ours[size]['error']:.5f} with {size} latents (PCA {linear[size]['error']:.5f})" for size in sizes]
    minutes = max(one["whole_seconds"] for one in ours.values()) / 60
    return (
        f"mean squared error of the pixels (0 to 1) of Fashion-MNIST's test images {', '.join(parts)}, "
        f"in {minutes:.1f} minutes at most; {machine['processor']}, {machine['cores']} cores."
    )


if __name__ == "__main__":
    sys.exit(main())
