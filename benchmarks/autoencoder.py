"""Reconstruction error of the autoencoder's presets, compared with as many principal components (scikit-learn's PCA).

    python benchmarks/autoencoder.py                    2, 8 and 32 latents, three presets
    python benchmarks/autoencoder.py --sizes 2,8 --presets default
    python benchmarks/autoencoder.py --quick            a smoke test, writes nothing

Each training is the command that a user types, in its own process.
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
MAX_MINUTES = 5  # of one training


def main() -> int:
    """Train and measure, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--sizes", default="2,8,32", help="latents (default: 2,8,32)")
    parser.add_argument(
        "--presets", default=",".join(PRESETS), help="separated by commas (default: all presets for images)"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the trainings (default: 0)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    machine = tables.begin(options)
    train_rows, test_rows = load_rows()
    sizes, presets = [int(size) for size in options.sizes.split(",")], options.presets.split(",")
    results: dict[str, dict[int, dict[str, Any]]] = {"PCA": {}}
    for size in sizes:
        with threadpool_limits(options.threads):
            results["PCA"][size] = measure_pca(train_rows, test_rows, size)
        for preset in presets:
            one = train(options, "--preset", preset, "--latent", str(size))
            results.setdefault(preset, {})[size] = one
            tables.say(f"{preset}, {size} latents: {one['error']:.5f} in {one['whole_seconds']:.0f} s")
    tables.finish(table(results, sizes, presets, options), machine, options)
    return 0


def load_rows() -> tuple[np.ndarray, np.ndarray]:
    """Return Fashion-MNIST's training and test images as rows of pixels from 0 to 1."""
    images = load_images("fashion-mnist")
    train, test = (part.pixels.flatten(1).float().div(255).numpy() for part in (images.train, images.test))
    return train, test


def measure_pca(train: np.ndarray, test: np.ndarray, size: int) -> dict[str, float]:
    """Return the mean squared error of scikit-learn's PCA, and that of its reconstructions clipped to [0, 1]."""
    pca = PCA(size, svd_solver="covariance_eigh").fit(train)
    outputs = pca.inverse_transform(pca.transform(test))
    return {"error": mean_square(outputs - test), "clipped": mean_square(outputs.clip(0, 1) - test)}


def mean_square(values: np.ndarray) -> float:
    return float(np.square(values, dtype=np.float64).mean())


def train(options: argparse.Namespace, *flags: str, keep: str | None = None) -> dict[str, Any]:
    """Run the command; return its JSON output with the test error and the seconds that the command took.

    The run is stored in the folder `keep`; without one it is deleted.
    """
    command = [sys.executable, "-m", "axone", "train", "autoencoder", "--json", *flags]
    command += ["--seed", str(options.seed), "--threads", str(options.threads)]
    if options.quick:
        command += ["--limit", "720", "--epochs", "1"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads)}
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        process = subprocess.run(
            [*command, "--runs-folder", keep or folder], capture_output=True, text=True, env=environment, check=False
        )
        seconds = time.perf_counter() - start
    if process.returncode:
        sys.exit(process.stderr)
    results = json.loads(process.stdout.strip().splitlines()[-1])
    error = results["test"].get("reconstruction_error", results["test"]["loss"])
    return {**results, "run": Path(results["run"]).name, "error": error, "whole_seconds": round(seconds, 2)}


def table(
    results: dict[str, dict[int, dict[str, Any]]], sizes: list[int], presets: list[str], options: argparse.Namespace
) -> tables.Table:
    """Turn the measurements into rows and verdicts."""
    rows, verdicts = [], []
    for size in sizes:
        pca = results["PCA"][size]
        cells = [f"{results[p][size]['error']:.5f} ({results[p][size]['whole_seconds'] / 60:.1f} min)" for p in presets]
        rows.append([str(size), *cells, f"{pca['error']:.5f}", f"{pca['clipped']:.5f}"])
        if "default" in presets:
            error = results["default"][size]["error"]
            verdicts.append(
                tables.verdict(
                    f"With {size} latents the default has a smaller error than PCA, also than PCA clipped to 0..1",
                    error < min(pca.values()),
                    f"{error:.5f} against {pca['error']:.5f} and {pca['clipped']:.5f}",
                )
            )
    slowest = max(results[preset][size]["whole_seconds"] for preset in presets for size in sizes) / 60
    verdicts.append(
        tables.verdict(
            f"No training takes more than {MAX_MINUTES} minutes", slowest <= MAX_MINUTES, f"{slowest:.1f} at most"
        )
    )
    return tables.Table(
        name="autoencoder",
        title="The autoencoder compared with principal component analysis",
        question=(
            "Mean squared error of images of Fashion-MNIST that are reconstructed from few numbers: "
            f"`axone train autoencoder --preset P --latent N --seed {options.seed}`, compared with scikit-learn's PCA."
        ),
        columns=["numbers", *(f"`{preset}`" for preset in presets), "PCA", "PCA, clipped to 0..1"],
        rows=rows,
        raw=results,
        verdicts=verdicts,
        headers={"autoencoder": header(results, sizes)} if "default" in presets else {},
        notes=[
            "Mean squared error of the pixels, from 0 to 1, of the 10,000 test images.",
            "PCA is fitted to all 60,000 training images; an autoencoder is trained on nine tenths of them, and its "
            "best epoch is chosen on the rest. The loss of `variational` also contains the KL divergence.",
            "Minutes: the whole command with imports, data, training, validation, figures and report. One training "
            "each.",
        ],
    )


def header(results: dict[str, dict[int, dict[str, Any]]], sizes: list[int]) -> str:
    """Return the sentence for the header of the system's file."""
    machine, default, pca = tables.describe_machine(), results["default"], results["PCA"]
    parts = [f"{default[size]['error']:.5f} with {size} latents (PCA {pca[size]['error']:.5f})" for size in sizes]
    minutes = max(one["whole_seconds"] for one in default.values()) / 60
    return (
        f"mean squared error of the pixels (0 to 1) of Fashion-MNIST's test images {', '.join(parts)}, "
        f"in {minutes:.1f} minutes at most; {machine['processor']}, {machine['cores']} cores."
    )


if __name__ == "__main__":
    sys.exit(main())
