"""The report on texts before training: what people read, and what the run stores."""

from __future__ import annotations

import json

import torch

from axone.data.labeled_texts.collection import LabeledTexts
from axone.data.labeled_texts.duplicates import find_duplicates
from axone.data.labeled_texts.report import build_report, describe, quote_text
from axone.data.tokens.encoder import TextEncoder

SENTENCE = "the quick brown fox jumps over the lazy dog near the river bank"
TEXTS = [SENTENCE, "a film", "a film", "a film of no interest at all, and more words", SENTENCE + "s", "A  FILM"]


def report(texts=TEXTS, targets=(0, 1, 0, 1, 0, 1), longest=100, unit="words", **options):
    collection = LabeledTexts("films", "a test", texts, ("x", "y"), torch.tensor(targets), **options)
    parts = {"train": torch.arange(4), "validation": torch.tensor([4]), "test": torch.tensor([5])}
    encoder = TextEncoder.fit(texts[:4], unit=unit, lowercase=True, most_tokens=99, piece_bits=4, ngram_bits=4,
                              longest=longest)  # fmt: skip
    arguments = (collection, parts, encoder, encoder.encode(texts), find_duplicates(collection, parts))
    document = build_report(*arguments)
    json.dumps(document)
    return "\n".join(describe(*arguments)), document


def test_what_people_should_know_is_said():
    lines, document = report(skipped=(("a.txt", "it is binary"),))
    for part in ("4 training, 1 validation and 1 test texts", "2 texts repeat others", "with different labels",
                 "is also a training text", "is nearly a training text", "Vocabulary: ", "a.txt: it is binary",
                 "Length in words: 2 to 13"):  # fmt: skip
        assert part in lines, part
    assert document["equal_texts_count"] == 1 and document["leaks"] == {"validation": 0, "test": 1}
    assert document["near_duplicates"][0]["similarity"] > 0.7 and document["skipped_count"] == 1
    assert document["parts"]["train"]["classes"] == {"x": 2, "y": 2}


def test_texts_that_are_cut_are_counted():
    assert "their sequences end at 10" in report(longest=10, texts=[*TEXTS[:4], "short", "short too"])[0]


def test_labels_per_text_and_imbalance_are_said():
    assert "on average" in report(targets=[[1.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])[0]
    assert "imbalanced" in report(targets=(0, 0, 0, 0, 1, 1))[0]


def test_characters_are_named_as_the_unit():
    assert "reads characters" in report(unit="characters")[0]


def test_quotes_are_short_and_on_one_line():
    assert quote_text("a\n  b") == "“a b”" and len(quote_text("x" * 500)) == 62
