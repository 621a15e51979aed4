"""What a network that gives back what it is given says of one picture or row: how unusual it is, and what came back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.images.normalize import normalize
from axone.data.tables.columns import encode, find_unseen, select_columns
from axone.data.tables.files import read_content
from axone.errors import DataError, UsageError
from axone.messages import _
from axone.numbers import number, percent
from axone.tasks.answers import Answer, GeneratedImage, GeneratedRow, to_uint8, with_note
from axone.tasks.images.inputs import load_pixels
from axone.tasks.images.splits import EVAL_BATCH_SIZE
from axone.tasks.reconstruction.latent_network import LatentNetwork, through
from axone.tasks.tables.predict import find_row_error
from axone.tasks.tables.row_vectors import decode_vectors, encode_vectors, sum_by_column

WORST = 3  # columns that are named as the least usual ones of a row


@dataclass(frozen=True)
class Judgement(Answer):
    """How unusual an input is, and what the network made of it."""

    score: float  # mean squared error: of pixels from 0 to 1, or of scaled columns
    threshold: float  # above which an input is unusual; 0: none was chosen, for the training did not end
    rank: float  # share of the held-out examples with smaller errors
    latent: tuple[float, ...]  # what the decoder saw
    made: GeneratedImage | GeneratedRow
    note: str = ""

    @property
    def unusual(self) -> bool | None:
        """The verdict; None where there is no threshold yet."""
        return self.score > self.threshold if self.threshold else None

    def files(self) -> dict[str, bytes]:
        """Return the reconstruction as a file's content, by the end of its name."""
        return self.made.files()

    def text(self) -> str:
        """Say the verdict and what it rests on."""
        error = _("error {score}", score=number(self.score))
        if self.unusual is None:
            return with_note(error + ", " + _("no threshold yet: the training did not end"), self.note)
        verdict = _("unusual") if self.unusual else _("usual")
        beyond = _("more than {share} of the held-out examples", share=percent(self.rank, 0))
        text = f"{verdict}, {error} ({_('threshold {value}', value=number(self.threshold))}; {beyond})"
        return with_note(text, self.note)

    def to_json(self) -> dict[str, Any]:
        """Return the verdict for `--json`."""
        verdict = {"unusual": self.unusual, "score": self.score, "threshold": self.threshold, "rank": self.rank}
        note = {"note": self.note} if self.note else {}
        return {**verdict, "latent": list(self.latent), "reconstruction": self.made.to_json(), **note}


def judge_pictures(
    network: LatentNetwork, facts: Mapping[str, Any], inputs: Sequence[Any]
) -> list[Judgement | DataError]:
    """Judge each picture: a file or an array, brought to the network's size. An unusable one gets its error."""
    answers: list[Judgement | DataError] = []
    for start in range(0, len(inputs), EVAL_BATCH_SIZE):
        batch: list[np.ndarray | DataError] = []
        for given in inputs[start : start + EVAL_BATCH_SIZE]:
            try:
                batch.append(load_pixels(given, facts))
            except DataError as error:
                batch.append(error)
        good = [pixels for pixels in batch if not isinstance(pixels, DataError)]
        judged: Iterator[Judgement] = iter(())
        if good:
            pixels = torch.from_numpy(np.stack(good)).to(network.threshold.device)
            judged = _judged(network, normalize(pixels, facts["mean"], facts["std"]), pictures_of)
        answers += [answer if isinstance(answer, DataError) else next(judged) for answer in batch]
    return answers


def judge_rows(network: LatentNetwork, facts: Mapping[str, Any], inputs: Sequence[Any]) -> list[Judgement | DataError]:
    """Judge each row; one that lacks a column, or has an unknown one, gets its error, in its place."""
    answers: list[Any] = [find_row_error(row, facts) for row in inputs]
    good = [place for place, wrong in enumerate(answers) if wrong is None]
    if not good:
        return answers
    columns = facts["columns"]
    given = {fact["name"]: [inputs[place][fact["name"]] for place in good] for fact in columns}
    frame = select_columns(read_content(given).frame, columns)
    strange, vectors = find_unseen(frame, columns), encode_vectors(encode(frame, columns), columns)
    notes = _least_usual(network, facts, vectors)
    for row, values in strange.items():
        notes[row] += "; " + _("never seen in training: {values}", values="; ".join(values))
    judged = _judged(network, vectors.to(network.threshold.device), lambda made: decode_vectors(made, facts), notes)
    for place, answer in zip(good, judged, strict=True):
        answers[place] = answer
    return answers


def _judged(network: LatentNetwork, inputs: Tensor, shown: Any, notes: Sequence[str] = ()) -> Iterator[Judgement]:
    latents, made, errors = through(network, inputs)
    ranks, threshold = network.rank(errors).tolist(), float(network.threshold)
    parts = zip(errors.tolist(), ranks, latents.float().tolist(), shown(made), notes or [""] * len(inputs), strict=True)
    for error, rank, latent, thing, note in parts:
        yield Judgement(error, threshold, rank, tuple(latent), thing, note)


def _least_usual(network: LatentNetwork, facts: Mapping[str, Any], vectors: Float[Tensor, "rows width"]) -> list[str]:
    """Name, for each row, the columns that came back the least like themselves."""
    made = through(network, vectors.to(network.threshold.device))[1].cpu()
    wrong = sum_by_column((made - vectors).square(), facts["columns"])
    names = list(wrong)
    order = torch.stack(list(wrong.values()), 1).argsort(1, descending=True)[:, :WORST].tolist()
    return [_("least usual: {columns}", columns=", ".join(names[k] for k in row)) for row in order]


def pictures_of(made: Float[Tensor, "batch channels height width"]) -> list[GeneratedImage]:
    """Return pictures that a decoder made, ready to be kept."""
    return [GeneratedImage(pixels) for pixels in to_uint8(made).numpy()]


def drawn(
    network: LatentNetwork, facts: Mapping[str, Any], *, count: int, label: str | None, seed: int, hint: str
) -> list[GeneratedImage] | list[GeneratedRow]:
    """Draw latents from the standard normal distribution, and decode them. Raises UsageError with the hint."""
    if not network.variational:
        raise UsageError(
            _("This run makes nothing new: its latents are points, not distributions to draw from."), hint=hint
        )
    if label is not None:
        raise UsageError(_("It learned without classes: it cannot be asked for one."), hint=_("leave --class out"))
    latents = torch.randn(count, network.latent, generator=torch.Generator().manual_seed(seed))
    found: list[Any] = []
    with torch.inference_mode():
        for some in latents.split(EVAL_BATCH_SIZE):
            made = network.eval().decode(some.to(network.threshold.device))
            found += decode_vectors(made, facts) if "columns" in facts else pictures_of(made)
    return found
