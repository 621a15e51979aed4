"""Texts with their labels, and what people should know about them before training."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from jaxtyping import Float, Int64, Shaped
from torch import Tensor

from axone.messages import _
from axone.numbers import format_number


def name_text(number: int) -> str:
    """Return how to call a text of a list in a message: its number, counted from 1."""
    return _("text {number}", number=format_number(number + 1))


@dataclass(frozen=True)
class LabeledTexts:
    """Texts, each with one class or with any number of labels.

    Args:
        name: What the collection is called.
        source: Where it came from, for people.
        texts: The texts.
        classes: The names of the classes or labels, in order.
        targets: int64 (texts,), positions in `classes`; or float32 (texts, classes), 1 for each label of a text.
        locate: Returns how to call a text in a message by its number: a file, or the place of a row.
        parts: The numbers of the texts of each part ("train", "validation", "test") that the source names; empty
            where it is not divided.
        column: The column of the texts, in a table.
        target: The columns of the labels, in a table.
        notes: Sentences for people.
        skipped: Files that were not read, each with the reason.
        encodings: The number of files by encoding.
        weights: The weight of each text in the loss; None: 1.
    """

    name: str
    source: str
    texts: Sequence[str]
    classes: tuple[str, ...]
    targets: Shaped[Tensor, "texts ..."]
    locate: Callable[[int], str] = name_text
    parts: dict[str, Int64[Tensor, " _"]] = field(default_factory=dict)
    column: str = ""
    target: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    encodings: dict[str, int] = field(default_factory=dict)
    weights: Float[Tensor, " texts"] | None = None

    @property
    def has_several_labels(self) -> bool:
        """Whether a text may have any number of labels."""
        return self.targets.ndim == 2

    def fingerprint(self) -> str:
        """Return a sha256 over texts and labels: a resumed run must get the data that it was trained on."""
        digest = hashlib.sha256(repr((self.classes, self.has_several_labels)).encode())
        digest.update(self.targets.numpy().tobytes())
        for text in self.texts:
            digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
        return digest.hexdigest()
