"""Parts of texts: equal texts together, all classes in each part, a source's own division kept."""

from __future__ import annotations

from dataclasses import replace

import torch

from axone.data.labeled_texts.collection import LabeledTexts
from axone.data.labeled_texts.split import number_strata, split_texts

TEXTS = LabeledTexts("t", "", [f"text {n}" for n in range(100)], ("a", "b"), torch.tensor([0] * 80 + [1] * 20))


def split(collection, **options):
    return split_texts(collection, **{"test": 0.2, "validation": 0.1, "limit": 0, "seed": 0, **options})


def test_parts_cover_all_texts_once_with_both_classes():
    parts = split(TEXTS)
    assert sorted(torch.cat(list(parts.values())).tolist()) == list(range(100))
    assert [int((TEXTS.targets[rows] == 1).sum()) for rows in parts.values()] == [14, 2, 4]


def test_equal_texts_are_in_one_part():
    doubled = replace(TEXTS, texts=[f"Text  {n // 4}" if n % 2 else f"text {n // 4}" for n in range(100)])
    for seed in range(3):
        keys = [
            {doubled.texts[row].lower().split()[1] for row in rows.tolist()}
            for rows in split(doubled, seed=seed).values()
        ]
        assert not keys[0] & keys[1] and not keys[0] & keys[2] and not keys[1] & keys[2]


def test_a_limit_bounds_the_training_texts_alone():
    parts = split(TEXTS, limit=10)
    assert len(parts["train"]) == 10 and len(parts["test"]) == 20


def test_the_division_of_a_source_is_kept():
    own = {"train": torch.arange(0, 90, 2), "test": torch.arange(1, 90, 2)}
    parts = split(replace(TEXTS, parts=own))
    assert torch.equal(parts["test"], own["test"]) and 0 < len(parts["validation"]) < 10
    parts = split(replace(TEXTS, parts={**own, "validation": torch.arange(90, 100)}))
    assert torch.equal(parts["train"], own["train"]) and torch.equal(parts["validation"], torch.arange(90, 100))


def test_the_stratum_of_several_labels_is_the_rarest():
    targets = torch.tensor([[1.0, 1.0], [1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    assert number_strata(targets).tolist() == [1, 0, 2, 0] and number_strata(targets[:0]).tolist() == []
