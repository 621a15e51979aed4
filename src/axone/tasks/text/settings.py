"""Settings of systems that classify texts. This module does not import torch, so flags are checked at once."""

from __future__ import annotations

from typing import Literal

from axone.messages import mark
from axone.settings import Settings, option


class TextClassificationSettings(Settings):
    """What the data of every text classifier need."""

    data: str = option(
        "languages",
        mark(
            "languages (words of 20 languages), a table (CSV, Parquet, ...), a folder CLASS/*.txt, or a file of lines"
        ),
    )
    target: str | None = option(None, mark("column of the labels, in a table; or several columns of 0 and 1"))
    text: str = option("", mark("column of the texts, in a table (default: the one with the longest texts)"))
    labels_file: str = option("", mark("file with a label for each line of a text file"))
    labels: Literal["auto", "one", "several"] = option(
        "auto", mark("labels of a text: one, or several, separated by ; or | in their column")
    )
    missing: str | None = option(
        None, mark('words that mean a missing label, separated by commas; "": none but empty cells')
    )
    test: float = option(0.15, mark("fraction of the texts held out as the test set"), ge=0, le=0.9)
    unit: Literal["auto", "words", "characters"] = option(
        "auto", mark("a step of the sequence: words, or characters for names and scripts without spaces")
    )
    lowercase: bool = option(True, mark("read upper case as lower case"))
    longest: int = option(
        256, mark("steps of the sequence of a text; the n-grams are of the whole text"), ge=4, le=4096
    )
    vocabulary: int = option(
        30_000, mark("words with a vector of their own; the most frequent ones"), ge=0, le=2_000_000
    )
