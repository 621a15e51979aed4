"""Finding what was never seen: classes kept out of training, one by one, by the autoencoder and by isolation forests.

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
from autoencoder import pictures, training
from axone.data.images.load import load_images
from axone.tasks.reconstruction.latent_network import reconstruct

CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
OURS, LINEAR = "autoencoder", "error of PCA"
FORESTS = ("forest on pixels", "forest on components")
# Of the training without this class these pictures of the report go to docs/images: of the report -> its name there.
SHOWN = "Bag"
PICTURES = {
    "latent-map-final.svg": "latent-map.svg",
    "anomaly-scores-final.svg": "unusual-errors.svg",
    "anomalies-final.png": "unusual.png",
}


def main() -> int:
    """Train and measure, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--classes", default=",".join(CLASSES), help="kept out one by one (default: all ten)")
    parser.add_argument("--latent", type=int, default=32, help="latents, and principal components (default: 32)")
    parser.add_argument("--epochs", type=int, default=0, help="of each training (default: the system's own)")
    parser.add_argument("--seed", type=int, default=0, help="seed of trainings and forests (default: 0)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    machine = tables.begin(options)
    torch.set_num_threads(options.threads)
    found = {}
    for name in options.classes.split(","):
        with threadpool_limits(options.threads):
            found[name] = one = measure(name, options)
        tables.say(f"without {name}: " + ", ".join(f"{way} {area:.3f}" for way, area in one["area"].items()))
    tables.finish(table(found, options), machine, options)
    return 0


def measure(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Learn from nine classes; return the area under the curve with which each way tells the tenth from them."""
    images, (train, test) = load_images("fashion-mnist"), pictures()
    label = images.classes.index(name)
    known, strange = images.train.labels.numpy() != label, images.test.labels.numpy() == label
    with tempfile.TemporaryDirectory() as folder:
        one = training(options, "--exclude-class", name, *flags(options), keep=folder)
        run = Path(folder, "autoencoder", one["run"])
        if name == SHOWN:
            for of_report, file in PICTURES.items():
                tables.keep_picture(file, (run / "figures" / of_report).read_bytes(), options)
        network = axone.load(run).model
        inputs = images.test.pixels.permute(0, 3, 1, 2).float().div(255)
        with torch.inference_mode():
            errors = torch.cat([reconstruct(network, some).errors for some in inputs.split(500)]).numpy()
        threshold = float(network.get_buffer("threshold"))
    linear = PCA(options.latent, svd_solver="covariance_eigh").fit(train[known])
    few, back = linear.transform(test), linear.inverse_transform(linear.transform(test))
    ways = {
        OURS: errors,
        LINEAR: np.square(back - test).mean(1),
        FORESTS[0]: forest(train[known], test, options),
        FORESTS[1]: forest(linear.transform(train[known]), few, options),
    }
    return {
        "area": {way: float(roc_auc_score(strange, scores)) for way, scores in ways.items()},
        "found": float((errors[strange] > threshold).mean()),
        "alarms": float((errors[~strange] > threshold).mean()),
        "whole_seconds": one["whole_seconds"],
    }


def flags(options: argparse.Namespace) -> list[str]:
    """Return what is typed behind `--exclude-class CLASS`."""
    epochs = ["--epochs", str(options.epochs)] if options.epochs and not options.quick else []
    return ["--latent", str(options.latent), *epochs]


def forest(train: np.ndarray, test: np.ndarray, options: argparse.Namespace) -> np.ndarray:
    """Return how unusual scikit-learn's isolation forest finds each row, with its defaults."""
    made = IsolationForest(random_state=options.seed, n_jobs=options.threads).fit(train)
    return np.asarray(-made.score_samples(test))


def table(found: dict[str, dict[str, Any]], options: argparse.Namespace) -> tables.Table:
    """Turn the measurements into rows and verdicts."""
    ways = [OURS, LINEAR, *FORESTS]
    rows = [
        [name, *(f"{one['area'][way]:.3f}" for way in ways), f"{100 * one['found']:.1f}", f"{100 * one['alarms']:.1f}"]
        for name, one in found.items()
    ]
    means = {way: statistics.fmean(one["area"][way] for one in found.values()) for way in ways}
    rows.append(["**mean**", *(f"{means[way]:.3f}" for way in ways), "", ""])
    return tables.Table(
        name="unusual",
        title="Finding what was never seen",
        question=(
            "Each of these classes of Fashion-MNIST was kept out of training in its turn "
            f"(`axone train autoencoder --exclude-class CLASS {' '.join(flags(options))}`). How well does what was "
            "learned tell it from the nine others, on the 10,000 test pictures? Area under the curve; 0.5 is chance, "
            "1 best."
        ),
        columns=["kept out", *ways, "of it above the threshold, %", "of the others, %"],
        rows=rows,
        raw=found,
        verdicts=[
            tables.verdict(
                f"Over {len(found)} classes the autoencoder's mean area is above that of the isolation forest {place}",
                means[OURS] > means[way],
                f"{means[OURS]:.3f} and {means[way]:.3f}",
            )
            for place, way in zip(("on pixels", "on principal components"), FORESTS)
        ],
        pictures={
            "unusual-errors.svg": f"How well test pictures come back: the nine known classes, and {SHOWN}, which was "
            "kept out. Right of the dashed line a picture counts as unusual.",
            "unusual.png": f"The least usual test pictures of the training without {SHOWN}, with their errors.",
            "latent-map.svg": f"The latents of the test pictures in the same training, {SHOWN} among them: the plane "
            "in which they differ most.",
        }
        if SHOWN in found
        else {},
        notes=[
            "The autoencoder's score is the squared error of what comes back; its threshold is the quantile "
            "(`--quantile`) of the held-out pictures' errors, and was chosen without a picture of the class.",
            f"Isolation forests: scikit-learn's defaults, on pixels, and on {options.latent} principal components. "
            "They and PCA learn from all training pictures of nine classes, the autoencoder from nine tenths of them.",
            "A class that is simpler than the others comes back well although it was never seen: the error of a "
            "picture grows with its detail. One training each: differences of a few hundredths are noise.",
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
