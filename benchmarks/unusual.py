"""Anomaly detection: classes excluded from training, one by one, found by the autoencoder and by isolation forests.

    python benchmarks/unusual.py                        all ten classes, one by one
    python benchmarks/unusual.py --classes Bag,Coat --latent 8 --epochs 2
    python benchmarks/unusual.py --quick                a smoke test, writes nothing

Each training is the command that a user types: axone train autoencoder --exclude-class CLASS.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

import axone
import tables
from autoencoder import load_rows, train
from axone.data.images.load import load_images
from axone.tasks.reconstruction.latent_network import reconstruct

CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
OURS, PCA_ERROR = "autoencoder", "error of PCA"
FORESTS = ("forest on pixels", "forest on components")
# Figures of the run without this class are copied to docs/images: name in the report -> name there.
EXAMPLE = "Bag"
FIGURES = {
    "latent-map-final.svg": "latent-map.svg",
    "anomaly-scores-final.svg": "unusual-errors.svg",
    "anomalies-final.png": "unusual.png",
}


def main() -> int:
    """Train and measure, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--classes", default=",".join(CLASSES), help="excluded one by one (default: all ten)")
    parser.add_argument(
        "--latent", type=int, default=32, help="number of latents, and of principal components (default: 32)"
    )
    parser.add_argument("--epochs", type=int, default=0, help="of each training (default: the system's own)")
    parser.add_argument("--seed", type=int, default=0, help="seed of trainings and forests (default: 0)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    machine = tables.begin(options)
    torch.set_num_threads(options.threads)
    results = {}
    for name in options.classes.split(","):
        with threadpool_limits(options.threads):
            results[name] = one = measure(name, options)
        tables.say(f"without {name}: " + ", ".join(f"{way} {area:.3f}" for way, area in one["area"].items()))
    tables.finish(table(results, options), machine, options)
    return 0


def measure(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Train on nine classes; return the area under the ROC curve of each method's scores for the tenth class."""
    images, (train_rows, test_rows) = load_images("fashion-mnist"), load_rows()
    label = images.classes.index(name)
    included, anomalous = images.train.labels.numpy() != label, images.test.labels.numpy() == label
    with tempfile.TemporaryDirectory() as folder:
        one = train(options, "--exclude-class", name, *flags(options), keep=folder)
        run = Path(folder, "autoencoder", one["run"])
        if name == EXAMPLE:
            for figure, file in FIGURES.items():
                tables.save_figure(file, (run / "figures" / figure).read_bytes(), options)
        network = axone.load(run).model
        inputs = images.test.pixels.permute(0, 3, 1, 2).float().div(255)
        with torch.inference_mode():
            errors = torch.cat([reconstruct(network, some).errors for some in inputs.split(500)]).numpy()
        threshold = float(network.get_buffer("threshold"))
    pca = PCA(options.latent, svd_solver="covariance_eigh").fit(train_rows[included])
    components = pca.transform(test_rows)
    ways = {
        OURS: errors,
        PCA_ERROR: np.square(pca.inverse_transform(components) - test_rows).mean(1),
        FORESTS[0]: forest_scores(train_rows[included], test_rows, options),
        FORESTS[1]: forest_scores(pca.transform(train_rows[included]), components, options),
    }
    return {
        "area": {way: float(roc_auc_score(anomalous, scores)) for way, scores in ways.items()},
        "detected": float((errors[anomalous] > threshold).mean()),
        "false_alarms": float((errors[~anomalous] > threshold).mean()),
        "whole_seconds": one["whole_seconds"],
    }


def flags(options: argparse.Namespace) -> list[str]:
    """Return the other flags of the command."""
    epochs = ["--epochs", str(options.epochs)] if options.epochs and not options.quick else []
    return ["--latent", str(options.latent), *epochs]


def forest_scores(train: np.ndarray, test: np.ndarray, options: argparse.Namespace) -> np.ndarray:
    """Return the anomaly scores of scikit-learn's isolation forest with its default settings."""
    forest = IsolationForest(random_state=options.seed, n_jobs=options.threads).fit(train)
    return np.asarray(-forest.score_samples(test))


def table(results: dict[str, dict[str, Any]], options: argparse.Namespace) -> tables.Table:
    """Turn the measurements into rows and verdicts."""
    ways = [OURS, PCA_ERROR, *FORESTS]
    rows = [
        [
            name,
            *(f"{one['area'][way]:.3f}" for way in ways),
            f"{100 * one['detected']:.1f}",
            f"{100 * one['false_alarms']:.1f}",
        ]
        for name, one in results.items()
    ]
    means = {way: statistics.fmean(one["area"][way] for one in results.values()) for way in ways}
    rows.append(["**mean**", *(f"{means[way]:.3f}" for way in ways), "", ""])
    return tables.Table(
        name="unusual",
        title="Anomaly detection: an excluded class",
        question=(
            "Each of these classes of Fashion-MNIST was excluded from one training "
            f"(`axone train autoencoder --exclude-class CLASS {' '.join(flags(options))}`). How well do "
            "the anomaly scores separate it from the nine others, on the 10,000 test images? Area under the ROC curve: "
            "0.5 for random scores, 1 at best."
        ),
        columns=["excluded", *ways, "of it above the threshold, %", "of the others, %"],
        rows=rows,
        raw=results,
        verdicts=[
            tables.verdict(
                f"Over {len(results)} classes the autoencoder's mean area is above that of the forest {place}",
                means[OURS] > means[way],
                f"{means[OURS]:.3f} and {means[way]:.3f}",
            )
            for place, way in zip(("on pixels", "on principal components"), FORESTS)
        ],
        figures={
            "unusual-errors.svg": f"Distribution of the anomaly scores of test images: the nine classes in training, "
            f"and {EXAMPLE}, which was excluded. Images to the right of the dashed line are above the threshold.",
            "unusual.png": f"The test images with the highest anomaly scores of the run without {EXAMPLE}.",
            "latent-map.svg": f"The latents of the test images in the same run, {EXAMPLE} among them, projected onto "
            "their first two principal components.",
        }
        if EXAMPLE in results
        else {},
        notes=[
            "The autoencoder's score is the squared error of the reconstruction; its threshold is a quantile "
            "(`--quantile`) of the errors of held-out images, none of which is of the excluded class.",
            f"Isolation forests: scikit-learn's defaults, on pixels, and on {options.latent} principal components. "
            "They and PCA are fitted to all training images of nine classes, the autoencoder to nine tenths of them.",
            "A class that is simpler than the others is reconstructed well although it was excluded: the error of an "
            "image grows with its detail. One training each: differences of a few hundredths are noise.",
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
