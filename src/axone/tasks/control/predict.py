"""What a policy does in situations that a person describes by numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from axone.errors import AxoneError, DataError
from axone.messages import _
from axone.numbers import format_number, format_percent
from axone.play.spaces import Discrete
from axone.tasks.answers import Answer, NotebookAnswer
from axone.tasks.control.networks.answering import PolicyAnswering
from axone.tasks.control.worlds.actions import name_actions, translate_action

LONGEST = 100_000_000  # bytes of a file of observations


@dataclass(frozen=True)
class ChosenAction(NotebookAnswer):
    """The action of a policy in one situation, and the return that it expects.

    Args:
        action: The name of the most probable choice, or the real numbers.
        probabilities: Choice -> probability, the most probable one first; empty for real numbers.
        value: The discounted sum of the rewards from here on that the policy expects, in the unit in which it learned.
        ranked: The number of choices in the text.
    """

    action: str | list[float]
    probabilities: dict[str, float]
    value: float
    ranked: int = 1

    def with_top(self, count: int) -> ChosenAction:
        """Return this answer with its most probable choices in the text."""
        return ChosenAction(self.action, self.probabilities, self.value, count)

    def text(self) -> str:
        """Return the action, with its probability, and the value."""
        if isinstance(self.action, str):
            listed = list(self.probabilities.items())[: self.ranked]
            chosen = ", ".join(f"{translate_action(name)} {format_percent(share, 1)}" for name, share in listed)
        else:
            chosen = " ".join(_short(number) for number in self.action)
        return _("{action}; value {value}", action=chosen, value=_short(self.value))

    def to_json(self) -> dict[str, Any]:
        """Return the action, the probabilities of all choices, and the value."""
        return {"action": self.action, "probabilities": self.probabilities, "value": self.value}


def read_inputs(source: Any, facts: Mapping[str, Any]) -> tuple[list[Any], bool]:
    """Return observations as a list, and whether there was a single one.

    An observation is a sequence or an array of numbers, or text with its numbers ("0.1, 0, -0.05, 0"); a file has one
    in each line (.csv), or is an array (.npy).
    """
    shape = tuple(facts["input"])
    if isinstance(source, str | Path):
        path = Path(source)
        if path.suffix in (".npy", ".csv"):
            return _read_file(path, shape), False
        return [source], True
    is_sequence = isinstance(source, list | tuple) and not all(isinstance(one, int | float) for one in source)
    if is_sequence and (len(shape) == 1 or any(isinstance(one, str | Path) for one in source)):
        return [item for one in source for item in read_inputs(one, facts)[0]], False
    array = np.asarray(source.detach().cpu() if isinstance(source, Tensor) else source)
    return (list(array), False) if array.ndim == len(shape) + 1 else ([source], True)


def _read_file(path: Path, shape: tuple[int, ...]) -> list[Any]:
    if not path.is_file():
        raise DataError(_("There is no file '{path}'.", path=path))
    if path.stat().st_size > LONGEST:
        raise DataError(_("'{path}' is too large for a file of observations.", path=path))
    if path.suffix == ".csv":
        lines = path.read_text("utf-8", errors="replace").splitlines()
        return [line for line in lines if line.strip()]
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise DataError(_("'{path}' cannot be read: {error}", path=path, error=error)) from None
    return list(array) if array.ndim > len(shape) else [array]


@torch.no_grad()
def predict_actions(answering: PolicyAnswering, facts: Mapping[str, Any], inputs: Sequence[Any]) -> list[Any]:
    """Return the action in each situation, as at the start of an episode, or the error of one that cannot be read."""
    answering.eval()
    answers: list[Answer | AxoneError] = []
    device = next(answering.parameters()).device
    for source in inputs:
        try:
            observation = read_observation(source, tuple(facts["input"])).to(device)
        except DataError as error:
            answers.append(error)
            continue
        policy, value, *_memory = answering(observation[None], *answering.initial_memory(1))
        if isinstance(answering.space, Discrete):
            shares = dict(zip(name_actions(answering.space), policy[0].tolist()))
            probabilities = dict(sorted(shares.items(), key=lambda item: -item[1]))
            answers.append(ChosenAction(next(iter(probabilities)), probabilities, float(value)))
        else:
            answers.append(ChosenAction(policy[0].flatten().tolist(), {}, float(value)))
    return answers


def read_observation(source: Any, shape: tuple[int, ...]) -> Tensor:
    """Return one observation as a tensor. Raises DataError when it has another shape or is not finite."""
    typed, expected = str(source)[:80], _("expected {count} numbers", count=prod(shape)) if len(shape) == 1 else _(
        "expected numbers of shape {shape}", shape=shape)  # fmt: skip
    try:
        if isinstance(source, str):
            source = [float(word) for word in source.replace(",", " ").split()]
        values = torch.as_tensor(np.asarray(source.detach().cpu() if isinstance(source, Tensor) else source)).float()
    except (ValueError, TypeError):
        raise DataError(
            _("'{value}' is no observation.", value=typed), expected=expected,
            hint=_("for example: axone predict RUN \"{example}\"", example=", ".join(["0.1"] * min(4, prod(shape)))),
        ) from None  # fmt: skip
    if values.numel() == prod(shape) and (values.ndim == 1 or tuple(values.shape) == shape):
        values = values.reshape(shape)
    else:
        count = str(values.numel()) if values.ndim == 1 else " x ".join(map(str, values.shape))
        raise DataError(_("'{value}' has {count} numbers.", value=typed, count=count), expected=expected)
    if not values.isfinite().all():
        raise DataError(_("'{value}' is no observation.", value=typed), expected=_("expected finite numbers"))
    return values


def _short(value: float) -> str:
    return format_number(float(f"{value:.4g}"))
