"""A collection of texts: its fingerprint and the names of its texts."""

from __future__ import annotations

from dataclasses import replace

import torch

from axone.data.labeled_texts.collection import LabeledTexts, name_text

ONE = LabeledTexts("texts", "from a test", ["a", "b"], ("x", "y"), torch.tensor([0, 1]))


def test_the_fingerprint_follows_texts_labels_and_classes():
    others = (
        replace(ONE, texts=["a", "c"]),
        replace(ONE, texts=["ab", ""]),
        replace(ONE, targets=torch.tensor([1, 0])),
        replace(ONE, classes=("x", "z")),
    )
    prints = {each.fingerprint() for each in (ONE, *others)}
    assert len(prints) == 5 and ONE.fingerprint() == replace(ONE, name="other").fingerprint()
    assert replace(ONE, texts=["\ud800", "b"]).fingerprint() not in prints


def test_several_labels_are_a_matrix():
    assert not ONE.has_several_labels
    assert replace(ONE, targets=torch.ones(2, 2)).has_several_labels


def test_a_text_is_called_by_its_number_unless_its_source_has_names():
    assert ONE.locate(0) == name_text(0) == "text 1"
