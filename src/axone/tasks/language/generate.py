"""Texts that a trained model writes: `generate`, whose answers are streams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from torch import nn

from axone.data.text.vocabulary import BOUNDARY, UNKNOWN, CharacterVocabulary, PieceVocabulary, read_vocabulary
from axone.figures.text import clean_text
from axone.messages import _, plural
from axone.settings import Settings
from axone.tasks.answers import NotebookAnswer, with_note
from axone.tasks.language.sampling import sample_symbols
from axone.tasks.language.settings import LanguageGenerateOptions
from axone.tasks.language.steps import StepModel, find_step_model

PREVIEW = 60  # characters of a text in one line
NAMED = 8  # unknown characters in a note


@dataclass
class GeneratedText(NotebookAnswer):
    """A text that a model continues; it is computed when its pieces are first asked for.

    Args:
        model: The model.
        vocabulary: Its symbols.
        options: Prompt, length, temperature and top-p.
        seed: What the random numbers depend on.
        note: For people: what was done with unknown characters of the prompt.
    """

    model: StepModel = field(repr=False)
    vocabulary: CharacterVocabulary | PieceVocabulary = field(repr=False)
    options: LanguageGenerateOptions
    seed: tuple[int | str, ...]
    note: str = ""
    _written: str | None = field(default=None, repr=False)

    output = "stream"

    def pieces(self) -> Iterator[str]:
        """Yield the prompt, and then the text as it is written."""
        options = self.options
        yield options.prompt
        if self._written is not None:
            yield self._written
            return
        written = ""
        for text in self._write():
            text = text[: options.length - len(written)]
            written += text
            yield text
            if len(written) >= options.length:
                break
        self._written = written

    @property
    def whole(self) -> str:
        """The prompt and its continuation."""
        if self._written is None:
            return "".join(self.pieces())
        return self.options.prompt + self._written

    def text(self) -> str:
        """Return the beginning of the text in one line, and the note."""
        shortened = clean_text(" ".join(self.whole.split()), PREVIEW)
        return with_note(shortened or _("(blank text)"), self.note)

    def to_json(self) -> dict[str, Any]:
        """Return the text, its prompt, and the note where there is one."""
        answer = {"text": self.whole, "prompt": self.options.prompt}
        return {**answer, "note": self.note} if self.note else answer

    def files(self) -> dict[str, bytes]:
        """Return the text as a file."""
        return {".txt": self.whole.encode()}

    def _write(self) -> Iterator[str]:
        """Yield texts of one or more symbols without end; bytes of pieces wait until they are whole characters."""
        options = self.options
        symbols = sample_symbols(
            self.model, encode_prompt(self.vocabulary, options.prompt), temperature=options.temperature,
            top_p=options.top_p, seed=self.seed,
        )  # fmt: skip
        pending: list[int] = []
        for symbol in symbols:
            pending.append(symbol)
            text = self.vocabulary.decode(pending)
            if not text.endswith("\ufffd") or len(pending) > 4:
                pending = []
                yield text


def encode_prompt(vocabulary: CharacterVocabulary | PieceVocabulary, prompt: str) -> list[int]:
    """Return the symbols of a prompt, which begins a document."""
    return [BOUNDARY, *vocabulary.encode(prompt.encode()).tolist()]


def describe_unknown(vocabulary: CharacterVocabulary | PieceVocabulary, prompt: str) -> str:
    """Return a sentence on the characters of a prompt that training did not contain; "" if there are none."""
    if not isinstance(vocabulary, CharacterVocabulary):
        return ""
    unknown = list(dict.fromkeys(character for character in prompt if vocabulary.find(character) == UNKNOWN))
    if not unknown:
        return ""
    names = " ".join(repr(character) for character in unknown[:NAMED]) + (" ..." if len(unknown) > NAMED else "")
    return plural(
        "the training text has no {names}, which the model reads as an unknown character",
        "the training text has none of {names}, which the model reads as unknown characters",
        len(unknown),
        names=names,
    )


def generate(
    network: nn.Module,
    settings: Settings,
    facts: Mapping[str, Any],
    *,
    count: int,
    label: str | None,
    seed: int,
    options: LanguageGenerateOptions,
) -> Iterator[GeneratedText]:
    """Yield texts, each of which is written when its pieces are asked for. Text k depends on the seed and k alone."""
    model, vocabulary = find_step_model(network), read_vocabulary(facts["vocabulary"])
    note = describe_unknown(vocabulary, options.prompt)
    for number in range(count):
        yield GeneratedText(model, vocabulary, options, (seed, number), note)


def write_text(
    model: StepModel,
    vocabulary: CharacterVocabulary | PieceVocabulary,
    length: int,
    *,
    prompt: str = "",
    temperature: float = 0.8,
    top_p: float = 0.95,
    seed: tuple[int | str, ...] = (0,),
) -> str:
    """Return a text of about `length` characters without its prompt, as the report's samples."""
    symbols = sample_symbols(
        model, encode_prompt(vocabulary, prompt), temperature=temperature, top_p=top_p, seed=seed
    )  # fmt: skip
    return vocabulary.decode(list(islice(symbols, length)))[:length]
