"""Harmonize a melody: draw the notes below it, so that the melody itself remains likely (sequential Monte Carlo).

The melody's note is fixed as the first of each step. Drawing only the notes below it would ignore what comes next in
the melody. Many harmonizations ("particles") are therefore drawn at the same time, each weighted by the probability of
the melody fixed its past; from time to time unlikely ones are replaced by copies of likely ones. With many particles,
the result is a draw from the network's distribution of pieces with this melody.

Source: Doucet, de Freitas, Gordon 2001, "Sequential Monte Carlo methods in practice".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.data.notes.score import Frame
from axone.data.random import make_generator
from axone.tasks.music.sample import NoteSampler, pick
from axone.tasks.music.tokens import END

FEWEST, MOST = 3, 4  # notes of a step: four voices, of which two may have the same note


def harmonize(
    network: nn.Module, melody: Sequence[int | None], positions: Sequence[int], *, particles: int, seed: int,
    temperature: float,
) -> list[Frame]:  # fmt: skip
    """Return the steps of a melody in four voices.

    Args:
        network: A network of the objective "notes", in evaluation mode.
        melody: The pitch of each step; None where it is silent.
        positions: The position of each step in its bar.
        particles: Harmonizations that are drawn at the same time.
        seed: The seed of the draws.
        temperature: The temperature of the notes below the melody.
    """
    harmonizations = _Particles(particles, temperature, make_generator("harmonize", seed))
    sampler = NoteSampler(network, particles)
    for step, (note, position) in enumerate(zip(melody, positions, strict=True)):
        sampler.draw_step(position, partial(harmonizations.choose, note))
        if step + 1 < len(melody):
            harmonizations.replace_unlikely(sampler)
    return sampler.frames[harmonizations.best]


class _Particles:
    """The log-weights of harmonizations, and the draws of their notes."""

    def __init__(self, count: int, temperature: float, generator: torch.Generator) -> None:
        self.weights = [0.0] * count
        self.temperature, self.generator = temperature, generator

    @property
    def best(self) -> int:
        """The harmonization with the largest weight."""
        return max(range(len(self.weights)), key=self.weights.__getitem__)

    def choose(self, note: int | None, row: int, rank: int, log_probabilities: Float[Tensor, " tokens"]) -> int:
        """Return the next token of a harmonization: the melody's note first, then what is drawn below it."""
        fixed = None
        if rank == 0:
            fixed = END if note is None else note
        elif rank == MOST or not _has_room(log_probabilities):
            fixed = END
        if fixed is not None:
            self.weights[row] += float(log_probabilities[fixed])
            return fixed
        allowed = log_probabilities.clone()
        if rank < FEWEST:
            allowed[END] = -math.inf
        return pick(allowed.log_softmax(-1), self.temperature, self.generator)

    def replace_unlikely(self, sampler: NoteSampler) -> None:
        """Resample where few harmonizations have most of the weight."""
        probabilities = torch.tensor(self.weights, dtype=torch.float64).softmax(0)
        count = len(self.weights)
        if 1 / float(probabilities.square().sum()) >= count / 2:
            return
        # Systematic resampling: evenly spaced points from one random start.
        points = (torch.arange(count) + torch.rand((), generator=self.generator)) / count
        rows = torch.searchsorted(probabilities.cumsum(0), points.double()).clamp(max=count - 1)
        sampler.select(rows.tolist())
        self.weights = [0.0] * count


def _has_room(log_probabilities: Float[Tensor, " tokens"]) -> bool:
    """Return whether any pitch is possible below the notes so far."""
    return bool(log_probabilities[:END].max() > -1e4)
