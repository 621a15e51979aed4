"""From a corpus to the symbols of its training and validation parts, and what people should know about them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from axone.data.random import make_generator
from axone.data.text.corpus import Corpus, read_corpus
from axone.data.text.files import TextFile
from axone.data.text.vocabulary import (
    BOUNDARY,
    UNKNOWN,
    CharacterVocabulary,
    PieceVocabulary,
    Symbols,
    read_vocabulary,
)
from axone.data.text.windows import EvaluationWindows, TrainingWindows
from axone.engine.context import BuildContext
from axone.errors import DataError
from axone.messages import _, plural
from axone.numbers import format_number, format_percent
from axone.tasks.language.settings import LanguageSettings

MOST_HELD_OUT = 250_000  # bytes of validation text: enough to measure to the third digit
FEW_CHARACTERS = 20_000  # below which a model memorizes the text
LISTED = 5  # skipped files in the notes

Vocabulary = CharacterVocabulary | PieceVocabulary


@dataclass(frozen=True)
class LanguageData:
    """A corpus as symbols.

    Args:
        vocabulary: The symbols.
        train: The training text; empty when all of the data are evaluated.
        held_out: The validation text, or all of the text that is evaluated; no symbols where there is none.
        train_texts: The training documents in UTF-8.
        held_out_texts: The held-out documents in UTF-8.
        facts: What the model needs at inference.
        notes: Sentences for people.
        report: The data report.
    """

    vocabulary: Vocabulary
    train: Symbols
    held_out: Symbols
    train_texts: tuple[bytes, ...]
    held_out_texts: tuple[bytes, ...]
    facts: dict[str, Any]
    notes: list[str]
    report: dict[str, Any]

    def training_stream(self, settings: LanguageSettings) -> TrainingWindows:
        """Return the windows of the training text."""
        # When all of the data are evaluated, nothing is trained, but the engine wants a stream.
        symbols = self.train if len(self.train) > settings.window else self.held_out.repeat(settings.window + 1)
        return TrainingWindows(symbols, settings.batch_size, settings.window, settings.seed, settings.epoch_symbols)

    def evaluation_stream(self, *, steps: int | None = None, rows: int | None = None) -> EvaluationWindows | None:
        """Return the windows of the held-out text, or None where there is none.

        `steps` and `rows` replace the usual length and number of windows.
        """
        if len(self.held_out) < 2:
            return None
        return EvaluationWindows(self.held_out, rows=rows, **({} if steps is None else {"steps": steps}))


def read_language(settings: LanguageSettings, context: BuildContext) -> LanguageData:
    """Read what `settings.data` names, hold out a part, and convert it into symbols.

    Raises:
        DataError: There is no text, or it is shorter than a window, or has a single different character.
        ResourceError: The texts do not fit into memory, or pieces are asked for and `tokenizers` is not installed.
    """
    corpus = read_corpus(context.source(settings.data), context.progress)
    if context.whole:
        train: tuple[bytes, ...] = ()
        held_out = tuple(document.data for document in corpus.documents)
    else:
        train, held_out = split_documents(corpus.documents, settings.validation, settings.seed)
        train = _limit(train, settings.limit)
    if context.facts is not None:
        vocabulary = read_vocabulary(context.facts["vocabulary"])
    elif settings.symbols == "pieces":
        context.progress(_("training the pieces"), 0, 0)
        vocabulary = PieceVocabulary.from_texts(train, settings.vocabulary)
    else:
        vocabulary = CharacterVocabulary.from_texts(train, settings.vocabulary)
    train_symbols, held_out_symbols = _encode(vocabulary, train), _encode(vocabulary, held_out)
    characters = sum(len(data.decode()) for data in held_out)
    facts = {
        "task": "language",
        "name": corpus.name,
        "source": corpus.source,
        "samples": {"train": len(train_symbols), "held_out": len(held_out_symbols)},
        "fingerprint": _fingerprint(train, held_out),
        "vocabulary": vocabulary.to_facts(),
        "characters_per_symbol": characters / max(1, len(held_out_symbols) - 1) if characters else 1.0,
    }
    if context.facts is not None:
        facts = {**context.facts, **facts}
    if not context.whole:
        _require_text(corpus, vocabulary, train_symbols, settings.window)
    notes = _describe(corpus, settings, vocabulary, train, held_out, held_out_symbols)
    report = {
        "name": corpus.name,
        "source": corpus.source,
        "documents": len(corpus.documents),
        "bytes": corpus.bytes,
        "train_bytes": sum(map(len, train)),
        "held_out_bytes": sum(map(len, held_out)),
        "vocabulary": vocabulary.size,
        "notes": notes,
        "skipped": [{"file": name, "reason": reason} for name, reason in corpus.skipped[:100]],
    }
    return LanguageData(vocabulary, train_symbols, held_out_symbols, train, held_out, facts, notes, report)


def split_documents(
    documents: Sequence[TextFile], share: float, seed: int
) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Hold out a share of the text: the last part of a single document, or whole documents, drawn by `seed`.

    At most 250,000 bytes are held out, or one document where there are several.
    """
    total = sum(len(document.data) for document in documents)
    needed = min(round(share * total), MOST_HELD_OUT)
    if not needed:
        return tuple(document.data for document in documents), ()
    if len(documents) == 1:
        data = documents[0].data
        cut = len(data) - needed
        while cut < len(data) and data[cut] & 0xC0 == 0x80:  # within a character
            cut += 1
        return (data[:cut],), (data[cut:],)
    order = torch.randperm(len(documents), generator=make_generator("documents", seed)).tolist()
    chosen: set[int] = set()
    size = 0
    for number in order:
        length = len(documents[number].data)
        # A document that would hold out far too much stays in training, unless it is the only choice.
        if size < needed and size + length <= 1.5 * needed:
            chosen.add(number)
            size += length
    chosen = chosen or {min(range(len(documents)), key=lambda number: len(documents[number].data))}
    train = tuple(document.data for number, document in enumerate(documents) if number not in chosen)
    return train, tuple(documents[number].data for number in sorted(chosen))


def _limit(texts: tuple[bytes, ...], limit: int) -> tuple[bytes, ...]:
    """Return the first `limit` characters of texts; 0: all."""
    if not limit:
        return texts
    limited = []
    for data in texts:
        if limit <= 0:
            break
        text = data[: 4 * limit].decode("utf-8", "ignore")[:limit]
        limit -= len(text)
        limited.append(text.encode())
    return tuple(limited)


def _fingerprint(*parts: Sequence[bytes]) -> str:
    """Return a digest of the training and the held-out documents, by which a run recognizes its own data."""
    digest = hashlib.sha256()
    for part in parts:
        for data in part:
            digest.update(hashlib.sha256(data).digest())
        digest.update(b"|")
    return digest.hexdigest()


def _encode(vocabulary: Vocabulary, texts: Sequence[bytes]) -> Symbols:
    """Return the symbols of documents in one row, with the boundary before the first, between them and at the end."""
    parts = [vocabulary.encode(data) for data in texts]
    if not parts:
        return torch.zeros(0, dtype=torch.uint8)
    boundary = torch.full((1,), BOUNDARY, dtype=parts[0].dtype)
    # The last part of a cut document has no boundary of its own, and the end of the text is no end of a document.
    return torch.cat([boundary, *(piece for part in parts[:-1] for piece in (part, boundary)), parts[-1]])


def _require_text(corpus: Corpus, vocabulary: Vocabulary, symbols: Symbols, window: int) -> None:
    if len(symbols) <= window + 1:
        raise DataError(
            plural("The training text of {name} has {count} symbol.",
                   "The training text of {name} has {count} symbols.", max(0, len(symbols) - 1), name=corpus.name),
            expected=_("expected more than a window of {window}", window=window),
            hint=_("add text, or type a smaller --window"),
        )  # fmt: skip
    if isinstance(vocabulary, CharacterVocabulary) and len(vocabulary.characters) < 2:
        raise DataError(
            _("The training text of {name} has one character only: {character}.", name=corpus.name,
              character=repr(vocabulary.characters)),
            expected=_("expected text"),
        )  # fmt: skip


def _describe(
    corpus: Corpus,
    settings: LanguageSettings,
    vocabulary: Vocabulary,
    train: Sequence[bytes],
    held_out: Sequence[bytes],
    symbols: Symbols,
) -> list[str]:
    """Return sentences about the data, for people."""
    lines = [_("{name}: {source}.", name=corpus.name, source=corpus.source)]
    size, held = sum(map(len, train)), sum(map(len, held_out))
    if train:
        how = (
            _("whole documents, drawn by --seed")
            if len(corpus.documents) > 1
            else _("the last part of the text, which is not mixed with the rest")
        )
        lines.append(
            _("{train} bytes of training text; {held} bytes held out for validation: {how}.",
              train=format_number(size), held=format_number(held), how=how)
            if held
            else _("{train} bytes of training text; nothing is held out for validation.", train=format_number(size))
        )  # fmt: skip
    kind = _("characters") if vocabulary.kind == "characters" else _("byte-pair pieces")
    lines.append(_("{count} different {kind}.", count=format_number(vocabulary.size - 2), kind=kind))
    if unknown := int((symbols == UNKNOWN).sum()):
        lines.append(
            _("{share} of the held-out text are characters that the training text does not contain.",
              share=format_percent(unknown / len(symbols), 3))
        )  # fmt: skip
    if train and size < FEW_CHARACTERS:
        lines.append(_("With so little text the model memorizes it: see the longest copy in the report."))
    lines += corpus.notes
    if corpus.skipped:
        lines.append(plural("{count} file was skipped:", "{count} files were skipped:", len(corpus.skipped)))
        lines += [f"  {name}: {reason}" for name, reason in corpus.skipped[:LISTED]]
        if len(corpus.skipped) > LISTED:
            lines.append("  " + _("... and {count} more", count=len(corpus.skipped) - LISTED))
    return lines
