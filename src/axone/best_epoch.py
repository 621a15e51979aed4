"""Which epoch's weights a training keeps, and the sentence that says why.

The metric that a system monitors decides. An accuracy counts examples: two epochs often have the same one, and with
few validation examples its steps are large and mostly noise. So the loss, which also measures how sure the network is
of each answer, breaks ties, and decides alone when the validation set is small. Without a validation set, a system may
keep the last epoch: metrics of the training set improve also while a network overfits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from axone.messages import _, plural
from axone.metrics import format_value, is_percentage, label
from axone.numbers import format_number, is_number

FEW_SAMPLES = 200  # an accuracy of 90 %, measured on 200 examples, has a standard error of two points
LOSS = "loss"


@dataclass(frozen=True)
class BestEpochRule:
    """How the epochs of a training are compared.

    Args:
        monitor: The id of the metric that the system monitors.
        is_maximized: Whether higher values of it are better.
        samples: The number of validation examples; None where the training set itself is monitored.
        keeps_last: Whether the last epoch is kept, whatever its metrics are.
    """

    monitor: str
    is_maximized: bool
    samples: int | None = None
    keeps_last: bool = False

    @property
    def has_few_samples(self) -> bool:
        """Whether the validation set is too small for a metric that counts examples."""
        return self.samples is not None and self.samples < FEW_SAMPLES and is_percentage(self.monitor)

    def score(self, metrics: Mapping[str, float], epoch: int) -> list[float] | None:
        """Return the score of an epoch, a list that is compared number by number; higher is better.

        None: an epoch whose monitored value is missing or not finite is never the best.

        Args:
            metrics: The metrics of the validation set, or of the training set where there is none.
            epoch: The number of the epoch.
        """
        value, loss = metrics.get(self.monitor, math.nan), metrics.get(LOSS)
        if not math.isfinite(value) or (loss is not None and not math.isfinite(loss)):
            return None
        if self.keeps_last:
            return [float(epoch)]
        monitored = value if self.is_maximized else -value
        if loss is None or self.monitor == LOSS:
            return [monitored]
        return [-loss] if self.has_few_samples else [monitored, -loss]

    def explain(self, history: list[dict[str, Any]], best_epoch: int) -> dict[str, Any]:
        """Return the fields of the event `best_epoch`: the epoch, the metric that chose it, and why.

        Args:
            history: The records of all epochs, each with `epoch`, `train` and `validation`.
            best_epoch: The epoch whose weights are kept.
        """
        split = "train" if self.samples is None else "validation"
        metrics = {entry["epoch"]: entry[split] for entry in history}
        monitor, ties = self.monitor, 1
        if LOSS in metrics[best_epoch] and self.has_few_samples:
            monitor = LOSS
        elif LOSS in metrics[best_epoch]:
            value = metrics[best_epoch][monitor]
            ties = sum(entry.get(monitor) == value for entry in metrics.values())
        return {
            "epoch": best_epoch,
            "epochs": len(history),
            "monitor": monitor,
            "value": metrics[best_epoch][monitor],
            "maximized": self.is_maximized and monitor == self.monitor,
            # "": there was no metric to compare; "last": the last epoch is kept whatever was measured.
            "split": ("" if self.samples is None else "last") if self.keeps_last else split,
            "ties": ties,
            "samples": self.samples if monitor != self.monitor else None,
        }


def describe_best_epoch(event: Mapping[str, Any]) -> str:
    """Return the sentence for the fields that `BestEpochRule.explain` returned; "" where they are damaged.

    Where an experiment has replaced the weights, the event has the sentence itself, as `text`.
    """
    if text := event.get("text"):
        return str(text)
    epoch, value, samples, ties = (event.get(name) for name in ("epoch", "value", "samples", "ties"))
    if not (is_number(epoch) and is_number(value)):
        return ""
    monitor = str(event.get("monitor"))
    values = {
        "epoch": format_number(epoch),
        "metric": label(monitor),
        "value": format_value(monitor, value),
    }
    if event.get("split") == "":
        return _(
            "The model is that of the last epoch ({epoch}): no examples were held out to compare epochs.", **values
        )
    if event.get("split") == "last":
        return _("The model is that of the last epoch ({epoch}): {metric} {value} in validation.", **values)
    if event.get("split") == "train":
        sentence = (
            _("The model is that of epoch {epoch}, with the highest {metric} in training ({value}).", **values)
            if event.get("maximized")
            else _("The model is that of epoch {epoch}, with the lowest {metric} in training ({value}).", **values)
        )
    elif event.get("maximized"):
        sentence = _("The model is that of epoch {epoch}, with the highest {metric} in validation ({value}).", **values)
    else:
        sentence = _("The model is that of epoch {epoch}, with the lowest {metric} in validation ({value}).", **values)
    if is_number(ties) and ties > 1:
        sentence += " " + plural(
            "{count} epoch has this value; its loss is the lowest of these.",
            "{count} epochs have this value; its loss is the lowest of these.",
            int(ties),
        )
    if is_number(samples):
        sentence += " " + plural(
            "The loss decides alone, because there is {count} validation example.",
            "The loss decides alone, because there are only {count} validation examples.",
            int(samples),
        )
    return sentence
