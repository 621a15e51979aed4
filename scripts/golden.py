"""Record and compare *golden trajectories*: short, seeded trainings of every system and every preset.

    python scripts/golden.py record --output FILE.json [--only SYSTEM]
    python scripts/golden.py compare OLD_CHECKOUT NEW_CHECKOUT [--only SYSTEM] [--output FILE.md]

`record` trains each case below for about ten steps on one thread, on the CPU, in float32, and writes the metrics of the
first ten steps, the final figures, digests of the weights, and one prediction or one generated sample. `compare` does
so with the code of two checkouts (PYTHONPATH=CHECKOUT/src) and prints a table; its exit code is 1 if anything differs
that `EXPECTED_DIFFERENCES` does not list.

The tests hold other machines to tests/golden/trajectories.json, which is written by

    python scripts/golden.py record --output one.json
    ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41 MKL_CBWR=COMPATIBLE \\
        python scripts/golden.py record --output two.json
    python scripts/golden.py summarize one.json two.json tests/golden/trajectories.json

The same file runs with old and new code. Whatever was or may be renamed is in the section "Aliases": the name on
the left is the one that this file uses, the tuple on the right lists all names the code has used for it, in any order.
No file outside a temporary folder is read or written, except the output, and nothing is downloaded.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

STEPS = 10  # training steps whose metrics are recorded
RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-3, 1e-4  # of the metrics on other machines; the larger one counts
LEAST_STEPS = 1  # that must agree between machines; the first one shows the data, the initial weights and the loss
KEPT = 16  # numbers of an answer that are written out; the digest covers all of them

# Case -> reason why its numbers are allowed to differ between the two checkouts.
EXPECTED_DIFFERENCES: dict[str, str] = {}


# ---------------------------------------------------------------------------------------------------------------------
# Aliases
# ---------------------------------------------------------------------------------------------------------------------

# Functions of the package, as "module:name".
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "train": ("axone:train",),
    "list_systems": (
        "axone.catalogue:systems",
        "axone.catalogue:list_systems",
        "axone.catalog:systems",
        "axone.catalog:list_systems",
        "axone.systems.catalog:list_systems",
        "axone.registry:list_systems",
    ),
    "load_system": (
        "axone.catalogue:load",
        "axone.catalogue:load_system",
        "axone.catalog:load",
        "axone.catalog:load_system",
        "axone.systems.catalog:load_system",
        "axone.registry:load_system",
    ),
    "fit": (
        "axone.engine.loop:fit",
        "axone.engine.fit:fit",
        "axone.engine.training:fit",
        "axone.engine.training_loop:fit",
        "axone.engine.trainer:fit",
        "axone.training.loop:fit",
    ),
}

# Methods and attributes of the learner and of the experiment that `fit` takes as its first argument.
LEARNER_ATTRIBUTES = ("learner",)
STEP_METHODS = ("train_step", "training_step", "step")
SETTINGS_CLASSES = ("Settings",)
PRESET_ATTRIBUTES = ("PRESETS", "presets")

SYSTEMS: dict[str, tuple[str, ...]] = {
    "image_to_image": ("image_to_image", "translate"),
    "gan3d": ("gan3d", "gan_3d", "shapes"),
}

SETTINGS: dict[str, tuple[str, ...]] = {
    "discriminator_steps": ("discriminator_steps", "judgements"),
    "gradient_penalty": ("gradient_penalty", "penalty"),
    "l1_weight": ("l1_weight", "truth"),
    "cycle_weight": ("cycle_weight", "cycle"),
    "identity_weight": ("identity_weight", "identity"),
    "exclude_class": ("exclude_class", "without"),
    "evaluator": ("evaluator", "examiner"),
    "images_per_epoch": ("images_per_epoch", "tick"),
    "target_data": ("target_data", "to"),
    "steps_to_show": ("show_steps", "steps_to_show"),
    "latent": ("latent", "latent_size", "latent_dim"),
    "from": ("from", "from_", "from_run", "base_run"),
    "views": ("views", "test_time_views"),
    "pieces": ("pieces", "patches", "crops", "patches_per_epoch"),
}

# (setting, value) -> all values that mean the same.
VALUES: dict[tuple[str, str], tuple[str, ...]] = {
    ("network", "chain"): ("chain", "dense", "sequential", "mlp"),
    ("network", "course"): ("course", "basic", "simple", "small"),
    ("augment", "course"): ("course", "medium", "moderate", "standard"),
}

# (system, preset) -> all names of the preset.
PRESETS: dict[tuple[str, str], tuple[str, ...]] = {
    ("autoencoder", "course"): ("course", "dense", "basic", "simple"),
    ("denoiser", "course"): ("course", "basic", "simple", "convolutional"),
    ("perceptron", "pictures"): ("images", "pictures"),
}

# Metrics, as `normalize_metric` writes them. Metrics without an alias are matched by name, then by position.
METRICS: dict[str, tuple[str, ...]] = {
    "loss": ("loss", "generator_loss"),
    "discriminator_loss": ("discriminator_loss", "judge_loss", "judges_loss"),
    "discriminator_margin": ("discriminator_margin", "gap", "score_gap", "margin"),
    "gradient_penalty": ("gradient_penalty", "slope", "steepness"),
    "mean_absolute_error": ("mean_absolute_error", "error"),
    "fid": ("fid", "frechet_distance"),
    "cycle": ("cycle", "cycle_loss"),
    "truth": ("truth", "l1"),
    "distance": ("distance", "patch_distance", "matching_distance"),
    "coverage": ("coverage", "shape_coverage"),
    "in_one_piece": ("in_one_piece", "connected"),
}

# Attributes of a prediction or of a generated sample that hold numbers.
ANSWERS: dict[str, tuple[str, ...]] = {
    "probabilities": ("probabilities", "class_probabilities"),
    "values": ("values",),
    "pixels": ("pixels", "image_array"),
    "voxels": ("voxels", "solid"),
    "score": ("score", "anomaly_score", "error"),
    "threshold": ("threshold", "anomaly_threshold"),
    "rank": ("rank", "anomaly_rank", "quantile"),
    "latent": ("latent", "latents"),
    "reconstruction": ("reconstruction", "made", "reconstructed"),
    "change": ("change", "rms_change"),
}


# ---------------------------------------------------------------------------------------------------------------------
# Cases
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One short training: a system, a preset, and the settings that make it small.

    A setting whose value begins with "@" names a generated input (see `write_inputs`), or with "@run:" the run of
    another case. `predict` is what the run is asked about: an input of the same kind, or a table row.
    """

    system: str
    preset: str
    settings: dict[str, Any] = field(default_factory=dict)
    predict: Any = None
    generate: bool = False
    variant: str = ""
    trains: bool = True  # whether gradient steps are taken

    @property
    def name(self) -> str:
        """The identifier of the case."""
        return f"{self.system} {self.preset}" + (f" ({self.variant})" if self.variant else "")


SHARED = {"device": "cpu", "threads": 1, "precision": "float32", "seed": 0, "epochs": 1}
FASHION = {"data": "fashion-mnist", "limit": 96, "batch_size": 8}  # a part of it comes with the package
GRAY = {"data": "@gray", "batch_size": 4}
COLOR = {"data": "@color", "batch_size": 4}
# Augmentation follows the number of images since there are rules for few images; these are the earlier values.
UNCHANGED = {"augment": "none"}
MIRRORED = {"augment": "none", "flip": True, "shift": 1}
BACKBONE = {**COLOR, "width": 0.125}
FULL = {**BACKBONE, "batch_size": 8, "epochs": 2}  # larger batches: norms over four examples amplify rounding
TEXTS = {"data": "@texts", "target": "kind", "batch_size": 8, "units": 4, "embedding": 4, "ngram_bits": 8}
MUSIC = {"data": "cadences", "limit": 20, "batch_size": 4, "units": 8, "embedding": 4}
TEXT = {"data": "@text", "embedding": 8, "window": 16, "batch_size": 4}
GAN = {"width": 4, "latent": 8, "batch_size": 8, "images_per_epoch": 96}
POINT = {"x": 0.5, "y": -0.25}
MEASURES = ("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points",
            "symmetry", "fractal dimension")  # fmt: skip
VALUES_OF_MEAN = (14.0, 19.0, 92.0, 650.0, 0.1, 0.1, 0.09, 0.05, 0.18, 0.06)
PATIENT = {
    f"mean {name}": value for name, value in zip(MEASURES, VALUES_OF_MEAN)
} | {
    f"{name} error": value / 20 for name, value in zip(MEASURES, VALUES_OF_MEAN)
} | {
    f"worst {name}": value * 1.25 for name, value in zip(MEASURES, VALUES_OF_MEAN)
}  # fmt: skip
ROW = {"length": 1.25, "height": -0.5, "age": 41, "color": "red"}

CASES: list[Case] = [
    Case("perceptron", "default", {"limit": 130}, predict={"age": 35, "weight": 70}),
    Case("perceptron", "default", {"limit": 130, "loss": "squared-error", "activation": "tanh", "learning_rate": 0.05},
         predict={"age": 12, "weight": 40}, variant="squared error"),
    Case("perceptron", "default", {"steps_to_show": 12, "batch_size": 1},
         predict={"age": 12, "weight": 40}, variant="steps shown"),
    Case("perceptron", "default", {"data": "iris"}, variant="three classes",
         predict={"sepal length": 5.1, "sepal width": 3.5, "petal length": 1.4, "petal width": 0.2}),
    Case("perceptron", "pictures", {**FASHION}, predict="@picture28"),
    Case("mlp", "default", {**FASHION, **UNCHANGED}, predict="@picture28"),
    Case("mlp", "default", {"data": "@table", "target": "price", "epochs": 2, "batch_size": 16, "units": (8,)},
         predict={**ROW, "kind": "b"}, variant="regression"),
    Case("mlp", "default", {"data": "@table", "target": "kind", "epochs": 2, "batch_size": 16, "units": (8,),
                            "balance": "weights"}, predict={**ROW, "price": 3.0},
         variant="table with categories, class weights"),
    Case("mlp", "table", {"data": "@table", "target": "price,length", "network": "chain", "epochs": 2,
                          "batch_size": 16, "units": (8, 8)}, variant="two targets, one network",
         predict={"height": -0.5, "age": 41, "color": "red", "kind": "b"}),
    Case("mlp", "wide", {**FASHION, "units": (32, 16)}, predict="@picture28"),
    Case("mlp", "points", {"limit": 200, "batch_size": 16}, predict=POINT),
    Case("mlp", "table", {"limit": 200, "batch_size": 16, "units": (8, 8), "members": 2, "frequencies": 4},
         predict=PATIENT),
    Case("cnn", "default", {**FASHION, **UNCHANGED, "channels": (4, 8), "dense": (16,)}, predict="@picture28"),
    Case("cnn", "fast", {**FASHION, "channels": (4, 8, 8, 8)}, predict="@picture28"),
    Case("cnn", "default", {**GRAY, "channels": (4, 8), "dense": (16,), "dropout": 0.2, "balance": "weights",
                            "augment": "light", "optimizer": "sgd", "weight_decay": 0.01, "gradient_clip": 1.0},
         predict="@picture28", variant="class weights, light augmentation, SGD"),
    Case("cnn", "default", {**COLOR, "channels": (4, 8), "dense": (16,), "balance": "sampling", "augment": "course",
                            "optimizer": "adamw", "weight_decay": 0.01, "ema": 0.9}, predict="@picture32",
         variant="class sampling, medium augmentation, averaged weights"),
    Case("cnn", "default", {**COLOR, "channels": (4, 8), "dense": (16,), "augment": "strong", "mixup": 0.4,
                            "accumulate": 2, "schedule": "cosine"}, predict="@picture32",
         variant="strong augmentation, mixup, accumulation"),
    Case("cnn", "default", {**COLOR, **UNCHANGED, "channels": (4, 8), "dense": (16,), "cutmix": 1.0,
                            "label_smoothing": 0.1, "flip": True, "shift": 2, "optimizer": "muon", "image_size": 24},
         predict="@picture32",
         variant="cutmix, flip, shift, Muon"),
    Case("cnn_xgboost", "default", {**GRAY, **MIRRORED, "channels": (4, 8, 8), "rounds": 4, "tree_depth": 3},
         predict="@picture28"),
    Case("cnn_xgboost", "default", {"from": "@run:cnn default", "rounds": 4, "tree_depth": 3, "compare": False,
                                    "epochs": None}, predict="@picture28", variant="from a run", trains=False),
    Case("vgg", "default", {**BACKBONE, **MIRRORED}, predict="@picture32"),
    Case("vgg", "full", {**BACKBONE, "width": 0.0625, "image_size": 32}, predict="@picture32"),
    Case("vgg", "transfer", {**BACKBONE, "weights": "", "image_size": 32}, predict="@picture32"),
    Case("resnet", "default", {**BACKBONE, **MIRRORED}, predict="@picture32"),
    Case("resnet", "default", {**BACKBONE, **MIRRORED, "variant": "34", "unfreeze_every": 1, "epochs": 2,
                               "layer_decay": 0.5},
         predict="@picture32", variant="34 layers, stages unfrozen"),
    Case("resnet", "full", {**FULL, "image_size": 32}, predict="@picture32"),
    Case("resnet", "transfer", {**FULL, "weights": "", "image_size": 32}, predict="@picture32"),
    Case("inception", "default", {**BACKBONE, **MIRRORED}, predict="@picture32"),
    Case("inception", "full", {**FULL, "image_size": 80}, predict="@picture32"),
    Case("inception", "transfer", {**FULL, "weights": "", "image_size": 80}, predict="@picture32"),
    Case("mobilenet", "default", {**BACKBONE, **MIRRORED}, predict="@picture32"),
    Case("mobilenet", "default", {**BACKBONE, **MIRRORED, "variant": "v3-small"}, predict="@picture32",
         variant="v3-small"),
    Case("mobilenet", "default", {**BACKBONE, **MIRRORED, "variant": "v3-large"}, predict="@picture32",
         variant="v3-large"),
    Case("mobilenet", "full", {**FULL, "image_size": 32}, predict="@picture32"),
    Case("mobilenet", "transfer", {**FULL, "weights": "", "image_size": 32}, predict="@picture32"),
    Case("autoencoder", "default", {**FASHION, "channels": (4, 8), "dense": (16,), "latent": 4},
         predict="@picture28"),
    Case("text_classifier", "default", {**TEXTS, "unit": "characters"}, predict="the red house"),
    Case("text_classifier", "reviews", TEXTS, predict="the red house"),
    Case("text_classifier", "course", {**TEXTS, "cell": "gru", "labels": "several"}, predict="the red house"),
    Case("autoencoder", "default", {**FASHION, "limit": 110, "channels": (4, 8), "dense": (16,), "latent": 4,
                                    "exclude_class": "Bag"}, predict="@picture28", variant="one class excluded"),
    Case("autoencoder", "course", {**FASHION, "latent": 4}, predict="@picture28"),
    Case("autoencoder", "variational", {**FASHION, "channels": (4, 8), "dense": (16,), "latent": 4},
         predict="@picture28", generate=True),
    Case("autoencoder", "table", {"limit": 200, "batch_size": 16, "dense": (8,)}, predict=PATIENT),
    Case("autoencoder", "table", {"data": "@table", "target": "kind", "batch_size": 8, "dense": (8,), "beta": 1.0},
         predict={**ROW, "price": 3.0}, generate=True, variant="generated table, variational"),
    Case("denoiser", "default", {**FASHION, "channels": (4, 8, 8), "blocks": 1}, predict="@picture28"),
    Case("denoiser", "default", {**GRAY, "channels": (4, 8), "blocks": 1, "noise_level": (0.1, 0.4),
                                 "noise": ("salt-pepper", "speckle", "blur", "mask")}, predict="@picture28",
         variant="other kinds of noise"),
    Case("denoiser", "photographs", {**COLOR, "channels": (4, 8), "blocks": 1, "image_size": 16, "pieces": 48},
         predict="@picture32"),
    Case("denoiser", "course", {**FASHION, "channels": (4, 4)}, predict="@picture28"),
    Case("gan", "default", {**GAN, "data": "fashion-mnist", "limit": 300}, generate=True),
    Case("gan", "modern", {**GAN, **COLOR}, generate=True),
    Case("gan", "dcgan", {**GAN, **COLOR}, generate=True),
    Case("gan", "wgan-gp", {**GAN, **COLOR}, generate=True),
    Case("gan", "modern", {**GAN, **GRAY, "network": "residual", "gradient_penalty": 0.1},
         generate=True, variant="residual"),
    Case("gan", "modern", {**GAN, **COLOR, "evaluator": "@run:resnet full"}, generate=True,
         variant="another run as evaluator"),
    Case("gan", "wgan-gp", {**GAN, "data": "@flat", "batch_size": 4, "network": "residual", "conditional": False,
                            "discriminator_steps": 2}, generate=True, variant="residual, without classes"),
    Case("image_to_image", "default", {**FASHION, "limit": 200, "width": 2, "blocks": 1, "identity_weight": 1.0},
         predict="@picture28"),
    Case("image_to_image", "paired", {**FASHION, "width": 2, "blocks": 1}, predict="@picture28"),
    Case("image_to_image", "default", {"data": "@flat", "target_data": "@flat_inverted", "batch_size": 4, "width": 2,
                                       "blocks": 1, "cycle_weight": 5.0}, predict="@picture32",
         variant="two folders"),
    Case("image_to_image", "paired", {"data": "@flat", "target_data": "@flat_inverted", "batch_size": 4, "width": 2,
                                      "blocks": 1, "l1_weight": 50.0}, predict="@picture32", variant="two folders"),
    Case("gan3d", "default", {"limit": 100, "batch_size": 8, "resolution": 16, "channels": (8, 8), "latent": 8},
         generate=True),
    Case("gan3d", "default", {"data": "@meshes", "batch_size": 4, "resolution": 8, "channels": (8, 8), "latent": 8},
         generate=True, variant="meshes"),
    Case("language_model", "default", {**TEXT, "units": 16}),
    Case("language_model", "default", {**TEXT, "units": 8, "cell": "gru"}, variant="GRU"),
    Case("language_model", "fast", {**TEXT, "units": 8}),
    Case("language_model", "long", {**TEXT, "units": 8}),
    Case("motion", "default", {"image_size": 16, "past": 4, "future": 3, "limit": 80, "batch_size": 8, "channels": 4,
                               "width": 16, "blocks": 1}),
    Case("motion", "convlstm", {"image_size": 16, "past": 4, "future": 3, "limit": 80, "batch_size": 8, "hidden": 4}),
    Case("motion", "trajectories", {"limit": 160, "batch_size": 16, "hidden": 8}),
    Case("motion", "driving", {"limit": 160, "batch_size": 16, "hidden": 8}),
    Case("alphazero", "default", {"game": "tic_tac_toe", "games": 12, "simulations": 4, "fast_simulations": 2,
                                  "channels": 4, "blocks": 1, "batches": 3, "ruler": 0.01, "batch_size": 16,
                                  "window": 200, "opening": 2}),
    Case("dqn", "default", {"seeds": 2, "copies": 8, "steps": 8, "batch_size": 32, "units": (8, 8), "rollouts": 4,
                            "episodes": 2, "test_episodes": 2, "updates": 2, "start": 50}),
    Case("dqn", "pqn", {"seeds": 2, "copies": 8, "steps": 8, "batch_size": 32, "units": (8, 8), "rollouts": 4,
                        "episodes": 2, "test_episodes": 2, "passes": 2}),
    Case("ppo", "default", {"seeds": 2, "copies": 8, "steps": 8, "batch_size": 32, "units": (8, 8), "rollouts": 4,
                            "episodes": 2, "test_episodes": 2, "passes": 2}),
    Case("skirmish", "default", {"copies": 8, "steps": 8, "rollouts": 4, "batch_size": 16, "units": (8,), "battles": 4,
                                 "test_battles": 4}),
    Case("skirmish", "ippo", {"copies": 8, "steps": 8, "rollouts": 4, "batch_size": 16, "units": (8,), "battles": 4,
                              "test_battles": 4}),
    Case("music", "default", MUSIC),
    Case("music", "sigmoids", MUSIC),
    Case("music", "long", MUSIC),
    Case("speech", "default", {"data": "@tones", "batch_size": 8, "units": 8, "channels": 8}),
    Case("speech", "symbols", {"data": "morse", "limit": 60, "batch_size": 8, "units": 8, "channels": 8}),
    Case("series", "default", {"limit": 200, "batch_size": 16, "units": 8}),
    Case("series", "forecast", {"limit": 400, "batch_size": 32, "units": 8}),
]  # fmt: skip


def find_case(name: str) -> Case:
    """Return the case with this name. Raises KeyError if there is none."""
    return next(iter(case for case in CASES if case.name == name), None) or _raise(KeyError(f"no case {name!r}"))


def select_cases(only: str | None) -> list[Case]:
    """Return all cases, or those of one system, given by any of its names, or the one with this case name."""
    if only is None:
        return CASES
    names = {only, *(system for system, aliases in SYSTEMS.items() if only in aliases)}
    found = [case for case in CASES if case.system in names or case.name in names]
    return found or _raise(GoldenError(f"No case belongs to {only!r}. Cases: {', '.join(c.name for c in CASES)}"))


# ---------------------------------------------------------------------------------------------------------------------
# Generated inputs
# ---------------------------------------------------------------------------------------------------------------------


def write_inputs(folder: Path) -> dict[str, str]:
    """Write the generated data sets and images below `folder`; return the path of each by its "@" name."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(20240229)

    def draw(side: int, channels: int, kind: int) -> np.ndarray:
        """Draw one image: a smooth gradient whose direction is the class, a rectangle and some noise."""
        rows, columns = np.mgrid[0:side, 0:side] / side
        base = (rows, columns, 1 - (rows + columns) / 2)[kind]
        image = np.repeat(base[:, :, None], channels, 2) * random.uniform(0.4, 0.9, (1, 1, channels))
        top, left = random.integers(0, side // 2, 2)
        image[top : top + side // 3, left : left + side // 4] = random.uniform(0, 1, (1, 1, channels))
        return (np.clip(image + random.uniform(-0.05, 0.05, image.shape), 0, 1) * 255).astype(np.uint8)

    def save(pixels: np.ndarray, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(path)

    # The classes are of different sizes, so that balancing them has an effect.
    for name, side, channels, counts in (("gray", 28, 1, (26, 20, 12)), ("color", 32, 3, (30, 22, 12))):
        for kind, count in enumerate(counts):
            for number in range(count):
                save(draw(side, channels, kind), folder / name / "abc"[kind] / f"{number:03}.png")
    for number in range(56):
        pixels = draw(32, 3, number % 3)
        save(pixels, folder / "flat" / f"{number:03}.png")
        save(255 - pixels, folder / "flat_inverted" / f"{number:03}.png")
    for number in range(56):
        write_box(random.uniform(0.3, 1.0, 3), folder / "meshes" / "ab"[number % 2] / f"{number:03}.obj")
    save(draw(28, 1, 0), folder / "picture28.png")
    save(draw(32, 3, 1), folder / "picture32.png")

    lines = ["length,height,age,color,kind,price"]
    for _number in range(160):
        length, height = random.uniform(-2, 2, 2).round(3)
        age, color, kind = random.integers(1, 90), random.integers(0, 3), random.integers(0, 4)
        price = round(2 * float(length) - float(height) + float(color) + random.uniform(-0.1, 0.1), 3)
        age_text = "" if random.uniform() < 0.1 else str(age)
        lines.append(f"{length},{height},{age_text},{('red', 'green', 'blue')[color]},{'aabc'[kind]},{price}")
    (folder / "table.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "text.txt").write_text(" ".join(lines[:60]) + "\n", "utf-8")
    words = ["the", "a", "red", "blue", "large", "small", "house", "tree", "river", "is", "was", "near", "often"]
    lines = ["text,kind"]
    for number in range(120):
        chosen = [words[place] for place in random.integers(0, len(words), random.integers(3, 9))]
        lines.append(f"{' '.join(chosen)} {('red', 'blue')[number % 2]},{('a', 'b')[number % 2]}")
    (folder / "texts.csv").write_text("\n".join(lines) + "\n", "utf-8")
    for number in range(36):
        label = number % 3
        tone = (math.sin(2 * math.pi * 300 * (label + 1) * step / 8000) for step in range(1600 + 80 * (number // 3)))
        write_recording(tone, folder / "tones" / ("low", "middle", "high")[label] / f"{number}.wav")
    files = {
        "table": "table.csv",
        "text": "text.txt",
        "texts": "texts.csv",
        "picture28": "picture28.png",
        "picture32": "picture32.png",
    }
    names = ("gray", "color", "flat", "flat_inverted", "meshes", "tones", *files)
    return {f"@{name}": str(folder / files.get(name, name)) for name in names}


def write_recording(samples: Iterator[float], path: Path) -> None:
    """Write samples from -1 to 1 as a WAV file of 16 bits and 8 kHz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = b"".join(round(16000 * sample).to_bytes(2, "little", signed=True) for sample in samples)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        file.writeframes(data)


def write_box(sides: Sequence[float], path: Path) -> None:
    """Write a closed box with these sides as an OBJ file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    corners = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    lines = ["v " + " ".join(f"{float(side) * end:.4f}" for side, end in zip(sides, corner)) for corner in corners]
    for face in ((1, 2, 4, 3), (5, 7, 8, 6), (1, 5, 6, 2), (3, 4, 8, 7), (1, 3, 7, 5), (2, 6, 8, 4)):
        lines += [f"f {face[0]} {face[1]} {face[2]}", f"f {face[0]} {face[2]} {face[3]}"]
    path.write_text("\n".join(lines) + "\n", "utf-8")


# ---------------------------------------------------------------------------------------------------------------------
# Hooks into the package
# ---------------------------------------------------------------------------------------------------------------------


class GoldenError(Exception):
    """A hook, a name or a setting was not found under any of its known names."""


class _EnoughSteps(BaseException):
    """Ends a training after the recorded steps; not an Exception, so that nothing handles it as an error."""


def _raise(error: Exception) -> Any:
    raise error


def find_function(name: str) -> Callable[..., Any]:
    """Return a function of the package by its name in `FUNCTIONS`. Raises GoldenError."""
    for place in FUNCTIONS[name]:
        module_name, _colon, attribute = place.partition(":")
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            # A module that exists but fails to import something else is an error of its own.
            if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
                raise
            continue
        found = getattr(module, attribute, None)
        if callable(found):
            return found
    return _raise(
        GoldenError(f"Hook {name!r} was not found. Tried: {', '.join(FUNCTIONS[name])}. Add its place to FUNCTIONS.")
    )


def find_attribute(owner: Any, names: Sequence[str], what: str) -> tuple[str, Any]:
    """Return the first attribute of `owner` that exists, with its name. Raises GoldenError."""
    for name in names:
        if hasattr(owner, name):
            return name, getattr(owner, name)
    return _raise(GoldenError(f"{what} was not found on {type(owner).__name__}. Tried: {', '.join(names)}."))


Steps = list[dict[str, float]]


@dataclass
class StepRecorder:
    """Collects what the learner's step returns, in each call of `fit`, while it is active.

    A system may train an evaluator before its own networks. Its own training is the call of `fit` that is given an
    instance of `declaration`, the system's class of settings.
    """

    declaration: type
    last_step: int | None = None  # stop the training after this number of steps; None: let it finish
    steps: Steps = field(default_factory=list)
    learner: Any = None
    others: list[Steps] = field(default_factory=list)  # of the other trainings

    def watch(self, experiment: Any, is_own: bool) -> None:
        """Wrap the step method of the experiment's learner, so that its metrics are kept."""
        _name, learner = find_attribute(experiment, LEARNER_ATTRIBUTES, "The learner of the experiment")
        method_name, method = find_attribute(learner, STEP_METHODS, "The step method of the learner")
        steps: Steps = []
        if is_own:
            self.steps, self.learner = steps, learner
        else:
            self.others.append(steps)

        def step(batch: Any, *arguments: Any, **options: Any) -> Any:
            metrics = method(batch, *arguments, **options)
            if not isinstance(metrics, Mapping):
                kind = type(metrics).__name__
                raise GoldenError(f"{type(learner).__name__}.{method_name} returned {kind}, not a mapping.")
            if len(steps) < STEPS:
                steps.append({name: float(value) for name, value in metrics.items()})
            if is_own and self.last_step is not None and len(steps) >= self.last_step:
                raise _EnoughSteps
            return metrics

        setattr(learner, method_name, step)


_active: StepRecorder | None = None
_installed = False


def install_hook() -> None:
    """Put a wrapper in the place of `fit` in every module of the package that holds it. Does so only once."""
    global _installed
    if _installed:
        return
    find_function("train")
    original = find_function("fit")

    def fit(*arguments: Any, **options: Any) -> Any:
        if _active is not None:
            given = [*arguments, *options.values()]
            experiment = next((value for value in given if hasattr(value, LEARNER_ATTRIBUTES[0])), given[0])
            _active.watch(experiment, any(isinstance(value, _active.declaration) for value in given))
        return original(*arguments, **options)

    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "axone":
            for attribute, value in list(vars(module).items()):
                if value is original:
                    setattr(module, attribute, fit)
    _installed = True


def resolve_system(name: str) -> tuple[str, Any]:
    """Return the name that this checkout uses for a system, and the system's module. Raises GoldenError."""
    listed = {system.name: system for system in find_function("list_systems")()}
    names = SYSTEMS.get(name, (name,))
    found = next((alias for alias in names if alias in listed), None)
    if found is None:
        raise GoldenError(f"System {name!r} was not found. Tried: {', '.join(names)}. Listed: {', '.join(listed)}.")
    return found, find_function("load_system")(listed[found])


def resolve_settings(case: Case, declaration: Any, inputs: Mapping[str, str]) -> dict[str, Any]:
    """Write the settings of a case with the names and values that this checkout uses. Raises GoldenError."""
    _name, presets = find_attribute(declaration, PRESET_ATTRIBUTES, f"The presets of {case.system}")
    names = PRESETS.get((case.system, case.preset), (case.preset,))
    preset = next((alias for alias in names if alias in presets), None)
    if preset is None:
        raise GoldenError(f"Preset {case.preset!r} of {case.system} was not found. Tried: {', '.join(names)}.")
    written: dict[str, Any] = {"preset": preset}
    fields = declaration.model_fields
    for name, value in {**SHARED, **case.settings}.items():
        if value is None:
            continue
        aliases = SETTINGS.get(name, (name,))
        known = next((alias for alias in aliases if alias in fields), None)
        if known is None:
            raise GoldenError(f"{case.name}: setting {name!r} was not found. Tried: {', '.join(aliases)}.")
        if isinstance(value, str) and value.startswith("@"):
            value = inputs[value]
        choices = get_args(fields[known].annotation)
        if isinstance(value, str) and (name, value) in VALUES and value not in choices:
            value = next((alias for alias in VALUES[name, value] if alias in choices), value)
        written[known] = value
    # Of so few images, none would be held out for validation: these are the fractions that many images get.
    if "validation" not in written and "from_" not in written and fields["validation"].json_schema_extra:
        written["validation"] = presets[preset].get("validation", fields["validation"].default)
    return written


# ---------------------------------------------------------------------------------------------------------------------
# Record
# ---------------------------------------------------------------------------------------------------------------------


def normalize_metric(name: str) -> str:
    """Return the identifier of a metric: lower case, one underscore between words, aliases resolved."""
    plain = re.sub(r"[^a-z0-9]+", "_", str(name).lower()).strip("_")
    plain = re.sub(r"^fid_.*", "fid", plain)  # the name of the evaluator, or of a run, follows
    return next((known for known, aliases in METRICS.items() if plain in aliases), plain)


class Recording:
    """Runs cases in one temporary folder, and keeps the runs that other cases need."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inputs = write_inputs(folder / "inputs")
        self.runs: dict[str, Any] = {}
        install_hook()

    def train(self, case: Case, last_step: int | None = None) -> tuple[StepRecorder, Any]:
        """Train a case; return what was recorded and the run, which is None if `last_step` ended the training."""
        global _active
        inputs = dict(self.inputs)
        for value in case.settings.values():
            if isinstance(value, str) and value.startswith("@run:"):
                inputs[value] = str(self.run_of(find_case(value.removeprefix("@run:"))).path)
        system, module = resolve_system(case.system)
        _name, declaration = find_attribute(module, SETTINGS_CLASSES, f"The settings of {case.system}")
        settings = resolve_settings(case, declaration, inputs)
        recorder, before = StepRecorder(declaration, last_step), _active
        _active = recorder
        try:
            run = find_function("train")(system, runs_folder=self.folder / f"runs-{len(self.runs)}", **settings)
        except _EnoughSteps:
            run = None
        finally:
            _active = before
        if recorder.learner is None:
            raise GoldenError(f"{case.name}: the hook on 'fit' was not called with the settings of the system.")
        if case.trains and not recorder.steps:
            raise GoldenError(f"{case.name}: the hook on the learner's step was not called.")
        return recorder, run

    def run_of(self, case: Case) -> Any:
        """Return the finished run of a case, training it if no case has needed it so far."""
        if case.name not in self.runs:
            self.runs[case.name] = self.train(case)[1]
        return self.runs[case.name]

    def record(self, case: Case) -> dict[str, Any]:
        """Train a case to its end and return all that is compared."""
        began = time.perf_counter()
        recorder, run = self.train(case)
        self.runs[case.name] = run
        results = dict(run.results)
        answers: dict[str, Any] = {}
        if case.predict is not None:
            given = self.inputs.get(case.predict, case.predict) if isinstance(case.predict, str) else case.predict
            answers |= read_numbers(run.predict(given), "predict")
        if case.generate:
            answers |= read_numbers(run.generate(2), "generate")
        if not answers and (case.generate or case.predict is not None):
            raise GoldenError(f"{case.name}: the answer has none of the attributes in ANSWERS.")
        return {
            "system": case.system,
            "preset": case.preset,
            "steps": write_steps(recorder.steps),
            "steps_of_others": [write_steps(steps) for steps in recorder.others],
            "results": {
                f"{part}_{normalize_metric(name)}": [repr(float(value)), float(value).hex()]
                for part in ("validation", "test")
                for name, value in (results.get(part) or {}).items()
            },
            "answers": answers,
            "weights_sha256": results.get("weights_sha256"),
            "tensors_sha256": digest_tensors(recorder.learner),
            "seconds": round(time.perf_counter() - began, 2),
        }


def write_steps(steps: Steps) -> list[dict[str, list[str]]]:
    """Return the metrics of some steps as text, in decimal and in hexadecimal notation."""
    return [{normalize_metric(name): [repr(value), value.hex()] for name, value in step.items()} for step in steps]


def digest_tensors(learner: Any) -> str:
    """Return a digest of the values of all parameters and buffers of a learner's networks, whatever their names."""
    from torch import nn

    digests = []
    for network in vars(learner).values():
        if isinstance(network, nn.Module):
            for value in network.state_dict().values():
                array = value.detach().cpu().contiguous().numpy()
                digests.append(hashlib.sha256(f"{array.dtype}{array.shape}".encode() + array.tobytes()).hexdigest())
    return hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()


def read_numbers(answer: Any, name: str) -> dict[str, Any]:
    """Collect the numbers in an answer: for each known attribute the first ones, how many, and a digest of all."""
    if isinstance(answer, list | tuple) and answer and not isinstance(answer[0], int | float):
        parts = [read_numbers(member, f"{name}[{place}]") for place, member in enumerate(answer)]
        return {key: value for part in parts for key, value in part.items()}
    found: dict[str, Any] = {}
    for known, aliases in ANSWERS.items():
        value = next((getattr(answer, alias) for alias in aliases if hasattr(answer, alias)), None)
        if value is None:
            continue
        if any(hasattr(value, alias) for member in ANSWERS.values() for alias in member if alias != "values") or (
            callable(getattr(value, "files", None)) and not isinstance(value, Mapping)
        ):
            found |= read_numbers(value, f"{name}.{known}")
        else:
            numbers = list(flatten(value))
            text = ",".join(number.hex() for number in numbers)
            found[f"{name}.{known}"] = {
                "count": len(numbers),
                "first": [[repr(number), number.hex()] for number in numbers[:KEPT]],
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
            }
    return found


def flatten(value: Any) -> Iterator[float]:
    """Yield the numbers in a value: mappings by sorted key, text as a number made of its digest."""
    if isinstance(value, Mapping):
        for key in sorted(value):
            yield from flatten(value[key])
    elif isinstance(value, str):
        yield float(int(hashlib.sha256(value.encode()).hexdigest()[:8], 16))
    elif value is None:
        yield math.nan
    elif isinstance(value, int | float):
        yield float(value)
    elif hasattr(value, "reshape"):
        yield from map(float, value.reshape(-1).tolist())
    else:
        for member in value:
            yield from flatten(member)


def find_uncovered() -> list[str]:
    """Return "system preset" for each preset of the catalogue that no case covers."""
    covered = {
        (alias, preset)
        for case in CASES
        for alias in SYSTEMS.get(case.system, (case.system,))
        for preset in PRESETS.get((case.system, case.preset), (case.preset,))
    }
    missing = []
    for system in find_function("list_systems")():
        module = find_function("load_system")(system)
        _name, declaration = find_attribute(module, SETTINGS_CLASSES, f"The settings of {system.name}")
        _name, presets = find_attribute(declaration, PRESET_ATTRIBUTES, f"The presets of {system.name}")
        missing += [f"{system.name} {preset}" for preset in presets if (system.name, preset) not in covered]
    return missing


def isolate(folder: Path) -> None:
    """Keep the package from the network, the user's cache and other threads. Call before the package is imported."""
    os.environ["AXONE_CACHE"] = str(folder / "cache")
    os.environ["AXONE_OFFLINE"] = "1"
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"


def record(output: Path, only: str | None = None) -> None:
    """Record all cases, or those of one system, and write them to a JSON file."""
    output = output.absolute()
    with tempfile.TemporaryDirectory(prefix="axone-golden-") as text:
        folder = Path(text)
        isolate(folder)
        os.chdir(folder)
        import torch

        import axone

        torch.set_num_threads(1)
        if missing := find_uncovered():
            raise GoldenError(f"These presets have no case: {', '.join(missing)}. Add them to CASES or to PRESETS.")
        recording, began = Recording(folder), time.perf_counter()
        cases: dict[str, Any] = {}
        failures: list[str] = []
        for case in select_cases(only):
            try:
                cases[case.name] = recording.record(case)
            except Exception as error:  # the others are worth recording all the same
                failures.append(f"{case.name}: {type(error).__name__}: {error}")
                print(f" failed    {failures[-1]}", file=sys.stderr, flush=True)
                continue
            print(f"{cases[case.name]['seconds']:7.2f} s  {case.name}", file=sys.stderr, flush=True)
        print(f"{time.perf_counter() - began:7.2f} s  all {len(cases)} cases", file=sys.stderr)
        os.chdir(output.parent)
    header = {"package": str(axone.__file__), "torch": torch.__version__, "python": sys.version.split()[0]}
    output.write_text(json.dumps({**header, "cases": cases}, indent=1) + "\n", "utf-8")
    if failures:
        raise GoldenError("\n".join([f"{len(failures)} cases failed:", *failures]))


def count_stable_steps(steps: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]) -> int:
    """Count the first steps in which two records of a case agree to a tenth of the tolerance of the tests."""
    for number, (step, other) in enumerate(zip(steps, others, strict=True)):
        for name, value in step.items():
            first, second = float.fromhex(value[1]), float.fromhex(other[name][1])
            if name != "accuracy" and abs(first - second) > 0.1 * tolerance_for(first):
                return number
    return len(steps)


def tolerance_for(value: float) -> float:
    """Return how far a metric may be from its recorded value on another machine."""
    return max(RELATIVE_TOLERANCE * abs(value), ABSOLUTE_TOLERANCE)


def summarize(source: Path, other: Path, output: Path) -> None:
    """Write what other machines can be held to: the metrics to nine significant digits, of the steps that are stable.

    `other` is a record of the same checkout with other instructions of the processor. Where rounding grows quickly
    (batch norms over four examples, large learning rates) only the first steps of a case agree between the two, and
    only those are kept.
    """
    recorded, others = (json.loads(path.read_text("utf-8")) for path in (source, other))
    lines = []
    for name, case in recorded["cases"].items():
        count = count_stable_steps(case["steps"], others["cases"][name]["steps"])
        if case["steps"] and count < LEAST_STEPS:
            raise GoldenError(f"{name}: only {count} steps are stable; give it a smaller learning rate.")
        steps = [
            {metric: float(f"{float.fromhex(value[1]):.9g}") for metric, value in step.items()}
            for step in case["steps"][:count]
        ]
        if steps:
            written = ",\n".join("   " + json.dumps(step) for step in steps)
            lines.append(f"  {json.dumps(name)}: [\n{written}\n  ]")
            print(f"{count:3} steps  {name}", file=sys.stderr)
    text = f'{{\n "torch": {json.dumps(recorded["torch"])},\n "cases": {{\n' + ",\n".join(lines) + "\n }\n}\n"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, "utf-8")


# ---------------------------------------------------------------------------------------------------------------------
# Compare
# ---------------------------------------------------------------------------------------------------------------------


def match_names(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, str]]:
    """Pair equal names; pair the others by position if both sides have equally many, else leave them out."""
    pairs = [(name, name) for name in old if name in new]
    left, right = [name for name in old if name not in new], [name for name in new if name not in old]
    return pairs + (list(zip(left, right, strict=True)) if len(left) == len(right) else [])


def _differ(old: str, new: str) -> str:
    """Return how far apart two hexadecimal floats are; empty if they are equal to the bit."""
    if old == new:
        return ""
    first, second = float.fromhex(old), float.fromhex(new)
    return f"{first!r} -> {second!r} (difference {abs(first - second):.3g})"


def find_step_difference(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> str:
    """Return the first difference between the metrics of two trainings; empty if there is none."""
    for number, (first, second) in enumerate(zip(old, new), 1):
        pairs = match_names(list(first), list(second))
        if first and not pairs:
            return f"step {number}: no metric in common: {', '.join(first)} and {', '.join(second)}"
        for name, other in pairs:
            if gap := _differ(first[name][1], second[other][1]):
                return f"step {number}: {name} {gap}"
    return "" if len(old) == len(new) else f"number of steps: {len(old)} -> {len(new)}"


def find_difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Return the first difference between two records of a case; empty if all that both have is equal."""
    for place, (left, right) in enumerate(zip(old["steps_of_others"], new["steps_of_others"])):
        if difference := find_step_difference(left, right):
            return f"evaluator {place + 1}, {difference}"
    if difference := find_step_difference(old["steps"], new["steps"]):
        return difference
    if old["tensors_sha256"] != new["tensors_sha256"]:
        return "the weights after training"
    for name, other in match_names(list(old["results"]), list(new["results"])):
        if gap := _differ(old["results"][name][1], new["results"][other][1]):
            return f"final {name} {gap}"
    pairs = [(name, name) for name in old["answers"] if name in new["answers"]]
    if old["answers"] and not pairs:
        return f"no answer in common: {', '.join(old['answers'])} and {', '.join(new['answers'])}"
    for name, other in pairs:
        first, second = old["answers"][name], new["answers"][other]
        if first["count"] != second["count"]:
            return f"{name}: {first['count']} -> {second['count']} numbers"
        for place, (one, two) in enumerate(zip(first["first"], second["first"], strict=True)):
            if gap := _differ(one[1], two[1]):
                return f"{name}[{place}] {gap}"
        if first["sha256"] != second["sha256"]:
            return f"{name}: after the first {KEPT} numbers"
    return ""


def list_unmatched(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return notes about what was not compared by its own name: renamed or missing metrics, weights, answers."""
    notes = []
    if old["weights_sha256"] != new["weights_sha256"] and old["tensors_sha256"] == new["tensors_sha256"]:
        notes.append("names of weights differ")
    metrics = [({name for step in side["steps"] for name in step} | set(side["results"])) for side in (old, new)]
    for label, first, second in (("metrics", *metrics), ("answers", set(old["answers"]), set(new["answers"]))):
        if gone := sorted(first - second):
            notes.append(f"{label} of the old checkout alone: {', '.join(gone)}")
        if added := sorted(second - first):
            notes.append(f"{label} of the new checkout alone: {', '.join(added)}")
    return notes


def compare_records(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, bool]:
    """Return a Markdown table that compares two records, and whether all differences are expected."""
    lines = ["| system | preset | steps compared | result |", "|---|---|---|---|"]
    fine, equal = True, 0
    for name in {**old["cases"], **new["cases"]}:
        if name not in old["cases"] or name not in new["cases"]:
            side = "old" if name in old["cases"] else "new"
            lines.append(f"| {name} | | 0 | only in the {side} checkout |")
            fine = False
            continue
        first, second = old["cases"][name], new["cases"][name]
        difference = find_difference(first, second)
        result = difference or "equal bits"
        equal += not difference
        if difference and name in EXPECTED_DIFFERENCES:
            result += f" (expected: {EXPECTED_DIFFERENCES[name]})"
        elif difference:
            result, fine = f"**{result}**", False
        if notes := list_unmatched(first, second):
            result += f" ({'; '.join(notes)})"
        preset = name.removeprefix(f"{first['system']} ")
        lines.append(f"| {first['system']} | {preset} | {min(len(first['steps']), len(second['steps']))} | {result} |")
    lines += ["", f"{equal} of {len({**old['cases'], **new['cases']})} cases are equal to the bit."]
    return "\n".join(lines) + "\n", fine


def record_checkout(checkout: Path, output: Path, only: str | None) -> subprocess.Popen[bytes]:
    """Start `record` with the code of a checkout."""
    source = checkout.absolute() / "src"
    if not (source / "axone").is_dir():
        raise GoldenError(f"There is no package in {source / 'axone'}.")
    words = [sys.executable, str(Path(__file__).absolute()), "record", "--output", str(output)]
    environment = {**os.environ, "PYTHONPATH": str(source), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(words + (["--only", only] if only else []), env=environment)


def compare(old: Path, new: Path, only: str | None, output: Path | None, parallel: bool = False) -> int:
    """Record both checkouts, print the table and return the exit code."""
    with tempfile.TemporaryDirectory(prefix="axone-compare-") as text:
        files = [Path(text) / "old.json", Path(text) / "new.json"]
        processes = []
        for checkout, file in zip((old, new), files, strict=True):
            processes.append(record_checkout(checkout, file, only))
            if not parallel:
                processes[-1].wait()
        for checkout, process in zip((old, new), processes, strict=True):
            if process.wait():
                raise GoldenError(f"Recording {checkout} failed.")
        records = [json.loads(file.read_text("utf-8")) for file in files]
    for checkout, recorded in zip((old, new), records, strict=True):
        if not Path(recorded["package"]).is_relative_to(checkout.absolute()):
            raise GoldenError(f"The code of {checkout} was asked for, but {recorded['package']} was loaded.")
    table, fine = compare_records(*records)
    print(table, end="")
    if output:
        output.write_text(table, "utf-8")
    return 0 if fine else 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("record", help="train all cases and write what they returned")
    one.add_argument("--output", type=Path, required=True, help="JSON file to write")
    one.add_argument("--only", help="a system, or the name of a case")
    two = commands.add_parser("compare", help="record two checkouts and print their differences")
    two.add_argument("old", type=Path, help="folder of the old checkout")
    two.add_argument("new", type=Path, help="folder of the new checkout")
    two.add_argument("--only", help="a system, or the name of a case")
    two.add_argument("--output", type=Path, help="Markdown file to write")
    two.add_argument("--parallel", action="store_true", help="record both checkouts at the same time")
    three = commands.add_parser("summarize", help="write tests/golden/trajectories.json from a record")
    three.add_argument("source", type=Path, help="JSON file that `record` wrote")
    three.add_argument("other", type=Path, help="the same, recorded with other instructions of the processor")
    three.add_argument("output", type=Path, help="JSON file to write")
    options = parser.parse_args(arguments)
    try:
        if options.command == "record":
            record(options.output, options.only)
        elif options.command == "summarize":
            summarize(options.source, options.other, options.output)
        else:
            return compare(options.old, options.new, options.only, options.output, options.parallel)
    except GoldenError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
