"""The data report of texts, before training: sentences for people, and a document of the run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.images.report import MAX_STORED, describe_skipped, is_imbalanced
from axone.data.labeled_texts.collection import LabeledTexts
from axone.data.labeled_texts.duplicates import Duplicates
from axone.data.tokens.encoder import EncodedTexts, TextEncoder
from axone.messages import _, plural
from axone.numbers import format_number, format_percent

LONGEST_EXAMPLE = 60  # characters of a text in a sentence
QUANTILES = {"shortest": 0.0, "median": 0.5, "long": 0.95, "longest": 1.0}

Splits = Mapping[str, Int64[Tensor, " _"]]


def describe(
    collection: LabeledTexts, parts: Splits, encoder: TextEncoder, encoded: EncodedTexts, duplicates: Duplicates
) -> list[str]:
    """Return the data report: source, numbers, balance, lengths, vocabulary, duplicates, notes, skipped files."""
    lines = [
        _("{name}: {source}.", name=collection.name, source=collection.source),
        _("{train} training, {validation} validation and {test} test texts.",
          **{part: format_number(len(rows)) for part, rows in parts.items()}),
        describe_balance(collection, parts["train"]),
        *describe_lengths(encoder, encoded, parts),
        *describe_duplicates(collection, duplicates),
    ]  # fmt: skip
    return (
        lines + list(collection.notes) + describe_skipped([(Path(name), reason) for name, reason in collection.skipped])
    )


def build_report(
    collection: LabeledTexts, parts: Splits, encoder: TextEncoder, encoded: EncodedTexts, duplicates: Duplicates
) -> dict[str, Any]:
    """Return the data report as data_report.json stores it."""
    return {
        "version": 1,
        "name": collection.name,
        "source": collection.source,
        "several_labels": collection.has_several_labels,
        "column": collection.column,
        "target": list(collection.target),
        "encodings": collection.encodings,
        "unit": encoder.unit,
        "vocabulary": len(encoder.vocabulary),
        "lengths": {name: quantile(encoded.tokens.lengths, at) for name, at in QUANTILES.items()},
        "parts": {
            part: {"texts": len(rows), "classes": dict(zip(collection.classes, count_labels(collection, rows)))}
            for part, rows in parts.items()
        },
        "equal_texts": [[collection.locate(row) for row in rows] for rows in duplicates.equal[:MAX_STORED]],
        "equal_texts_count": len(duplicates.equal),
        "leaks": duplicates.leaks,
        "conflicts_count": len(duplicates.conflicts),
        "near_duplicates_count": len(duplicates.near),
        "near_duplicates": [
            {"text": collection.locate(pair.text), "training_text": collection.locate(pair.training_text),
             "similarity": pair.similarity}
            for pair in duplicates.near[:MAX_STORED]
        ],
        "compared": duplicates.compared,
        "notes": list(collection.notes),
        "skipped_count": len(collection.skipped),
        "skipped": [{"file": name, "reason": reason} for name, reason in collection.skipped[:MAX_STORED]],
    }  # fmt: skip


def count_labels(collection: LabeledTexts, rows: Int64[Tensor, " _"]) -> list[int]:
    """Return the number of texts of each class among some texts."""
    targets = collection.targets[rows]
    if collection.has_several_labels:
        return [int(count) for count in targets.sum(0).tolist()]
    return torch.bincount(targets, minlength=len(collection.classes)).tolist()


def describe_balance(collection: LabeledTexts, rows: Int64[Tensor, " _"]) -> str:
    """Return how many training texts the classes have."""
    counts = count_labels(collection, rows)
    small, large = counts.index(min(counts)), counts.index(max(counts))
    line = _(
        "{count} classes, from {fewest} training texts ({small}) to {most} ({large}).",
        count=format_number(len(counts)), fewest=format_number(counts[small]), small=collection.classes[small],
        most=format_number(counts[large]), large=collection.classes[large],
    )  # fmt: skip
    if collection.has_several_labels:
        per_text = float(collection.targets[rows].sum(1).mean())
        return line + " " + _("A text has {count} labels on average.", count=format_number(round(per_text, 2)))
    if is_imbalanced([max(count, 1) for count in counts]):
        line += " " + _("The classes are imbalanced: accuracy alone favors the large ones.")
    return line


def describe_lengths(encoder: TextEncoder, encoded: EncodedTexts, parts: Splits) -> list[str]:
    """Return sentences on the lengths of the texts, on what is cut, and on the vocabulary."""
    lengths = encoded.tokens.lengths[torch.cat(list(parts.values()))]
    values = {name: format_number(quantile(lengths, at)) for name, at in QUANTILES.items()}
    is_words = encoder.unit == "words"
    lines = [
        _("Length in words: {shortest} to {longest}, median {median}, 95 % up to {long}.", **values)
        if is_words
        else _("The network reads characters; length: {shortest} to {longest}, median {median}, 95 % up to {long}.",
               **values)
    ]  # fmt: skip
    if cut := int((lengths >= encoder.longest).sum()):
        lines.append(
            plural("{count} text is as long as the limit or longer: its sequence ends at {limit} (--longest).",
                   "{count} texts are as long as the limit or longer: their sequences end at {limit} (--longest).",
                   cut, limit=format_number(encoder.longest))
        )  # fmt: skip
    held_out = [row for part in ("validation", "test") for row in parts[part].tolist()]
    if is_words and held_out:
        tokens = torch.cat([encoded.tokens[row] for row in held_out[:2000]])
        share = float((tokens == 1).float().mean())
        lines.append(_("Vocabulary: {count} words; {share} of the words outside the training set are not in it.",
                       count=format_number(len(encoder.vocabulary)), share=format_percent(share, 1)))  # fmt: skip
    return lines


def describe_duplicates(collection: LabeledTexts, duplicates: Duplicates) -> list[str]:
    """Return what people should know of equal texts and near-duplicates."""
    lines = []
    if extra := sum(len(rows) - 1 for rows in duplicates.equal):
        lines.append(plural("{count} text repeats another (for example {text}).",
                            "{count} texts repeat others (for example {text}).", extra,
                            text=quote_text(collection.texts[duplicates.equal[0][0]])))  # fmt: skip
    if duplicates.conflicts:
        lines.append(
            plural("{count} text occurs with different labels (for example {text}).",
                   "{count} texts occur with different labels (for example {text}).", len(duplicates.conflicts),
                   text=quote_text(collection.texts[duplicates.conflicts[0][0]]))
        )  # fmt: skip
    if leaked := sum(duplicates.leaks.values()):
        lines.append(
            plural("{count} validation or test text is also a training text, which biases the score.",
                   "{count} validation or test texts are also training texts, which biases the score.", leaked)
        )  # fmt: skip
    if duplicates.near:
        pair = duplicates.near[0]
        lines.append(
            plural(
                "{count} validation or test text is nearly a training text (for example {text} and {similar}).",
                "{count} validation or test texts are nearly training texts (for example {text} and {similar}).",
                len(duplicates.near), text=quote_text(collection.texts[pair.text]),
                similar=quote_text(collection.texts[pair.training_text]),
            )
        )  # fmt: skip
    if duplicates.compared < 1:
        lines.append(_("Near-duplicates were looked for in {share} of the texts, to bound the time.",
                       share=format_percent(duplicates.compared, 0)))  # fmt: skip
    return lines


def quote_text(text: str, longest: int = LONGEST_EXAMPLE) -> str:
    """Return the beginning of a text in quotation marks, on one line."""
    line = " ".join(text.split())
    return f"“{line if len(line) <= longest else line[: longest - 1] + '…'}”"


def quantile(lengths: Int64[Tensor, " texts"], at: float) -> int:
    """Return a quantile of lengths."""
    return int(lengths.float().quantile(at)) if len(lengths) < 10_000_000 else int(lengths.max())
