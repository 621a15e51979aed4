"""Batches of consecutive windows of a text, for truncated back-propagation with a state that is carried on.

A batch has `rows` windows of `steps` symbols. Window k + 1 of a row begins where window k ended, so that the state
after one batch is the state before the next. The rows are equally far apart in the text, which is a ring: each pass
begins at another symbol.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.random import make_generator
from axone.data.stream import StatelessStream
from axone.data.text.vocabulary import Symbols

EVALUATION_STEPS = 256
EVALUATION_ROW = 4_000  # symbols of a row in an evaluation, about: each begins without context
MOST_ROWS = 32


class Window(NamedTuple):
    """One window of each row: symbols, and the symbols that follow them."""

    inputs: Int64[Tensor, "rows steps"]
    targets: Int64[Tensor, "rows steps"]


class TrainingWindows(StatelessStream[Window]):
    """Windows of a text that is read again and again, an epoch at a time.

    Args:
        symbols: The text.
        rows: The number of rows; fewer where the text has not `steps` symbols for each.
        steps: The number of symbols of a window.
        seed: The seed of the symbol at which each pass begins.
        epoch_symbols: About the number of symbols in an epoch; 0: the whole text. Epoch after epoch continues the pass.

    Raises:
        ValueError: The text has no more than `steps` symbols.
    """

    def __init__(self, symbols: Symbols, rows: int, steps: int, seed: int, epoch_symbols: int = 0) -> None:
        if len(symbols) <= steps:
            raise ValueError(f"{len(symbols)} symbols are too few for windows of {steps}")
        self.symbols, self.steps, self.seed, self.epoch_symbols = symbols, steps, seed, epoch_symbols
        self.rows = max(1, min(rows, len(symbols) // steps))
        self.row_length = len(symbols) // self.rows
        self.windows = max(1, self.row_length // steps)  # of a pass

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        limit = round(self.epoch_symbols / (self.rows * self.steps)) if self.epoch_symbols else self.windows
        return max(1, min(limit, self.windows))

    @property
    def samples(self) -> int:
        """The number of symbols in an epoch."""
        return len(self) * self.rows * self.steps

    def batches(self, epoch: int, start: int = 0) -> Iterator[Window]:
        """Yield the windows of an epoch (counted from 1), from batch number `start` (counted from 0) on."""
        for number in range(start, len(self)):
            turn, window = divmod((epoch - 1) * len(self) + number, self.windows)
            generator = make_generator("windows", self.seed, turn)
            offset = int(torch.randint(len(self.symbols), (1,), generator=generator)) if turn else 0
            first = offset + window * self.steps + torch.arange(self.rows) * self.row_length
            places = (first[:, None] + torch.arange(self.steps + 1)) % len(self.symbols)
            text = self.symbols[places.to(self.symbols.device)].long()
            yield Window(text[:, :-1], text[:, 1:])

    def to(self, device: torch.device | str) -> TrainingWindows:
        """Return the same stream with its text on a device."""
        symbols = self.symbols.to(device)
        return TrainingWindows(symbols, self.rows, self.steps, self.seed, self.epoch_symbols)


class EvaluationWindows(StatelessStream[Window]):
    """All of a text once: rows of about 4,000 symbols, each of which begins without context; every symbol counts once.

    Args:
        symbols: The text; the first symbol is only context.
        steps: The number of symbols of a window.
        rows: The number of rows; None: by the length of the text.
    """

    def __init__(self, symbols: Symbols, steps: int = EVALUATION_STEPS, rows: int | None = None) -> None:
        self.symbols, self.steps = symbols, steps
        self.rows = rows or max(1, min(MOST_ROWS, len(symbols) // EVALUATION_ROW))
        self.row_length = -(-max(1, len(symbols) - 1) // self.rows)

    def __len__(self) -> int:
        """Return the number of windows of a row."""
        return -(-self.row_length // self.steps)

    @property
    def samples(self) -> int:
        """The number of symbols that are predicted."""
        return len(self.symbols) - 1

    def batches(self, epoch: int, start: int = 0) -> Iterator[Window]:
        """Yield the windows in order; the target of a place after the end of the text is -100, which losses ignore."""
        last = len(self.symbols) - 1
        for number in range(start, len(self)):
            steps = torch.arange(number * self.steps, min((number + 1) * self.steps, self.row_length))
            places = torch.arange(self.rows)[:, None] * self.row_length + steps
            text = self.symbols[places.clamp(max=last).to(self.symbols.device)].long()
            following = self.symbols[(places + 1).clamp(max=last).to(self.symbols.device)].long()
            outside = (places >= last).to(text.device)
            yield Window(text, following.masked_fill(outside, -100))

    def to(self, device: torch.device | str) -> EvaluationWindows:
        """Return the same stream with its text on a device."""
        return EvaluationWindows(self.symbols.to(device), self.steps, self.rows)
