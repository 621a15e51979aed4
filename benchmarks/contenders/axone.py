"""Axone through its public function `axone.train("cnn", ...)`, with its run folder, checkpoints and report.

The seconds of an epoch are those that the run reports: training only, without evaluation, saving and figures, as for
the others. With `validation=0` it trains on the same 60,000 images as the others; it drops the last incomplete batch
(468 batches instead of 469).
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
        best_epoch=results["best_epoch"],  # the epoch of the measured weights: the best training accuracy
    )


def run_float32(task: Task) -> dict[str, Any]:
    """Train without bfloat16."""
    return run(task, "float32")
