"""Read the recordings that `--data` names, split them, and turn their targets into classes or symbols.

source -> AudioData -> splits (train, validation, test) -> streams of log-mel features
                    -> classes, or the symbols of the training transcripts; recordings too short for theirs are refused
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.audio.audio_data import AudioData
from axone.data.audio.augment import Augmentation
from axone.data.audio.features import LogMel, band_count
from axone.data.audio.load import load_audio
from axone.data.audio.report import build_report, describe
from axone.data.audio.splits import hold_out
from axone.data.audio.stream import AudioStream
from axone.engine.context import BuildContext
from axone.errors import DataError
from axone.messages import _, plural
from axone.numbers import format_number
from axone.tasks.speech.settings import SpeechSettings
from axone.tasks.speech.transcripts.symbols import count_needed_steps, encode_symbols, list_symbols

CLASSES, SYMBOLS = "recording-classification", "transcription"
MOST_REFUSED = 0.05  # fraction of the recordings that may be too short for their transcripts
EVALUATION_BATCH = 64


@dataclass(frozen=True)
class SpeechData:
    """Recordings with their splits and targets, ready to train on."""

    audio: AudioData
    targets: Int64[Tensor, " recordings"] | list[Tensor]  # classes; or the symbols of each
    splits: dict[str, Int64[Tensor, " _"]]
    facts: dict[str, Any]  # task, classes or symbols, rate, bands, stride, frames, samples, source, fingerprint
    notes: list[str]
    report: dict[str, Any]

    def training_stream(self, settings: SpeechSettings) -> AudioStream:
        """Return shuffled, augmented batches of the training set."""
        return AudioStream(
            self.audio.recordings,
            self.targets,
            indices=self.splits["train"],
            batch_size=settings.batch_size,
            seed=settings.seed,
            drop_last=True,
            bands=self.facts["bands"],
            augmentation=choose_augmentation(settings),
        )

    def evaluation_stream(self, split: str) -> AudioStream | None:
        """Return the batches of a split, unchanged and in order; None when the split is empty."""
        if not len(self.splits[split]):
            return None
        return AudioStream(
            self.audio.recordings,
            self.targets,
            indices=self.splits[split],
            batch_size=EVALUATION_BATCH,
            shuffle=False,
            bands=self.facts["bands"],
        )


def choose_augmentation(settings: SpeechSettings) -> Augmentation:
    """Return how the training stream changes recordings."""
    steps = (-1.0, -0.5, 0.0, 0.5, 1.0)
    return Augmentation(
        speeds=tuple(1 + settings.speed * step for step in steps) if settings.speed else (1.0,),
        noise=settings.noise,
        time_masks=settings.masks,
        band_masks=settings.masks,
    )


def read_recordings(
    settings: SpeechSettings, context: BuildContext, choose_stride: Callable[[float], int]
) -> SpeechData:
    """Read and split the recordings that `settings.data` names.

    With `context.facts`, targets are read as in the run that these facts describe.

    Args:
        settings: The settings of the system.
        context: The circumstances of the build.
        choose_stride: Returns how many frames become one step of CTC, for a number of frames per symbol.

    Raises:
        DataError: There are no such recordings, they cannot be used, or too many are shorter than their transcripts.
        ResourceError: They may not be read, or a library is missing.
    """
    known = context.facts
    targets = {"auto": "auto", "classes": "classes", "symbols": "transcripts"}[settings.task]
    if known:
        targets = "classes" if known["task"] == CLASSES else "transcripts"
    audio = load_audio(
        context.source(settings.data),
        target=settings.target,
        targets=targets,  # type: ignore[arg-type]
        group=settings.group,
        held_out=[name.strip() for name in settings.held_out.split(",") if name.strip()],
        rate=known["rate"] if known else settings.rate or None,
        longest=settings.longest,
        test_fraction=settings.test,
        seed=settings.seed,
        limit=0 if context.whole else settings.limit,
        whole=context.whole,
        classes=known["classes"] if known and known["task"] == CLASSES else None,
        progress=context.progress,
    )
    splits = _split(audio, settings, context)
    bands = known["bands"] if known else settings.bands or band_count(audio.recordings.rate)
    counts = LogMel(audio.recordings.rate, bands).count_frames(audio.recordings.lengths)
    facts: dict[str, Any] = {
        "task": SYMBOLS if audio.has_transcripts else CLASSES,
        "classes": list(audio.classes),
        "rate": audio.recordings.rate,
        "bands": bands,
        "frames": known["frames"] if known else int(counts.double().median()),
        "source": audio.source,
    }
    notes: list[str] = []
    encoded: Any = audio.labels
    if audio.has_transcripts:
        symbols = known["symbols"] if known else list_symbols(audio.transcripts[i] for i in splits["train"].tolist())
        encoded = [encode_symbols(text, symbols) for text in audio.transcripts]
        frames_per_symbol = float((counts / torch.tensor([max(1, len(each)) for each in encoded])).median())
        stride = known["stride"] if known else choose_stride(frames_per_symbol)
        facts |= {"symbols": symbols, "stride": stride}
        splits, refused = _refuse_short(audio, splits, encoded, counts, stride, settings.speed)
        notes += refused + _describe_unseen(audio, splits, symbols)
    facts["samples"] = {split: len(indices) for split, indices in splits.items()}
    facts["fingerprint"] = audio.fingerprint()
    if context.whole:
        context.notify(plural("{count} recording is measured: {source}.", "All {count} recordings are measured: "
                              "{source}.", len(splits["test"]), source=audio.source))  # fmt: skip
    return SpeechData(audio, encoded, splits, facts, [*describe(audio, splits), *notes], build_report(audio, splits))


def _split(audio: AudioData, settings: SpeechSettings, context: BuildContext) -> dict[str, Int64[Tensor, " _"]]:
    """Return the recordings of the splits "train", "validation" and "test"."""
    train, validation = audio.splits["train"], audio.splits.get("validation")
    if validation is None and context.whole:
        validation = train[:0]
    elif validation is None:
        train, validation = hold_out(audio, train, settings.validation, settings.seed)
    return {"train": train, "validation": validation, "test": audio.splits["test"]}


def _refuse_short(
    audio: AudioData,
    splits: dict[str, Int64[Tensor, " _"]],
    encoded: list[Tensor],
    frames: Int64[Tensor, " recordings"],
    stride: int,
    speed: float,
) -> tuple[dict[str, Int64[Tensor, " _"]], list[str]]:
    """Return the splits without recordings that have fewer steps than their transcripts need, and sentences on them.

    Training recordings are played faster at times and must be long enough then, too.
    """
    steps = -(-(frames / (1 + speed)).floor().long() // stride)
    needed = torch.tensor([count_needed_steps(each) for each in encoded])
    short = steps < needed
    used = torch.cat([*splits.values()])
    refused = used[short[used]]
    if not len(refused):
        return splits, []
    first = int(refused[0])
    what = plural(
        "{count} recording is too short for its transcript, for example {name}: {symbols} symbols need {needed} steps, "
        "and it has {steps} (of {stride} frames).",
        "{count} recordings are too short for their transcripts, for example {name}: {symbols} symbols need {needed} "
        "steps, and it has {steps} (of {stride} frames).",
        len(refused), name=audio.recordings.names[first], symbols=format_number(len(encoded[first])),
        needed=format_number(int(needed[first])), steps=format_number(int(steps[first])), stride=stride,
    )  # fmt: skip
    if len(refused) > MOST_REFUSED * len(used):
        hint = _("correct the transcripts") if stride == 1 else _("type: --stride {stride}", stride=stride // 2)
        raise DataError(what, hint=hint)
    return {split: indices[~short[indices]] for split, indices in splits.items()}, [
        what + " " + _("They are left out.") if len(refused) > 1 else what + " " + _("It is left out.")
    ]


def _describe_unseen(audio: AudioData, splits: dict[str, Int64[Tensor, " _"]], symbols: list[str]) -> list[str]:
    """Name the symbols of validation and test transcripts that training does not contain."""
    held_out = [index for split in ("validation", "test") for index in splits[split].tolist()]
    unseen = sorted(set("".join(audio.transcripts[index] for index in held_out)) - set(symbols))
    if not unseen:
        return []
    return [_("The training transcripts do not contain these symbols of the others, which cannot be recognized: "
              "{symbols}.", symbols=" ".join(unseen))]  # fmt: skip
