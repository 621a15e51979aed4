"""Axone, through its public door: `axone.train("cnn", ...)`, with its run folder, checkpoints and report.

The seconds of an epoch are the run's own: training alone, without checks, saving and pictures, as for the
others. `validation=0` gives it the same 60,000 images as everyone; it leaves out a last batch that is not
full (468 batches instead of 469).
"""

from __future__ import annotations

import tempfile
from typing import Any

import axone
from contenders.common import BATCH, RATE, Task, outcome


def run(task: Task, precision: str = "auto") -> dict[str, Any]:
    """Train and measure."""
    ends: list[float] = []

    def listen(event: dict[str, Any]) -> None:
        if event["kind"] == "epoch":
            ends.append(event["seconds"])

    with tempfile.TemporaryDirectory() as folder:
        run = axone.train(
            "cnn",
            runs_folder=folder,
            listener=listen,
            data="fashion-mnist",
            epochs=task.epochs,
            batch_size=BATCH,
            learning_rate=RATE,
            optimizer="adam",
            schedule="constant",
            validation=0.0,
            seed=task.seed,
            threads=task.threads,
            limit=task.limit,
            device="cpu",
            precision=precision,
        )
        results = run.results
    seconds = [end - start for start, end in zip([0.0, *ends], ends, strict=False)]
    images = results["steps"] // task.epochs * BATCH
    return outcome(
        seconds,
        results["parameters"],
        results["test"]["accuracy"],
        images,
        precision=results["precision"],
        best_epoch=results["best_epoch"],  # the weights that were measured: by training accuracy, without a check
    )


def run_float32(task: Task) -> dict[str, Any]:
    """Train without bfloat16, to see what is left of the gain."""
    return run(task, "float32")
