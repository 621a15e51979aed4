"""What a neuron answers about one row of a table, or one picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.images.normalize import normalize
from axone.errors import DataError, closest
from axone.messages import _
from axone.tasks.answers import Prediction
from axone.tasks.images.splits import pixels_of
from axone.tasks.neuron.trace import fixed, signed
from axone.tasks.tables.inputs import Row


def predict(
    answers: Callable[[Tensor], tuple[Tensor, Tensor]],
    facts: dict[str, Any],
    inputs: Sequence[Any],
    device: torch.device,
) -> list[Prediction | DataError]:
    """Answer about each input; one that cannot be used gets its error, in its place.

    `answers` gives, for a batch of inputs, the sums and the answers on the scale of 0 to 1, (batch, neurons) each.
    """
    vector = _row if "columns" in facts else _pixels
    found: list[Prediction | DataError] = []
    for given in inputs:
        try:
            batch = vector(given, facts).to(device)
        except DataError as error:
            found.append(error)
            continue
        with torch.inference_mode():
            sums, shares = (part[0].float().cpu() for part in answers(batch))
        found.append(_answer(sums, shares, facts["classes"]))
    return found


def _row(given: Row, facts: Mapping[str, Any]) -> Float[Tensor, "1 columns"]:
    """Return a row as the neuron takes it. Raises DataError that names the column which is missing or no number."""
    scaled = []
    for name, mean, deviation in zip(facts["columns"], facts["mean"], facts["std"]):
        if name not in given:
            near = closest(name, [str(key) for key in given])
            raise DataError(
                _("The row has no column '{name}'.", name=name)
                + (" " + _("Is it '{near}'?", near=near) if near else ""),
                expected=_("expected {what}", what=",".join(f"{column}=..." for column in facts["columns"][:20])),
            )
        value = _number(given[name], name)
        scaled.append(0.0 if value is None else (value - mean) / deviation)
    return torch.tensor([scaled], dtype=torch.float32)


def _number(value: Any, name: str) -> float | None:
    """Return a value as a number, None for a missing one."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = float("inf")
    if found != found:
        return None
    if abs(found) == float("inf"):
        raise DataError(_("{name} cannot be '{value}'.", name=name, value=str(value)[:80]), expected=_("a number"))
    return found


def _pixels(given: Any, facts: Mapping[str, Any]) -> Float[Tensor, "1 channels height width"]:
    pixels = pixels_of(given, facts)
    return normalize(torch.from_numpy(pixels)[None], facts["mean"], facts["std"])


def _answer(sums: Float[Tensor, " neurons"], shares: Float[Tensor, " neurons"], classes: Sequence[str]) -> Prediction:
    """Name the likelier class. A neuron without a scale of its own may answer below 0 or above 1."""
    if len(shares) == 1:
        value = float(shares[0])
        certain = min(max(value, 0.0), 1.0)
        chances = [1 - certain, certain]
        note = _("sum {sum}, answer {answer}", sum=signed(float(sums[0]), 2), answer=fixed(value, 2))
    else:
        chances = shares.tolist()
        note = ""
    order = sorted(range(len(chances)), key=lambda place: -chances[place])
    ranked = {classes[place]: chances[place] for place in order}
    label = classes[order[0]]
    return Prediction(label, ranked[label], ranked, note)
