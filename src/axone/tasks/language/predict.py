"""How surprising a text is to a trained model, symbol by symbol; and the module that answers, for export."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.data.text.files import read_text_file
from axone.data.text.folder import is_text_name
from axone.data.text.vocabulary import BOUNDARY, read_vocabulary
from axone.errors import AxoneError, DataError
from axone.figures.text import clean_text
from axone.messages import _
from axone.numbers import format_decimal
from axone.settings import Settings
from axone.tasks.answers import NotebookAnswer, with_note
from axone.tasks.language.drawings import draw_surprise
from axone.tasks.language.generate import describe_unknown

CHUNK = 512  # symbols that are computed at a time
PREVIEW = 40  # characters of a text in one line
DRAWN = 2_000  # symbols of a text that are drawn
NAMED = 3  # surprising symbols in one line


class NextSymbol(nn.Module):
    """Symbols in, log-probabilities of the symbol after each of them out; the text begins without context.

    Args:
        network: Symbols and the parts of a state in, logits and the parts of the state after them out.
        state_shapes: The shape of each part for one text.
    """

    def __init__(self, network: nn.Module, state_shapes: Sequence[Sequence[int]]) -> None:
        super().__init__()
        self.network = network
        self.state_shapes = [tuple(shape) for shape in state_shapes]

    def forward(self, symbols: Int64[Tensor, "batch steps"]) -> Float[Tensor, "batch steps symbols"]:
        """Return ln p of each symbol after each step."""
        state = [torch.zeros(symbols.shape[0], *shape, device=symbols.device) for shape in self.state_shapes]
        scores: Tensor = self.network(symbols, *state)[0].float().log_softmax(2)
        return scores


def answering(network: Any, settings: Settings, facts: Mapping[str, Any]) -> NextSymbol:
    """Return the module that answers for a trained language model, in evaluation mode."""
    return NextSymbol(network, network.input_shapes[1:]).eval()


@dataclass(frozen=True)
class SurprisingText(NotebookAnswer):
    """How surprising each symbol of a text is.

    Args:
        content: The text.
        symbols: The text of each symbol.
        surprise: -log2 p of each symbol after the ones before it, in bits.
        note: For people.
    """

    content: str
    symbols: tuple[str, ...]
    surprise: tuple[float, ...]
    note: str = ""

    @property
    def bits_per_character(self) -> float:
        """The mean surprise of a character: the size to which the model could compress the text."""
        return sum(self.surprise) / max(1, len(self.content))

    @cached_property
    def label(self) -> str:
        """The mean surprise, for people."""
        return _("{bits} bits per character", bits=format_decimal(self.bits_per_character, 3))

    def text(self) -> str:
        """Return the mean, the most surprising symbols, the beginning of the text in one line, and the note."""
        order = sorted(range(len(self.symbols)), key=lambda place: -self.surprise[place])[:NAMED]
        named = ", ".join(f"{self.symbols[place]!r} {format_decimal(self.surprise[place], 1)}" for place in order)
        preview = clean_text(" ".join(self.content.split()), PREVIEW)
        most = _("most surprising: {symbols}", symbols=named)
        return with_note(f"{self.label}: {preview} [{most}]", self.note)

    def to_json(self) -> dict[str, Any]:
        """Return the mean, each symbol with its surprise in bits, and the note where there is one."""
        answer: dict[str, Any] = {
            "label": self.label,
            "bits_per_character": self.bits_per_character,
            "surprise": [[symbol, round(bits, 4)] for symbol, bits in zip(self.symbols, self.surprise)],
        }
        return {**answer, "note": self.note} if self.note else answer

    def files(self) -> dict[str, bytes]:
        """Return a drawing of the text on a background that is the darker, the more surprising a symbol is."""
        return {".svg": draw_surprise(self.symbols[:DRAWN], self.surprise[:DRAWN]).encode()}


def read_inputs(source: Any, facts: Mapping[str, Any]) -> tuple[list[Any], bool]:
    """Return texts, and whether it was a single one. The path of an existing file stands for its content."""
    if isinstance(source, str | Path):
        return [source], True
    return list(source), False


def predict(
    network: nn.Module, settings: Settings, facts: Mapping[str, Any], inputs: Sequence[Any]
) -> list[SurprisingText | AxoneError]:
    """Return how surprising each text is, or the error of a text that cannot be read in its place."""
    vocabulary = read_vocabulary(facts["vocabulary"])
    answers: list[SurprisingText | AxoneError] = []
    for source in inputs:
        try:
            text = _read(source)
        except AxoneError as error:
            answers.append(error)
            continue
        symbols = torch.cat([torch.tensor([BOUNDARY]), vocabulary.encode(text.encode()).long()])
        bits = measure_surprise(network, symbols) / math.log(2)
        names = tuple(vocabulary.decode([symbol]) for symbol in symbols[1:].tolist())
        answers.append(SurprisingText(text, names, tuple(bits.tolist()), describe_unknown(vocabulary, text)))
    return answers


def _read(source: Any) -> str:
    if isinstance(source, Path) or (isinstance(source, str) and len(source) < 1024 and _is_file(source)):
        return read_text_file(source).text
    if not isinstance(source, str):
        raise DataError(
            _("A {kind} is not a text.", kind=type(source).__name__), expected=_("expected texts or text files")
        )
    if not source:
        raise DataError(_("The text is empty."))
    if not any(map(str.isspace, source)) and Path(source).suffix and is_text_name(source):  # it was meant as a file
        raise DataError(_("There is no file '{path}' (from {folder}).", path=source, folder=Path.cwd()))
    try:
        source.encode()
    except UnicodeEncodeError:
        raise DataError(_("The text is not valid UTF-8.")) from None
    return source


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


@torch.inference_mode()
def measure_surprise(network: Any, symbols: Int64[Tensor, " steps"]) -> Float[Tensor, " steps_less_one"]:
    """Return -ln p of each symbol but the first, which is only context; the network is in evaluation mode."""
    device = next(network.parameters()).device
    state: Sequence[Tensor] = [torch.zeros(1, *shape, device=device) for shape in network.input_shapes[1:]]
    parts = []
    for start in range(0, len(symbols) - 1, CHUNK):
        piece = symbols[start : start + CHUNK + 1].to(device)
        logits, *state = network(piece[None, :-1], *state)
        scores = logits[0].float().log_softmax(1)
        parts.append(-scores.gather(1, piece[1:, None])[:, 0].cpu())
    return torch.cat(parts)
