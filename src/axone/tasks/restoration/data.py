"""Undoing what was done to pictures: from clean pictures, or pairs of folders, to an experiment.

What differs, the network and its loss, stays in the system's own file. Pictures are never resized: that would change
the noise. They are shown whole where they are small, and in pieces where they are larger than `image_size`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.datasets.registry import DATASETS
from axone.data.images.collection import ImageCollection
from axone.data.images.file import printable_path
from axone.data.images.full_size import read_full_size
from axone.data.images.load import load_images
from axone.data.images.noise import Noise
from axone.data.images.patches import PatchStream
from axone.data.images.report import MOST_KEPT, describe, describe_skipped, document
from axone.data.split import stratified_split
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.errors import DataError
from axone.messages import _
from axone.numbers import number
from axone.progress import count_progress
from axone.tasks.restoration.figures import make_figures
from axone.tasks.restoration.settings import RestorationSettings

SMALLEST = 16  # side of a piece: SSIM wants 11 pixels, and smaller pictures are mirrored
TEST_SHARE = 0.15  # of a folder without a test part
EPOCH = 40_000_000  # pixels of an epoch, where pictures are cut in pieces
CHECK_PIXELS = 400_000  # of a batch to measure on
MEASURED = 8_000_000  # pixels that are measured at a check, at most
PARTS = ("train", "validation", "test")
NOTHING = torch.zeros(0, dtype=torch.int64)

Members = Int64[Tensor, " _"]  # indices of a gallery


@dataclass(frozen=True)
class Source:
    """Pictures as they were found, divided into parts; `noisy` are their partners, where there are some."""

    clean: dict[str, ImageCollection]  # where each part lies
    noisy: dict[str, ImageCollection]  # empty where there are no partners
    members: dict[str, Members]
    name: str
    notes: list[str]
    report: dict[str, Any]


def experiment(
    settings: RestorationSettings, context: BuildContext, learner: Callable[[dict[str, Any]], Learner]
) -> Experiment:
    """Read the pictures that the settings name, and let `learner(facts)` learn to clean them.

    Raises DataError, ResourceError.
    """
    known = context.facts
    channels = None if known is None else int(known["input"][0])
    found = read(settings, context, channels)
    members = divide(found.members, settings)
    train = found.clean["train"]
    shorter = torch.minimum(train.heights, train.widths)[members["train"]]
    side = max(SMALLEST, min(settings.image_size, int(shorter.median())))
    facts = {
        "task": "restoration",
        "input": [train.channels, side, side],
        "samples": {part: len(some) for part, some in members.items()},
        "source": found.name,
        "fingerprint": fingerprint(found, members),
    }
    area = side * side
    noise = Noise(settings.noise, settings.noise_level[0], settings.noise_level[-1])

    def stream(part: str, **options: Any) -> PatchStream:
        spoilt = found.noisy.get(part, noise)
        return PatchStream(found.clean[part], members[part], spoilt, side=side, seed=settings.seed, **options)

    def measured(name: str) -> PatchStream | None:
        if not len(members[name]):
            return None
        return stream(name, batch_size=max(1, CHECK_PIXELS // area), evaluation=name, max_patches=MEASURED // area)

    made = stream("train", batch_size=settings.batch_size, min_patches=settings.pieces or EPOCH // area)
    return Experiment(
        learner=learner(facts),
        train=made,
        validation=measured("validation"),
        test=measured("test"),
        facts=facts,
        monitor="psnr",
        notes=[*found.notes, *_notes(made, members, settings)],
        report=found.report,
        figures=lambda made, final: make_figures(made, settings, final),
    )


def read(settings: RestorationSettings, context: BuildContext, channels: int | None) -> Source:
    """Read a known set, pictures from Python, a folder, or a pair of folders. Raises DataError, ResourceError."""
    source = context.source(settings.data)
    by_name = settings.data in DATASETS or settings.data == "" or not isinstance(source, str)
    if settings.noisy:
        if by_name:
            raise DataError(
                _("--noisy needs --data to be a folder, not '{name}'.", name=settings.data),
                hint=_("type: --data clean/ --noisy noisy/"),
            )
        return _folder(Path(settings.data).expanduser(), Path(settings.noisy).expanduser(), channels, context)
    if not by_name and Path(settings.data).expanduser().exists():
        return _folder(Path(settings.data).expanduser(), None, channels, context)
    images = load_images(  # or says what is wrong
        source,
        channels=channels,
        seed=settings.seed,
        labeled=False,
        progress=count_progress(context.progress, _("loading the data")),
    )
    parts = {"train": images.train, "test": images.test}
    train, test = (ImageCollection.from_dataset(some.dataset) for some in parts.values())
    if not len(images.test):  # it will be held out of the training pictures
        test = train
    members = {part: some.indices for part, some in parts.items()}
    clean = {"train": train, "validation": train, "test": test}
    return Source(clean, {}, members, images.source, describe(images), document(images, parts))


def _folder(root: Path, partner: Path | None, channels: int | None, context: BuildContext) -> Source:
    progress = count_progress(context.progress, _("loading the data"))
    found = read_full_size(root, partner, channels=channels, progress=progress)
    whole = found.clean
    source = _("the folder {path}", path=printable_path(root.resolve()))
    notes = [_("{name}: {source}.", name=printable_path(root.resolve().name), source=source)]
    areas = whole.heights * whole.widths
    small, large = (f"{int(whole.widths[i])} x {int(whole.heights[i])}" for i in (areas.argmin(), areas.argmax()))
    if small != large:
        notes.append(_("The files have from {small} to {large} pixels.", small=small, large=large))
    notes += [*found.notes, *describe_skipped(found.skipped)]
    clean, noisy = (dict.fromkeys(PARTS, each) if each else {} for each in (whole, found.noisy))
    report = {
        "version": 1,
        "name": printable_path(root.resolve().name),
        "source": source,
        "channels": whole.channels,
        "parts": {part: {"images": len(members)} for part, members in found.splits.items()},
        "notes": found.notes,
        "skipped_count": len(found.skipped),
        "skipped": [{"file": printable_path(path), "reason": reason} for path, reason in found.skipped[:MOST_KEPT]],
    }
    return Source(clean, noisy, found.splits, source, notes, report)


def divide(parts: dict[str, Members], settings: RestorationSettings) -> dict[str, Members]:
    """Hold out what the data bring no part for: a test set, then pictures to check progress on."""

    def held_out(share: float) -> tuple[Tensor, Tensor]:
        kept, out = stratified_split(torch.zeros(len(train), dtype=torch.int64), share, settings.seed)
        return train[kept], train[out]

    train, validation, test = (parts.get(part, NOTHING) for part in PARTS)
    if not len(test):
        train, test = held_out(TEST_SHARE)
    if settings.limit:
        order = torch.randperm(len(train), generator=torch.Generator().manual_seed(settings.seed))
        train = train[order[: settings.limit]]
    if not len(validation):
        train, validation = held_out(settings.validation)
    return dict(zip(PARTS, (train, validation, test)))


def fingerprint(found: Source, members: dict[str, Members]) -> str:
    """Return a sha256 over the pictures and their partners: a resumed run must find what it was trained on."""
    galleries = {id(each): each for each in (*found.clean.values(), *found.noisy.values())}
    digest = hashlib.sha256("".join(each.fingerprint() for each in galleries.values()).encode())
    for some in members.values():
        digest.update(some.numpy().data)
    return digest.hexdigest()


def _notes(train: PatchStream, members: dict[str, Members], settings: RestorationSettings) -> list[str]:
    """Say how the pictures are used."""
    counts = {part: number(len(some)) for part, some in members.items()}
    notes = [_("Learned from {train} pictures, checked on {validation}, tested on {test}.", **counts)]
    if not len(members["validation"]):
        notes.append(_("There are too few to hold any out: progress is judged on the training pictures themselves."))
    if not train.whole_images:
        notes.append(
            _(
                "Pieces of {side} x {side} pixels are cut from them, {count} in an epoch.",
                side=train.side,
                count=number(train.patches),
            )
        )
    if settings.noisy:
        notes.append(_("The noise is that of the pairs: --noise and --noise-level are not used."))
    else:
        kinds = ", ".join(_(kind) for kind in settings.noise)
        low, high = settings.noise_level[0], settings.noise_level[-1]
        levels = f"{low:g}" if low == high else _("{low} to {high}", low=f"{low:g}", high=f"{high:g}")
        notes.append(_("Noise, drawn afresh at each step: {kinds}, level {levels}.", kinds=kinds, levels=levels))
    return notes
