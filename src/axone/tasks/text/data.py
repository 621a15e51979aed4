"""Read the texts that `--data` names, split them, encode them, and say what people should know.

texts and labels -> parts (train, validation, test), equal texts in one part
                 -> encoder fitted on the training texts -> tokens, pieces, n-grams
                 -> targets: class indices, or 0 and 1 for each label
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Int64, Shaped
from torch import Tensor

from axone.data.labeled_texts.collection import LabeledTexts
from axone.data.labeled_texts.duplicates import Duplicates, find_duplicates
from axone.data.labeled_texts.load import load_texts
from axone.data.labeled_texts.report import build_report, describe
from axone.data.labeled_texts.split import split_texts
from axone.data.tables.targets.missing import parse_missing
from axone.data.tokens.encoder import EncodedTexts, TextEncoder
from axone.data.tokens.split import choose_unit
from axone.data.tokens.stream import TextStream
from axone.engine.context import BuildContext
from axone.errors import DataError
from axone.messages import _, plural
from axone.tasks.text.settings import TextClassificationSettings

EVALUATION_BATCH = 256
PIECE_BITS = 15  # 2^15 buckets for pieces of words


@dataclass(frozen=True)
class TextData:
    """Texts with their parts, ready to train on."""

    collection: LabeledTexts
    encoder: TextEncoder
    encoded: EncodedTexts  # of all texts
    parts: dict[str, Int64[Tensor, " _"]]  # "train", "validation", "test" -> numbers of texts
    duplicates: Duplicates
    facts: dict[str, Any]  # task, classes, several_labels, encoder, text, target, samples, source, fingerprint

    @property
    def targets(self) -> Shaped[Tensor, "texts ..."]:
        """The class of each text, or 0 and 1 for each label."""
        return self.collection.targets

    @property
    def notes(self) -> list[str]:
        """Sentences about the data that are printed before training."""
        return describe(self.collection, self.parts, self.encoder, self.encoded, self.duplicates)

    @property
    def report(self) -> dict[str, Any]:
        """The content of `data_report.json`."""
        return build_report(self.collection, self.parts, self.encoder, self.encoded, self.duplicates)

    def training_stream(self, batch_size: int, seed: int) -> TextStream:
        """Return shuffled batches of the training set; an incomplete last batch is left out."""
        return TextStream(self.encoded, self.targets, indices=self.parts["train"], batch_size=batch_size, seed=seed,
                          drop_last=True)  # fmt: skip

    def evaluation_stream(self, part: str) -> TextStream | None:
        """Return the batches of a part; None where it is empty."""
        if not len(self.parts[part]):
            return None
        return TextStream(self.encoded, self.targets, indices=self.parts[part], batch_size=EVALUATION_BATCH,
                          shuffle=False)  # fmt: skip


def read_texts(settings: TextClassificationSettings, context: BuildContext, ngram_bits: int) -> TextData:
    """Read, split and encode the texts that `settings.data` names.

    With `context.facts` texts are encoded, and classes numbered, as in the run that these facts describe.
    Raises DataError, ResourceError, SettingsError.
    """
    known = context.facts
    collection = load_texts(
        context.source(settings.data), settings.target, text=settings.text, labels_file=settings.labels_file,
        labels=settings.labels, missing=parse_missing(settings.missing), known=known, progress=context.progress,
    )  # fmt: skip
    parts = _split(collection, settings, context)
    context.progress(_("encoding texts"), 0, 0)
    if known:
        encoder = TextEncoder.from_facts(known)
    else:
        texts = [collection.texts[row] for row in parts["train"].tolist()]
        if len(texts) < 2:
            raise DataError(
                plural("There is {count} training text.", "There are {count} training texts.", len(texts)),
                expected=_("expected at least two"),
            )
        unit = choose_unit(texts) if settings.unit == "auto" else settings.unit
        encoder = TextEncoder.fit(
            texts, unit=unit, lowercase=settings.lowercase, most_tokens=settings.vocabulary, piece_bits=PIECE_BITS,
            ngram_bits=ngram_bits, longest=settings.longest,
        )  # fmt: skip
    facts = {
        "task": "text-classification",
        "classes": list(collection.classes),
        "several_labels": collection.has_several_labels,
        "encoder": encoder.to_facts(),
        "text": collection.column,
        "target": list(collection.target),
        "samples": {part: len(rows) for part, rows in parts.items()},
        "source": collection.source,
        "fingerprint": collection.fingerprint(),
    }
    encoded = encoder.encode(collection.texts)
    return TextData(collection, encoder, encoded, parts, find_duplicates(collection, parts), facts)


def _split(
    collection: LabeledTexts, settings: TextClassificationSettings, context: BuildContext
) -> dict[str, Int64[Tensor, " _"]]:
    """Return the parts; all of other data on which a run is evaluated are its test set, which is said."""
    if not context.whole:
        return split_texts(
            collection, test=settings.test, validation=settings.validation, limit=settings.limit, seed=settings.seed
        )
    count = len(collection.texts)
    context.notify(plural("{count} text is measured: {source}.", "All {count} texts are measured: {source}.", count,
                          source=collection.source))  # fmt: skip
    rows = torch.arange(count)
    return {"train": rows, "validation": rows[:0], "test": rows}
