"""The answer of an autoencoder about one input: its anomaly score and its reconstruction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.tables.columns import raw_values
from axone.errors import DataError
from axone.messages import _
from axone.numbers import format_number, format_percent
from axone.tasks.answers import GeneratedImage, GeneratedRow, NotebookAnswer, with_note
from axone.tasks.batched import answer_in_batches
from axone.tasks.images.inputs import InputImage, load_image
from axone.tasks.images.splits import EVAL_BATCH_SIZE
from axone.tasks.reconstruction.answering import Anomalies, ImageAnswering, RowAnswering
from axone.tasks.reconstruction.row_vectors import sum_by_column, to_rows
from axone.tasks.tables.inputs import Row
from axone.tasks.tables.known_rows import read_known_rows
from axone.tasks.tables.learner import EVALUATION_BATCH

NAMED_COLUMNS = 3  # columns of a row that the note names: those with the largest errors


@dataclass(frozen=True)
class Reconstruction(NotebookAnswer):
    """How anomalous an input is, and its reconstruction. With `--out` the reconstruction is written to a file."""

    anomaly_score: float  # mean squared error: of pixels from 0 to 1, or of a row's scaled columns
    threshold: float  # score above which an input is anomalous; 0: not fitted, because the training did not finish
    rank: float  # share of the held-out examples with a lower score
    latent: tuple[float, ...]
    reconstruction: GeneratedImage | GeneratedRow
    note: str = ""

    @property
    def above_threshold(self) -> bool | None:
        """Whether the input is anomalous; None where no threshold was fitted."""
        return self.anomaly_score > self.threshold if self.threshold else None

    def text(self) -> str:
        """Return the score, its comparison with the threshold and with held-out examples, and the note."""
        score = _("anomaly score {score}", score=format_number(self.anomaly_score))
        if self.above_threshold is None:
            return with_note(score + ", " + _("no threshold yet: the training did not finish"), self.note)
        limit = format_number(self.threshold)
        compared = (
            _("above the threshold {value}", value=limit)
            if self.above_threshold
            else _("below the threshold {value}", value=limit)
        )
        higher = _("higher than {share} of the held-out examples", share=format_percent(self.rank, 0))
        return with_note(f"{score}, {compared}, {higher}", self.note)

    def to_json(self) -> dict[str, Any]:
        """Return the score, the comparison, the latent vector, and the reconstruction without its pixels."""
        return {
            "anomaly_score": self.anomaly_score,
            "threshold": self.threshold,
            "above_threshold": self.above_threshold,
            "rank": self.rank,
            "latent": list(self.latent),
            "reconstruction": self.reconstruction.to_json(),
            **({"note": self.note} if self.note else {}),
        }

    def files(self) -> dict[str, bytes]:
        """Return the file of the reconstruction."""
        return self.reconstruction.files()


def predict_inputs(
    module: ImageAnswering | RowAnswering, facts: Mapping[str, Any], inputs: Sequence[Any]
) -> list[Reconstruction | DataError]:
    """Answer about images or rows, whichever the module takes; an unusable one gets its error, in its place."""
    if isinstance(module, RowAnswering):
        return predict_rows(module, facts, inputs)
    return predict_images(module, facts, inputs)


def predict_images(
    module: ImageAnswering, facts: Mapping[str, Any], inputs: Sequence[Any]
) -> list[Reconstruction | DataError]:
    """Answer about images, which are files or arrays and are resized to the network's input.

    An unusable one gets its error, in its place.
    """

    def answer(batch: list[InputImage]) -> Iterator[Reconstruction]:
        pixels = torch.from_numpy(np.stack([image.pixels for image in batch])).to(module.network.threshold.device)
        with torch.inference_mode():
            images, anomalies = module(pixels)
        notes = [image.note for image in batch]
        return _answers(module, anomalies, [GeneratedImage(image) for image in images.cpu().numpy()], notes)

    return answer_in_batches(inputs, lambda item: load_image(item, facts), answer, EVAL_BATCH_SIZE)


def predict_rows(
    module: RowAnswering, facts: Mapping[str, Any], inputs: Sequence[Row]
) -> list[Reconstruction | DataError]:
    """Answer about rows; one that cannot be answered gets its error, in its place."""
    columns = facts["columns"]
    rows = read_known_rows(inputs, facts)
    device = module.network.threshold.device
    answers: list[Reconstruction] = []
    for start in range(0, rows.frame.height, EVALUATION_BATCH):
        frame = rows.frame.slice(start, EVALUATION_BATCH)
        with torch.inference_mode():
            numbers, categories, anomalies, errors = module(*(part.to(device) for part in raw_values(frame, columns)))
        notes = _name_columns(errors.cpu(), columns)
        for row, note in enumerate(rows.notes[start : start + EVALUATION_BATCH]):
            notes[row] += f"; {note}" if note else ""
        answers += _answers(module, anomalies, to_rows(numbers.cpu(), categories.cpu(), columns), notes)
    return rows.merge(answers)


def _answers(
    module: ImageAnswering | RowAnswering,
    anomalies: Anomalies,
    reconstructions: Sequence[GeneratedImage | GeneratedRow],
    notes: Sequence[str] = (),
) -> Iterator[Reconstruction]:
    threshold = float(module.network.threshold)
    for score, rank, latent, reconstruction, note in zip(
        anomalies.scores.tolist(), anomalies.ranks.tolist(), anomalies.latents.tolist(), reconstructions,
        notes or [""] * len(reconstructions), strict=True,
    ):  # fmt: skip
        yield Reconstruction(score, threshold, rank, tuple(latent), reconstruction, note)


def _name_columns(errors: Float[Tensor, "rows width"], columns: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name, for each row, the columns with the largest errors."""
    by_column = sum_by_column(errors, columns)
    names = list(by_column)
    order = torch.stack(list(by_column.values()), 1).argsort(1, descending=True)[:, :NAMED_COLUMNS].tolist()
    return [_("largest errors: {columns}", columns=", ".join(names[k] for k in row)) for row in order]
