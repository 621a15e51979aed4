"""Two kinds of pictures, divided: folders of the user's own, or outlines and the pictures that they were drawn from.

Pairs are files of the same name in both folders. Without `--to` the first kind is made from the second (see
`data/images/edges.py`); the networks then learn from halves that share no picture, unless they are to learn from pairs,
and the true answers are known for those that are held out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.images.dataset import ImageDataset, Subset
from axone.data.images.edges import detect_edges
from axone.data.images.load import ImageData, load_images
from axone.data.images.pairs import PairStream
from axone.data.images.report import MAX_LISTED
from axone.data.images.stream import ImageStream, ImageTransform
from axone.data.random import make_generator, stable_seed
from axone.engine.context import BuildContext
from axone.errors import DataError, SettingsError
from axone.messages import _, plural
from axone.tasks.images.settings import ImageDataSettings
from axone.tasks.images.splits import EVAL_BATCH_SIZE, Splits, compute_fingerprint, make_splits

HALF = ((0.5,), (0.5,))  # mean and deviation: pixels count from -1 to 1, as the generators' tanh does
STEP = 4  # the generators halve a picture's side twice
SMALLEST = 16  # pixels: the discriminators look at patches of about this side


@dataclass(frozen=True)
class TwoSides:
    """Streams of both kinds together, and what was found in them."""

    train: PairStream
    validation: PairStream | None
    test: PairStream | None
    facts: dict[str, Any]  # input, mean, std, truth, sides, samples, source, fingerprint
    notes: list[str]
    report: dict[str, Any]


def read_sides(settings: ImageDataSettings, context: BuildContext, to: str, paired: bool) -> TwoSides:
    """Read what `settings.data` names and what `to` names, at one size. Raises DataError, SettingsError."""
    if settings.image_size % STEP or 0 < settings.image_size < SMALLEST:
        raise SettingsError(
            _("{name} cannot be '{value}'.", name="image_size", value=settings.image_size),
            expected=_("expected a multiple of {number}, {least} or more", number=STEP, least=SMALLEST),
        )
    if not to:
        return _from_outlines(settings, context, paired)
    data = _alike(settings, context, (context.source(settings.data), to))
    one, other = (make_splits(settings, each, HALF) for each in data)
    notes = [_("From:"), *one.notes, _("To:"), *other.notes]
    if paired:
        one, other, lost = _matched(one, other)
        notes += lost
    return _joined(settings, one, other, notes, paired=paired, truth=paired)


def _from_outlines(settings: ImageDataSettings, context: BuildContext, paired: bool) -> TwoSides:
    (data,) = _alike(settings, context, (context.source(settings.data),))
    other = make_splits(settings, data, HALF)
    shown, wanted = other.train, other.train
    notes = [*other.notes, _("Outlines of these pictures are translated into the pictures, and back.")]
    if not paired and len(shown) > 1:
        order = torch.randperm(len(shown), generator=make_generator("halves", settings.seed))
        half, rest = (part.sort().values for part in order.chunk(2))
        shown, wanted = Subset(shown.dataset, shown.indices[half]), Subset(shown.dataset, shown.indices[rest])
        notes.append(_("The outlines and the pictures to learn from come from different halves: no pair is shown."))
    one = replace(other, train=_drawn(shown), validation=_drawn(other.validation), test=_drawn(other.test))
    other = replace(other, train=wanted)
    return _joined(settings, one, other, notes, paired=paired, truth=True)


def _drawn(images: Subset) -> Subset:
    """Return the outlines of some pictures, in their order."""
    return Subset.all(ImageDataset.from_pixels(detect_edges(images.pixels), images.labels))


def _alike(settings: ImageDataSettings, context: BuildContext, sources: Sequence[Any]) -> list[ImageData]:
    """Read each source at one size, a multiple of `STEP`, and with one number of channels."""

    def read(source: Any, size: int | None, channels: int | None) -> ImageData:
        return load_images(
            source, size=size, channels=channels, seed=settings.seed, labeled=False, progress=context.progress
        )

    known = context.facts
    if known is not None:  # the weights of a run await these pictures: as it saw its own
        channels, side, _width = known["input"]
        return [read(source, side, channels) for source in sources]
    found = [read(source, settings.image_size or None, None) for source in sources]
    channels = max(data.train.shape[2] for data in found)
    side = min(min(data.train.shape[:2]) for data in found)
    side = max(SMALLEST, side - side % STEP)
    return [
        data if data.train.shape == (side, side, channels) else read(source, side, channels)
        for source, data in zip(sources, found, strict=True)
    ]


def _matched(one: Splits, other: Splits) -> tuple[Splits, Splits, list[str]]:
    """Keep the pictures of each part that have a partner of the same name, in the same order on both sides."""
    if any(side.train.dataset.file_name is None for side in (one, other)):
        raise DataError(_("Pairs are found by the names of files: both sides must be folders."))
    partner = {
        _name(images, member): member
        for images in (other.train, other.validation, other.test)
        for member in images.indices.tolist()
    }
    lost: list[str] = []
    kept: dict[str, tuple[Subset, Subset]] = {}
    for part in ("train", "validation", "test"):
        images: Subset = getattr(one, part)
        own, partners = [], []
        for member in images.indices.tolist():
            name = _name(images, member)
            if name in partner:
                own.append(member)
                partners.append(partner.pop(name))
            else:
                lost.append(name)
        kept[part] = Subset(images.dataset, _index(own)), Subset(other.train.dataset, _index(partners))
    lost += sorted(partner)
    if not any(len(images) for images, _other in kept.values()):
        raise DataError(
            _("No picture of the one folder has a partner of the same name in the other: {names}.",
              names=", ".join(lost[:3])),
            expected=_("expected pairs such as {one} and {other}", one="A/001.png", other="B/001.png"),
            hint=_("without pairs: --preset default"),
        )  # fmt: skip
    notes = []
    if lost:
        notes.append(
            plural(
                "{count} picture has no partner of the same name and is not used: {names}.",
                "{count} pictures have no partner of the same name and are not used: {names}.",
                len(lost),
                names=", ".join(lost[:MAX_LISTED]) + (", ..." if len(lost) > MAX_LISTED else ""),
            )
        )
    ours, theirs = ({part: pair[side] for part, pair in kept.items()} for side in (0, 1))
    return _with(one, ours), _with(other, theirs), notes


def _with(parts: Splits, images: dict[str, Subset]) -> Splits:
    return replace(parts, train=images["train"], validation=images["validation"], test=images["test"])


def _name(images: Subset, member: int) -> str:
    """Return the name by which a picture is paired: its path in the folder, without what kind of file it is."""
    return str(PurePath(images.dataset.name(member)).with_suffix(""))


def _index(members: list[int]) -> Int64[Tensor, " members"]:
    return torch.tensor(members, dtype=torch.int64)


def _joined(
    settings: ImageDataSettings, one: Splits, other: Splits, notes: list[str], *, paired: bool, truth: bool
) -> TwoSides:
    """Put both sides into streams; unpaired, each has an order of its own."""
    for name, images in ((_("From:"), one.train), (_("To:"), other.train)):
        if not len(images):
            raise DataError(_("{side} no picture is left to learn from.", side=name))
    seed = settings.seed if paired else stable_seed("other side", settings.seed)

    def measured(part: str) -> PairStream | None:
        both = [getattr(side, part) for side in (one, other)]
        if not all(map(len, both)):
            return None
        normalization = ImageTransform(one.facts["mean"], one.facts["std"])
        streams = [
            ImageStream(images, batch_size=EVAL_BATCH_SIZE, shuffle=False, transform=normalization) for images in both
        ]
        return PairStream(*streams)

    facts = {
        "task": "translation",
        "input": one.facts["input"],
        "mean": one.facts["mean"],
        "std": one.facts["std"],
        "truth": truth,
        "samples": {
            side: {part: len(getattr(images, part)) for part in ("train", "validation", "test")}
            for side, images in (("from", one), ("to", other))
        },
        "source": [one.facts["source"], other.facts["source"]],
        "fingerprint": compute_fingerprint(one.train, other.train, one.test, other.test),
    }
    train = PairStream(
        one.training_stream(), replace(other, settings=settings.model_copy(update={"seed": seed})).training_stream()
    )
    report = {"version": 1, "from": one.report, "to": other.report}
    return TwoSides(train, measured("validation"), measured("test"), facts, notes, report)
