"""Inventing pictures: what they are learned from, the chance that they begin with, and how they are measured.

Every system that makes pictures out of nothing shares these: `read` (pictures from -1 to 1, of a side that halves
well), `Ticks` (a training set in portions), `make` (from latents to bytes), `Examination` (a check as
a stream: real pictures beside which invented ones are held) and `generate`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor, nn

from axone.data.images.dataset import Subset
from axone.data.images.stream import ImageStream
from axone.data.random import make_generator
from axone.engine.context import BuildContext
from axone.engine.metrics import Metrics
from axone.errors import DataError, SettingsError, UsageError
from axone.graph import Model
from axone.messages import _, plural
from axone.tasks.answers import GeneratedImage, to_uint8
from axone.tasks.generation.evaluator import Examiner, Seen
from axone.tasks.generation.latents import cycle_classes, sample_latents
from axone.tasks.generation.metrics import Moments, frechet_distance, moments, precision_and_recall, shares
from axone.tasks.images.settings import ImageDataSettings
from axone.tasks.images.splits import Splits, Statistics, read_splits

FROM_MINUS_ONE_TO_ONE: Statistics = ((0.5,), (0.5,))  # mean and deviation: how generators see pixels
MULTIPLE, SMALLEST = 4, 8  # of the side, which is halved at least once
LARGE = 64  # pixels from which on a processor needs hours
LEAST, FEW = 10, 1000  # training pictures that are needed; fewer than those are soon known by heart
LEAST_REAL = 500  # held-out pictures that can stand for all; where there are fewer, training pictures are compared
CHECKED, TESTED = 2000, 10_000  # pictures made at each check, and at the end
MOST_COMPARED = 2000  # pictures of each side for precision and recall, which ask for all distances
FOR_COVERAGE = 1000
AT_ONCE = 250  # pictures made together


def read(settings: ImageDataSettings, context: BuildContext) -> Splits:
    """Read pictures to invent others like them, with classes or without.

    Raises SettingsError for a side that is no multiple of 4, DataError for fewer than ten pictures.
    """
    if settings.image_size % MULTIPLE or 0 < settings.image_size < SMALLEST:
        raise SettingsError(
            _("{name} cannot be '{value}'.", name="image_size", value=settings.image_size),
            expected=_("expected a multiple of {step} from {least} on", step=MULTIPLE, least=SMALLEST),
        )
    parts = read_splits(settings, context, statistics=FROM_MINUS_ONE_TO_ONE, labeled=False)
    _channels, height, width = parts.facts["input"]
    if height != width or height % MULTIPLE or height < SMALLEST:
        side = max(SMALLEST, MULTIPLE * round(min(height, width) / MULTIPLE))
        resized = settings.model_copy(update={"image_size": side})
        parts = read_splits(resized, context, statistics=FROM_MINUS_ONE_TO_ONE, labeled=False)
        parts.notes.append(
            _("Pictures of {width} x {height} pixels are brought to {side} x {side}, which halves well.",
              width=width, height=height, side=side)
        )  # fmt: skip
        height = side
    if len(parts.train) < LEAST:
        raise DataError(
            plural("There is {count} picture to learn from.", "There are {count} pictures to learn from.",
                   len(parts.train)),
            expected=_("expected at least {count}", count=LEAST),
            hint=_("a few thousand make a good generator"),
        )  # fmt: skip
    if len(parts.train) < FEW:
        parts.notes.append(_("So few pictures are soon known by heart: look at the nearest training pictures."))
    if height > LARGE and torch.get_num_threads() <= 16 and not torch.cuda.is_available():
        parts.notes.append(
            _("Pictures of {side} pixels take a processor hours; to begin with: --image-size {small}",
              side=height, small=LARGE)
        )  # fmt: skip
    return parts


class Ticks(ImageStream):
    """A training set in portions: each epoch is a tick of so many pictures.

    The ticks of one passage over the set hold different pictures; what is left over, less than a tick, waits for a
    passage in which the order brings it to the front.
    """

    def __init__(self, *given: Any, tick: int = 0, **options: Any) -> None:
        """Take `tick` pictures an epoch, in whole batches (0, or more than there are: all); the rest as ImageStream."""
        super().__init__(*given, drop_last=True, **options)
        everything = len(self.indices)
        size = min(tick or everything, everything)
        self.size = max(min(self.batch_size, everything), size // self.batch_size * self.batch_size)

    def __len__(self) -> int:
        """Return the number of batches in a tick."""
        return max(1, self.size // self.batch_size)

    @property
    def samples(self) -> int:
        """The number of pictures in a tick."""
        return self.size

    def order(self, epoch: int) -> Int64[Tensor, " samples"]:
        """Return the pictures of a tick, in their order."""
        passage, place = divmod(epoch - 1, len(self.indices) // self.size)
        drawn = torch.randperm(len(self.indices), generator=make_generator("order", self.seed, passage))
        return self.indices[drawn[place * self.size : (place + 1) * self.size]]


def given(network: nn.Module, first: Tensor, labels: Int64[Tensor, " pictures"]) -> list[Tensor]:
    """Return what a player is called with: the class beside the rest only where it was written with a class."""
    assert isinstance(network, Model)
    return [first, labels[:, None]] if len(network.input_names) == 2 else [first]


@torch.inference_mode()
def make(
    network: nn.Module, latents: Float[Tensor, "pictures latent"], labels: Int64[Tensor, " pictures"]
) -> UInt8[Tensor, "pictures height width channels"]:
    """Return the pictures that a generator, set to be used, makes of these latents."""
    device = next(network.parameters()).device
    made = [
        to_uint8(network(*given(network, some.to(device), of.to(device))) * 0.5 + 0.5)
        for some, of in zip(latents.split(AT_ONCE), labels.split(AT_ONCE), strict=True)
    ]
    return torch.cat(made)


def generate(
    network: nn.Module, facts: dict[str, Any], *, count: int, label: str | None, seed: int
) -> Iterator[GeneratedImage]:
    """Invent pictures, of one class or of all in turn; picture 5 of seed 7 begins with the same chance in any count.

    Raises UsageError where a class is asked of a generator that was taught none.
    """
    assert isinstance(network, Model)
    names, taught = facts["classes"], len(network.input_names) == 2
    if label is not None and not taught:
        raise UsageError(
            _("This generator was taught no classes, so '{label}' cannot be asked for.", label=label),
            hint=_("type the command without --class"),
        )
    network.eval()
    labels = cycle_classes(count, len(names)) if label is None else torch.full((count,), names.index(label))
    pixels = make(network, sample_latents(count, network.input_shapes[0][0], seed), labels)
    for picture, of in zip(pixels, labels.tolist(), strict=True):
        yield GeneratedImage(picture.numpy(), names[of] if taught else "")


class Question(NamedTuple):
    """What is asked of a generator at a check."""

    labels: Int64[Tensor, " pictures"]  # the classes of the pictures to make, as often as among the real ones
    real: Real


class Real:
    """Real pictures that invented ones are held beside, as an examiner sees them (when first asked)."""

    def __init__(self, examiner: Examiner, images: Subset, classes: Sequence[str], most: int) -> None:
        """Take `most` of the pictures, evenly from all."""
        chosen = torch.linspace(0, len(images) - 1, min(most, len(images))).round().long()
        self.examiner, self.classes = examiner, list(classes)
        self.images = Subset(images.dataset, images.indices[chosen])

    @cached_property
    def seen(self) -> Seen:
        """What the examiner finds in them."""
        return self.examiner.look(self.images.pixels)

    @cached_property
    def moments(self) -> Moments:
        """The moments of their features."""
        return moments(self.seen.features)

    def compare(
        self, made: UInt8[Tensor, "pictures height width channels"], asked: Int64[Tensor, " pictures"]
    ) -> Metrics:
        """Measure pictures that were made: FID, precision, recall and, where there are classes, these.

        `class coverage` is the share of the classes of which the examiner finds at least one among a thousand
        pictures; `class agreement` the share of pictures that it takes for the class they were asked to be.
        """
        seen = self.examiner.look(made)
        distance = frechet_distance(self.moments, moments(seen.features))
        precision, recall = precision_and_recall(
            evenly(self.seen.features, MOST_COMPARED), evenly(seen.features, MOST_COMPARED)
        )
        found = {f"FID ({self.examiner.name})": distance, "precision": precision, "recall": recall}
        if self.examiner.names_classes:
            among = shares(evenly(seen.answers, FOR_COVERAGE), len(self.classes))
            found["class coverage"] = float((among > 0).double().mean())
            found["class agreement"] = float((seen.answers == asked).double().mean())
        return {name: torch.tensor(value) for name, value in found.items()}


def evenly(rows: Tensor, most: int) -> Tensor:
    """Return so many rows at most, evenly from all."""
    return rows[torch.linspace(0, len(rows) - 1, min(most, len(rows))).round().long()]


@dataclass
class Examination:
    """A check as a stream: one batch, which is a question."""

    real: Real
    count: int

    @property
    def samples(self) -> int:
        """Pictures that are asked for."""
        return self.count

    def __len__(self) -> int:
        """One question."""
        return 1

    def batches(self, epoch: int, start: int = 0) -> Iterator[Question]:
        """Ask for pictures of the classes that the real ones have, as often as they."""
        labels = self.real.images.labels
        places = torch.linspace(0, len(labels) - 1, self.count).round().long()
        yield from [Question(labels[places], self.real)][start:]

    def to(self, device: torch.device) -> Examination:
        """Stay: the examiner has its own device."""
        return self

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: it has no position."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""


def examination(examiner: Examiner, parts: Splits, part: Subset, count: int) -> Examination:
    """Return the check beside one part of the pictures, or beside the training part where that one is too small."""
    images = part if len(part) >= min(LEAST_REAL, len(parts.train)) else parts.train
    return Examination(Real(examiner, images, parts.facts["classes"], count), count)
