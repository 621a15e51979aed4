"""How surprising a piece is to a network: the surprise of each note, as numbers and drawn in the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.data.notes.load import EXCERPT_BARS
from axone.data.notes.quantize import quantize
from axone.data.notes.read import SUFFIXES, read_score
from axone.data.notes.score import Piece
from axone.errors import AxoneError, DataError, UsageError
from axone.figures.figure import encode_png
from axone.messages import _
from axone.numbers import format_number
from axone.tasks.answers import NotebookAnswer
from axone.tasks.music.drawings.engraving import draw_score
from axone.tasks.music.drawings.piano_roll import draw_piano_roll
from axone.tasks.music.state import initial_state, is_note_by_note
from axone.tasks.music.stream import MusicStream, NoteBatch, StepBatch
from axone.tasks.music.tokens import END, IGNORED, mask_impossible

Surprises = dict[tuple[int, int], float]  # (step, pitch) -> nats


class NoteSurprise(nn.Module):
    """Tokens and what is read at each in, the surprise of each token in nats out; 0 at the padding."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        previous: Int64[Tensor, "batch tokens"],
        ranks: Int64[Tensor, "batch tokens"],
        positions: Int64[Tensor, "batch tokens"],
        context: Int64[Tensor, "batch tokens context"],
        targets: Int64[Tensor, "batch tokens"],
    ) -> Float[Tensor, "batch tokens"]:
        """Return the negative logarithm of the probability of each target."""
        state = initial_state(self.network, previous.shape[0])
        logits = self.network(previous, ranks, positions, context, *state)[0].float()
        log_probabilities = mask_impossible(logits, previous, ranks).log_softmax(-1)
        own = targets != IGNORED
        surprises = -log_probabilities.gather(2, targets.masked_fill(~own, END)[..., None])[..., 0]
        return surprises.masked_fill(~own, 0.0)


class StepSurprise(nn.Module):
    """The pitches of the steps before, positions and pitches in, the surprise of each pitch and step in nats out."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        previous: Float[Tensor, "batch steps pitches"],
        positions: Int64[Tensor, "batch steps"],
        targets: Float[Tensor, "batch steps pitches"],
    ) -> Float[Tensor, "batch steps pitches"]:
        """Return the negative logarithm of the probability that each pitch sounds, or does not, as in the targets."""
        state = initial_state(self.network, previous.shape[0])
        logits = self.network(previous, positions, *state)[0].float()
        return nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")


def answering(network: nn.Module) -> nn.Module:
    """Return the module that computes surprises, in evaluation mode."""
    return (NoteSurprise if is_note_by_note(network) else StepSurprise)(network).eval()


@torch.inference_mode()
def measure_surprises(network: nn.Module, piece: Piece) -> tuple[Surprises, list[float]]:
    """Return the surprise of each note of a piece, and of each step with all that sounds and does not."""
    notes = is_note_by_note(network)
    stream = MusicStream([piece], "notes" if notes else "sigmoids", batch_size=1, shuffle=False)
    batch = next(iter(stream.to(next(network.parameters()).device).batches(1)))
    of_notes: Surprises = {}
    of_steps = [0.0] * len(piece)
    if isinstance(batch, NoteBatch):
        values = iter(answering(network)(*batch.tokens)[0].tolist())
        for step, frame in enumerate(piece.frames):
            for pitch in (*frame, END):
                value = next(values)
                of_steps[step] += value
                if pitch != END:
                    of_notes[step, pitch] = value
        return of_notes, of_steps
    assert isinstance(batch, StepBatch)
    matrix = answering(network)(batch.previous, batch.positions, batch.targets)[0]
    for step, frame in enumerate(piece.frames):
        of_notes |= {(step, pitch): float(matrix[step, pitch]) for pitch in frame}
    return of_notes, matrix.sum(1).tolist()


@dataclass(frozen=True)
class PieceSurprise(NotebookAnswer):
    """How surprising a piece is."""

    piece: Piece
    grid: int
    of_notes: Surprises
    of_steps: list[float]

    @property
    def mean(self) -> float:
        """Nats a step."""
        return sum(self.of_steps) / len(self.of_steps)

    @property
    def most_surprising(self) -> int:
        """The step with the largest surprise."""
        return max(range(len(self.of_steps)), key=self.of_steps.__getitem__)

    def text(self) -> str:
        """Return the mean surprise, and where it is largest."""
        step = self.most_surprising
        return _(
            "{mean} nats a step on average; most surprising: quarter {quarter} ({value} nats)",
            mean=format_number(round(self.mean, 3)), quarter=1 + step // self.grid,
            value=format_number(round(self.of_steps[step], 1)),
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Return the mean and the surprise of each step."""
        return {"nats_a_step": self.mean, "steps": [round(value, 6) for value in self.of_steps]}

    def files(self) -> dict[str, bytes]:
        """Return the first bars as a score, and a piano roll; the color of each note is its surprise."""
        files = {".png": encode_png(draw_piano_roll(self.piece, self.grid, self.of_notes))}
        score = draw_score(self.piece, self.grid, self.piece.name, self.of_notes, bars=2 * EXCERPT_BARS)
        return {".svg": score.encode(), **files} if score else files


def read_inputs(source: Any) -> tuple[list[Any], bool]:
    """Return what a person asks about as paths of pieces, and whether it was a single one."""
    if isinstance(source, list | tuple):
        return list(source), False
    if isinstance(source, str | Path) and Path(source).is_dir():
        paths = sorted(path for path in Path(source).iterdir() if path.name.lower().endswith(SUFFIXES))
        if not paths:
            raise UsageError(_("'{path}' has no MIDI or MusicXML files.", path=source))
        return [*paths], False
    return [source], True


def predict(network: nn.Module, facts: dict[str, Any], inputs: Sequence[Any]) -> list[PieceSurprise | AxoneError]:
    """Return the answer about each piece, or the error of one that cannot be read in its place."""
    answers: list[PieceSurprise | AxoneError] = []
    for source in inputs:
        try:
            piece = source if isinstance(source, Piece) else read_piece(source, facts["grid"])
        except AxoneError as error:
            answers.append(error)
            continue
        answers.append(PieceSurprise(piece, facts["grid"], *measure_surprises(network.eval(), piece)))
    return answers


def read_piece(source: Any, grid: int) -> Piece:
    """Return a file on a grid. Raises DataError, ResourceError."""
    if not isinstance(source, str | Path):
        raise DataError(
            _("A piece cannot be read from a {type}.", type=type(source).__name__),
            expected=_("expected a path of a MIDI or MusicXML file"),
        )
    piece = quantize(read_score(source), grid, Path(source).stem).piece
    if not len(piece):
        raise DataError(_("'{path}' has no notes that fit the grid of the training.", path=source))
    return piece
