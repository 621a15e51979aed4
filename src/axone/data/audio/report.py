"""The data report of recordings, before training: sentences for people, and a document of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.audio.audio_data import AudioData
from axone.data.images.report import MAX_STORED, count_classes, describe_skipped, is_imbalanced
from axone.data.paths import printable_path
from axone.messages import _, plural
from axone.numbers import format_number

Splits = Mapping[str, Int64[Tensor, " _"]]


def describe(data: AudioData, splits: Splits) -> list[str]:
    """Return the data report: source, numbers, lengths, rates, balance, notes, and what was skipped and why.

    Args:
        data: The recordings.
        splits: The recordings that are used: train, validation, test.
    """
    lines = [
        _("{name}: {source}.", name=data.name, source=data.source),
        _("{train} training, {validation} validation and {test} test recordings.",
          **{name: format_number(len(splits.get(name, ()))) for name in ("train", "validation", "test")}),
    ]  # fmt: skip
    used = torch.cat([*splits.values()]) if splits else torch.zeros(0, dtype=torch.int64)
    if not len(used):
        return lines
    seconds = data.recordings.lengths[used].double() / data.recordings.rate
    lines.append(
        _("Together {total} min; each from {shortest} to {longest} s, half of them up to {median} s.",
          total=format_number(round(float(seconds.sum()) / 60, 1)), shortest=_format(seconds.min()),
          longest=_format(seconds.max()), median=_format(seconds.median()))
    )  # fmt: skip
    lines += _describe_files(data, used)
    if data.has_transcripts:
        symbols = Counter("".join(data.transcripts[index] for index in used.tolist()))
        lines.append(
            _("{count} different symbols in the transcripts; the rarest is {symbol} ({times} times).",
              count=len(symbols), symbol=repr(min(symbols, key=lambda each: symbols[each])),
              times=min(symbols.values()))
        )  # fmt: skip
    elif len(splits.get("train", ())):
        lines += _describe_balance(data, splits["train"])
    lines += data.notes
    lines += _describe_duplicates(data, splits)
    return lines + describe_skipped([(Path(name), reason) for name, reason in data.skipped])


def build_report(data: AudioData, splits: Splits) -> dict[str, Any]:
    """Return the content of `data_report.json`."""
    seconds = data.recordings.lengths.double() / data.recordings.rate
    return {
        "name": data.name,
        "source": data.source,
        "rate": data.recordings.rate,
        "targets": "transcripts" if data.has_transcripts else "classes",
        "seconds": float(seconds.sum()),
        "splits": {
            split: {
                "recordings": len(indices),
                "seconds": float(seconds[indices].sum()),
                **({} if data.has_transcripts else {"classes": dict(zip(
                    data.classes, count_classes(data.labels[indices], len(data.classes)), strict=True))}),
                **({"groups": dict(sorted(Counter(data.groups[index] for index in indices.tolist()).items()))}
                   if data.groups else {}),
            }
            for split, indices in splits.items()
        },
        "formats": dict(Counter(f"{row.format} {row.rate} Hz, {row.channels}, {row.bits}" for row in data.rows)),
        "notes": list(data.notes),
        "skipped_count": len(data.skipped),
        "skipped": [{"file": printable_path(name), "reason": reason} for name, reason in data.skipped[:MAX_STORED]],
        "duplicates_count": len(data.duplicates),
        "duplicates": [[data.recordings.names[index] for index in group] for group in data.duplicates[:MAX_STORED]],
    }  # fmt: skip


def _format(seconds: Tensor) -> str:
    return format_number(round(float(seconds), 2))


def _describe_files(data: AudioData, used: Int64[Tensor, " used"]) -> list[str]:
    """Say what was changed when the files were decoded, and what is wrong with their sound."""
    rows = [data.rows[index] for index in used.tolist()] if data.rows else []
    lines = []
    rates = Counter(row.rate for row in rows if row.rate)
    rate = format_number(data.recordings.rate)
    if len(rates) > 1:
        names = ", ".join(_("{count} of {rate} Hz", count=format_number(rates[each]), rate=format_number(each))
                          for each in sorted(rates))  # fmt: skip
        lines.append(_("The files have several sampling rates ({names}); all are resampled to {rate} Hz.", names=names,
                       rate=rate))  # fmt: skip
    elif rates and next(iter(rates)) != data.recordings.rate:
        own = format_number(next(iter(rates)))
        lines.append(_("The files of {own} Hz are resampled to {rate} Hz.", own=own, rate=rate))
    if count := sum(row.channels > 1 for row in rows):
        lines.append(
            plural("{count} file has several channels; their mean is used.",
                   "{count} files have several channels; their mean is used.", count)
        )  # fmt: skip
    if clipped := [row.name for row in rows if row.clipped]:
        lines.append(
            plural("{count} recording is clipped (its level was too high), for example {name}.",
                   "{count} recordings are clipped (their level was too high), for example {name}.",
                   len(clipped), name=printable_path(clipped[0]))
        )  # fmt: skip
    if replaced := [row.name for row in rows if row.replaced]:
        lines.append(
            plural("{count} recording has samples that are no numbers (NaN or infinite), read as 0: {name}.",
                   "{count} recordings have samples that are no numbers (NaN or infinite), read as 0, for example "
                   "{name}.", len(replaced), name=printable_path(replaced[0]))
        )  # fmt: skip
    return lines


def _describe_balance(data: AudioData, train: Int64[Tensor, " train"]) -> list[str]:
    counts = count_classes(data.labels[train], len(data.classes))
    fewest, most = min(counts), max(counts)
    if fewest == most:
        return [_("{classes} classes, {count} training recordings of each.", classes=len(counts),
                  count=format_number(most))]  # fmt: skip
    sentence = _("{classes} classes, from {fewest} training recordings ({small}) to {most} ({large}).",
                 classes=len(counts), fewest=format_number(fewest), small=data.classes[counts.index(fewest)],
                 most=format_number(most), large=data.classes[counts.index(most)])  # fmt: skip
    if fewest == 0 or is_imbalanced(counts):
        sentence += " " + _("The classes are imbalanced: accuracy alone favors the large ones.")
    return [sentence]


def _describe_duplicates(data: AudioData, splits: Splits) -> list[str]:
    """Say which recordings are both in training and in evaluation, and which have two targets."""
    split_of = {index: split for split, indices in splits.items() for index in indices.tolist()}
    lines = []
    leaks = [
        index
        for group in data.duplicates
        if any(split_of.get(each) == "train" for each in group)
        for index in group
        if split_of.get(index, "train") != "train"
    ]
    if leaks:
        lines.append(
            plural("{count} recording of validation or test is also a training recording, which biases the score (for "
                   "example {name}).",
                   "{count} recordings of validation or test are also training recordings, which biases the score (for "
                   "example {name}).", len(leaks), name=printable_path(data.recordings.names[leaks[0]]))
        )  # fmt: skip
    twofold = [group for group in data.duplicates if len({data.transcripts[index] for index in group}) > 1]
    if twofold:
        names = sorted({data.transcripts[index] for index in twofold[0]})
        lines.append(
            plural("{count} recording has two targets (for example {names}).",
                   "{count} recordings have two targets (for example {names}).", len(twofold),
                   names=_("{one} and {other}", one=names[0], other=names[1]))
        )  # fmt: skip
    return lines
