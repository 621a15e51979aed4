"""The settings that language models share."""

from __future__ import annotations

from typing import ClassVar, Literal

from axone.messages import mark
from axone.settings import Options, Settings, option


class LanguageSettings(Settings):
    """The settings of the data and of the training of a language model."""

    UNUSED: ClassVar[frozenset[str]] = frozenset({"label_smoothing", "target"})

    data: str = option(
        "python",
        mark("a text file, a folder of texts or of source code, or a known text: python, shakespeare"),
    )
    limit: int = option(0, mark("number of characters of training text to use; 0: all"), ge=0)
    symbols: Literal["characters", "pieces"] = option(
        "characters", mark("what is written at each step: a character, or a byte-pair piece")
    )
    vocabulary: int = option(2000, mark("largest number of different characters or pieces"), ge=300, le=60_000)
    window: int = option(64, mark("symbols of a window: gradients do not reach further back"), ge=2, le=4096)
    epoch_symbols: int = option(
        250_000, mark("symbols in an epoch, about; the next one continues in the text; 0: the whole text"), ge=0
    )
    epochs: int = option(10, mark("epochs; after each, the model is validated and writes samples"), ge=1)
    batch_size: int = option(16, mark("windows in a batch"), ge=1, le=1_000_000)
    learning_rate: float = option(5e-3, mark("highest learning rate of the schedule"), gt=0, le=100)
    optimizer: Literal["sgd", "adam", "adamw", "muon"] = option("adamw", mark("optimizer"))
    schedule: Literal["constant", "cosine", "one-cycle"] = option("cosine", mark("learning rate schedule"))
    gradient_clip: float = option(1.0, mark("largest norm of the gradients; 0: no clipping"), ge=0)


class LanguageGenerateOptions(Options):
    """The flags of `axone generate` for a language model."""

    DEFAULT_COUNT: ClassVar[int] = 1

    prompt: str = option("", mark("text to continue; empty: a new document"))
    length: int = option(500, mark("number of characters to write"), ge=1, le=10_000_000)
    temperature: float = option(
        0.8, mark("below 1: likelier symbols are preferred; above 1: unlikelier ones; 0: always the likeliest"),
        ge=0, le=10,
    )  # fmt: skip
    top_p: float = option(
        0.95, mark("sample from the likeliest symbols with this total probability; 1: from all of them"), gt=0, le=1
    )


class LanguageEvaluateOptions(Options):
    """The flags of `axone evaluate` for a language model."""

    dynamic: bool = option(False, mark("let the weights follow the text while it is measured (dynamic evaluation)"))
