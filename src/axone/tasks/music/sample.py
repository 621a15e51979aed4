"""Compose: draw the notes of one step after the other from a trained network, for many pieces at once.

Each piece has random numbers of its own, so that piece k of a seed is the same however many are composed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.data.notes.score import PITCHES, Frame
from axone.data.random import make_generator
from axone.tasks.music.state import State, initial_state, is_note_by_note
from axone.tasks.music.tokens import END, POSITIONS, RANKS, find_context, mask_impossible

Choose = Callable[[int, int, Float[Tensor, " tokens"]], int]  # (row, rank, log-probabilities) -> token


class NoteSampler:
    """Draws steps note by note for a number of rows, each with a state of its own.

    Args:
        network: A network of the objective "notes", in evaluation mode.
        rows: The number of pieces.
    """

    def __init__(self, network: nn.Module, rows: int) -> None:
        self.network = network
        self.state: State = initial_state(network, rows)
        self.frames: list[list[Frame]] = [[] for _row in range(rows)]

    def select(self, rows: Sequence[int]) -> None:
        """Continue copies of some rows instead of the present ones."""
        index = torch.tensor(rows, device=self.state[0].device)
        self.state = tuple(part[index] for part in self.state)
        self.frames = [list(self.frames[row]) for row in rows]

    @torch.inference_mode()
    def draw_step(self, position: int, choose: Choose) -> None:
        """Draw the notes of one step of every row.

        The rows read one token each at the same time; a row that has its END waits for the others, and keeps its state.
        """
        rows = len(self.frames)
        drawn: list[list[int]] = [[] for _row in range(rows)]
        waiting = list(range(rows))
        while waiting:
            ranks = [len(drawn[row]) for row in waiting]
            previous = torch.tensor([drawn[row][-1] if drawn[row] else END for row in waiting])
            context = [self._find_context(row, len(drawn[row])) for row in waiting]
            index = torch.tensor(waiting)
            clamped = torch.tensor([min(rank, RANKS - 1) for rank in ranks])
            device = self.state[0].device
            inputs = (previous, clamped, torch.full_like(previous, min(position, POSITIONS - 1)), torch.tensor(context))
            logits, *state = self.network(
                *(part[:, None].to(device) for part in inputs), *(part[index.to(device)] for part in self.state)
            )
            for whole, part in zip(self.state, state, strict=True):
                whole[index.to(device)] = part
            logits = mask_impossible(logits[:, 0].float().cpu(), previous, torch.tensor(ranks))
            log_probabilities = logits.log_softmax(-1)
            going_on = []
            for number, row in enumerate(waiting):
                token = choose(row, ranks[number], log_probabilities[number])
                if token < END:
                    drawn[row].append(token)
                    going_on.append(row)
            waiting = going_on
        for row, notes in enumerate(drawn):
            self.frames[row].append(tuple(notes))

    def _find_context(self, row: int, rank: int) -> list[int]:
        before = self.frames[row]
        return find_context(rank, before[-1] if before else (), before[-2] if len(before) > 1 else ())


def pick(log_probabilities: Float[Tensor, " tokens"], temperature: float, generator: torch.Generator) -> int:
    """Draw a token from log-probabilities at a temperature."""
    weights = (log_probabilities.double() / temperature).softmax(-1)
    return int(torch.multinomial(weights, 1, generator=generator))


def compose(
    network: nn.Module,
    steps: int,
    bar: int,
    *,
    count: int,
    seed: int,
    temperature: float,
    most_notes: int,
    purpose: str = "compose",
) -> list[list[Frame]]:
    """Compose pieces of some steps, from the beginning of a bar, with at most `most_notes` notes at a step.

    Independent notes (objective "sigmoids") have no such limit.
    """
    generators = [make_generator(purpose, seed, number) for number in range(count)]
    if not is_note_by_note(network):
        return compose_independently(network, steps, bar, generators, temperature)
    sampler = NoteSampler(network, count)

    def choose(row: int, rank: int, log_probabilities: Float[Tensor, " tokens"]) -> int:
        return END if rank >= most_notes else pick(log_probabilities, temperature, generators[row])

    for step in range(steps):
        sampler.draw_step(step % bar, choose)
    return sampler.frames


@torch.inference_mode()
def compose_independently(
    network: nn.Module, steps: int, bar: int, generators: Sequence[torch.Generator], temperature: float
) -> list[list[Frame]]:
    """Compose with a network of the objective "sigmoids": each pitch of a step is drawn for itself."""
    state = initial_state(network, len(generators))
    device = state[0].device
    before = torch.zeros(len(generators), 1, PITCHES)
    frames: list[list[Frame]] = [[] for _generator in generators]
    for step in range(steps):
        position = torch.full((len(generators), 1), min(step % bar, POSITIONS - 1))
        logits, *rest = network(before.to(device), position.to(device), *state)
        state = tuple(rest)
        log_probabilities = (logits[:, 0].float().cpu() / temperature).sigmoid()
        drawn = torch.stack([torch.rand(PITCHES, generator=generator) for generator in generators]) < log_probabilities
        before = drawn.float()[:, None]
        for row, pitches in enumerate(drawn):
            frames[row].append(tuple(sorted(pitches.nonzero().flatten().tolist(), reverse=True)))
    return frames
