"""Load a data set of recordings: one with a name, a folder, or a table of files. Each is decoded once.

`load_audio` returns everything: samples, classes or transcripts, groups, splits, and all that people should know
before training (`report.py` turns it into sentences and a document).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.audio.cache import Row
from axone.data.audio.duplicates import find_duplicates
from axone.data.audio.file import LONGEST
from axone.data.audio.files.audio_file import AudioFile
from axone.data.audio.files.decode import choose_rate, decode_files
from axone.data.audio.files.listing import Targets, list_audio
from axone.data.audio.named.download import ensure_spoken_digits
from axone.data.audio.recordings import Recordings
from axone.data.audio.sets import AUDIO_SETS, DEFAULT_RATE, SPOKEN_DIGITS, ensure_generated
from axone.data.audio.splits import hold_out_groups, hold_out_some, select_groups
from axone.data.images.file import printable_path
from axone.data.random import make_generator
from axone.errors import DataError, closest
from axone.messages import _, plural
from axone.progress import Progress, ignore_progress

TEST_FRACTION = 0.15
_STRATA = 3  # of transcripts, by their length


@dataclass(frozen=True)
class AudioData:
    """Recordings with classes or transcripts, ready to train on.

    Args:
        name: What it is called.
        source: Where it came from, for people.
        recordings: The samples.
        classes: The names of the classes, sorted; empty for recordings with transcripts.
        labels: The class of each recording; -1 for recordings with transcripts.
        transcripts: The transcript of each recording, in NFC with single spaces; the name of the class for classes.
        groups: The group of each recording, such as its speaker; empty where there are none.
        splits: "train", "test" and perhaps "validation" (where the data has its own) -> indices of recordings.
        rows: What is known of the file of each recording.
        notes: Sentences for people to read before training.
        skipped: The files that were not used, each with its reason.
        duplicates: Groups of equal recordings (their indices) in two splits, or with two targets.
    """

    name: str
    source: str
    recordings: Recordings
    classes: tuple[str, ...]
    labels: Int64[Tensor, " recordings"]
    transcripts: tuple[str, ...]
    groups: tuple[str, ...]
    splits: Mapping[str, Int64[Tensor, " _"]]
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    duplicates: tuple[tuple[int, ...], ...] = field(default=())

    @property
    def has_transcripts(self) -> bool:
        """Whether the targets are transcripts rather than classes."""
        return not self.classes

    def fingerprint(self) -> str:
        """Return a sha256 of recordings, targets and splits: a resumed run must get the data of its training."""
        digest = hashlib.sha256(repr((self.classes, self.recordings.rate)).encode())
        for split in sorted(self.splits):
            digest.update(f"{split} {len(self.splits[split])}".encode())
            for index in self.splits[split].tolist():
                digest.update(self.recordings.hashes[index].tobytes())
                digest.update(self.transcripts[index].encode())
        return digest.hexdigest()


def load_audio(
    source: str,
    *,
    target: str | None = None,
    targets: Targets | Literal["auto"] = "auto",
    group: str | None = None,
    held_out: Sequence[str] = (),
    rate: int | None = None,
    longest: float = LONGEST,
    test_fraction: float = TEST_FRACTION,
    seed: int = 0,
    limit: int = 0,
    whole: bool = False,
    classes: Sequence[str] | None = None,
    progress: Progress = ignore_progress,
) -> AudioData:
    """Load a data set of recordings.

    Args:
        source: The name of a data set of `AUDIO_SETS`, a folder CLASS/*.wav (perhaps in train, val and test), a folder
            of files whose names contain their class, or a CSV (or Parquet ...) file of paths and labels or transcripts.
        target: The column of the labels or transcripts; or, for a folder, a pattern of the file names such as
            "{label}_*". None: found.
        targets: Whether targets are classes or transcripts; "auto": what the data suggest. Names of classes may be
            transcripts too.
        group: The column of the groups, such as the speaker; or a pattern such as "*_{group}_*". None: none.
        held_out: Groups that become the test set. Empty with groups: whole groups are drawn for it.
        rate: The sampling rate in Hz; None: the most frequent one of the files, at most 16,000.
        longest: Recordings that are longer, in seconds, are left out.
        test_fraction: The fraction that becomes the test set of data without one.
        seed: The seed of that split.
        limit: Use this many training recordings at most, drawn at random; 0: all.
        whole: Whether all of it will be evaluated, whatever its division: everything is then in "test".
        classes: The classes in their order, when a run knows them already; recordings of others are left out.
        progress: Counts recordings.

    Raises:
        DataError: There is no such source, it cannot be used, or more than 5 % of its files are unusable.
        ResourceError: It may not be read, does not fit on the disk, or a library is missing.
    """
    data, own_splits = _read(source, target, targets, group, rate, longest, whole, progress)
    if classes is not None and not data.has_transcripts:
        data, own_splits = _match_classes(data, own_splits, classes)
    data = _add_splits(data, own_splits, held_out, 0.0 if whole else test_fraction, seed)
    if whole:
        empty = torch.zeros(0, dtype=torch.int64)
        data = replace(data, splits={"train": empty, "test": torch.arange(len(data.recordings))})
    elif limit and limit < len(data.splits["train"]):
        order = torch.randperm(len(data.splits["train"]), generator=make_generator("limit", seed))
        data = replace(data, splits={**data.splits, "train": data.splits["train"][order[:limit].sort().values]})
    return replace(data, duplicates=find_duplicates(data.recordings.hashes, data.transcripts, data.splits))


def hold_out(
    data: AudioData, indices: Int64[Tensor, " _"], fraction: float, seed: int
) -> tuple[Int64[Tensor, " kept"], Int64[Tensor, " held_out"]]:
    """Split some recordings of a data set, for example into training and validation: whole groups where it has groups.

    Otherwise the fraction is taken of each class, or of each third of the transcripts by length. Equal recordings stay
    in one part. With a single group left, the fraction is taken as without groups.
    """
    groups = [data.groups[index] for index in indices.tolist()] if data.groups else []
    if fraction == 0 or not len(indices):
        out = torch.zeros(len(indices), dtype=torch.bool)
    elif len(set(groups)) > 1:
        out = hold_out_groups(groups, fraction, seed)
    else:
        strata = data.labels[indices]
        if data.has_transcripts:
            lengths = torch.tensor([len(data.transcripts[index]) for index in indices.tolist()])
            strata = lengths.argsort(stable=True).argsort(stable=True) * _STRATA // max(1, len(indices))
        out = hold_out_some(strata, data.recordings.hashes[indices.numpy()], fraction, seed)
    return indices[~out], indices[out]


def _read(
    source: str,
    target: str | None,
    targets: Targets | Literal["auto"],
    group: str | None,
    rate: int | None,
    longest: float,
    whole: bool,
    progress: Progress,
) -> tuple[AudioData, list[str]]:
    """Return the data without splits, and the split of each recording where the data says one ("" otherwise)."""
    if source in AUDIO_SETS and source != SPOKEN_DIGITS:
        cache = ensure_generated(source, rate or DEFAULT_RATE, progress)
        files = [AudioFile(Path(row.name), row.name, row.target, "", row.group) for row in cache.rows]
        kind = AUDIO_SETS[source].targets if targets == "auto" else targets
        place, notes, skipped = _("generated by Axone"), [], []
    else:
        if source == SPOKEN_DIGITS:
            root, target, group = ensure_spoken_digits(progress), target or "{label}_*", group
        else:
            root = Path(source).expanduser()
            if not root.exists():
                raise _no_source(source)
        listing = list_audio(root, target, group, whole=whole)
        kind = listing.targets if targets == "auto" else targets
        rate = rate or choose_rate([file.path for file in listing.files])
        cache = decode_files(root, listing.files, listing.skipped, rate, longest, progress)
        files = [listing.files[row.source] for row in cache.rows]
        if source == SPOKEN_DIGITS:
            files = [file._replace(split=_official_split(file.name)) for file in files]
        place = _("the folder {path}", path=printable_path(root.resolve())) if root.is_dir() else _(
            "the file {path}", path=printable_path(root.resolve())
        )  # fmt: skip
        notes, skipped = listing.notes, [*listing.skipped, *cache.skipped]
    if kind == "classes":
        names = tuple(sorted({file.target for file in files}))
        if len(names) < 2 and not whole:
            raise DataError(
                _("All recordings have the same label: {name}.", name=names[0]), expected=_("expected at least 2")
            )
    else:
        names = ()
    numbers = {name: number for number, name in enumerate(names)}
    groups = tuple(file.group for file in files)
    data = AudioData(
        printable_path(Path(source).name),
        place,
        cache.recordings,
        names,
        torch.tensor([numbers.get(file.target, -1) for file in files], dtype=torch.int64),
        tuple(file.target for file in files),
        groups if any(groups) else (),
        {},
        cache.rows,
        tuple(notes),
        tuple(skipped),
    )
    return data, [file.split for file in files]


def _official_split(name: str) -> str:
    """Return the split of a recording of the free spoken digits: takes 0 to 4 are the test set."""
    take = name.rpartition(".")[0].rpartition("_")[2]
    return "test" if take in ("0", "1", "2", "3", "4") else "train"


def _match_classes(data: AudioData, own_splits: list[str], classes: Sequence[str]) -> tuple[AudioData, list[str]]:
    """Return the recordings of known classes, with the numbers of those classes."""
    numbers = {name: number for number, name in enumerate(classes)}
    known = torch.tensor([text in numbers for text in data.transcripts], dtype=torch.bool)
    rows = known.nonzero().flatten().tolist()
    if not rows:
        raise DataError(
            _("None of the classes of '{name}' is one that the run knows.", name=data.name),
            expected=_("expected some of: {choices}", choices=", ".join(classes)),
        )
    notes = data.notes
    if unknown := len(data.transcripts) - len(rows):
        names = sorted(set(data.transcripts) - set(classes))
        notes = (
            *notes,
            plural("{count} recording of classes that the run does not know is left out: {names}.",
                   "{count} recordings of classes that the run does not know are left out: {names}.",
                   unknown, names=", ".join(names[:10])),
        )  # fmt: skip
    selected = data if len(rows) == len(data.transcripts) else _select(data, rows)
    labels = torch.tensor([numbers[text] for text in selected.transcripts], dtype=torch.int64)
    return replace(selected, classes=tuple(classes), labels=labels, notes=notes), [own_splits[i] for i in rows]


def _select(data: AudioData, indices: list[int]) -> AudioData:
    """Return some recordings of a data set that has no splits yet."""
    return replace(
        data,
        recordings=data.recordings.select(indices),
        labels=data.labels[indices],
        transcripts=tuple(data.transcripts[index] for index in indices),
        groups=tuple(data.groups[index] for index in indices) if data.groups else (),
        rows=tuple(data.rows[index] for index in indices),
    )


def _add_splits(
    data: AudioData, own_splits: list[str], held_out: Sequence[str], fraction: float, seed: int
) -> AudioData:
    """Return the data with its splits: groups that are named, those that it has, else a part that is held out."""
    everything = torch.arange(len(data.recordings))
    notes: list[str] = []
    if held_out:
        if not data.groups:
            raise DataError(
                _("These recordings have no groups, so that none can be held out."),
                hint=_("name the groups first: {command}", command="--group '*_{group}_*'"),
            )
        out = select_groups(data.groups, held_out)
        splits = {"train": everything[~out], "test": everything[out]}
        notes.append(_("The test set is of groups that training does not contain: {names}.", names=", ".join(held_out)))
    elif any(own_splits):
        splits = {
            split: torch.tensor([i for i, own in enumerate(own_splits) if (own or "train") == split], dtype=torch.int64)
            for split in ("train", "validation", "test")
        }
        if not len(splits["validation"]):
            del splits["validation"]
        if not len(splits["test"]) and fraction:
            splits["train"], splits["test"] = hold_out(data, splits["train"], fraction, seed)
    else:
        train, test = hold_out(data, everything, fraction, seed)
        splits = {"train": train, "test": test}
        if len(test) and data.groups:
            names = sorted({data.groups[index] for index in test.tolist()})
            notes.append(
                plural("The test set is of {count} group that training does not contain: {names}.",
                       "The test set is of {count} groups that training does not contain: {names}.",
                       len(names), names=", ".join(names[:8]) + (", ..." if len(names) > 8 else ""))
            )  # fmt: skip
        elif len(test):
            notes.append(
                plural(
                    "There is no test set: {count} recording was held out of training to test on (seed {seed}).",
                    "There is no test set: {count} recordings were held out of training to test on (seed {seed}).",
                    len(test), seed=seed,
                )
            )  # fmt: skip
    return replace(data, splits=splits, notes=(*data.notes, *notes))


def _no_source(source: str) -> DataError:
    near = closest(source, AUDIO_SETS)
    return DataError(
        _("There is no folder or file '{path}' and no data set of that name.", path=printable_path(source))
        + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
        expected=_("expected a folder, a CSV file, or one of: {choices}", choices=", ".join(AUDIO_SETS)),
    )
