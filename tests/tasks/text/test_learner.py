"""The training step: a loss for each member, unknown words, several labels, weights."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from axone.data.tokens.encoder import UNKNOWN
from axone.data.tokens.stream import TextBatch
from axone.systems.text_classifier import EXAMPLE_FACTS, Settings, model
from axone.tasks.text.learner import TextLearner

LOGITS = torch.tensor([[[2.0, -1.0], [0.5, 0.0]], [[0.0, 0.0], [-1.0, 3.0]]])  # [2 texts, 2 members, 2 classes]


def learner(several=False, word_dropout=0.5, **settings):
    values = Settings(units=2, embedding=2, ngram_bits=8, **settings)
    facts = {**EXAMPLE_FACTS, "several_labels": several}
    return TextLearner(model(values, facts), values, facts, word_dropout=word_dropout)


def batch(targets=None):
    tokens = torch.full((2, 1000), 3)
    tokens[:, 900:] = 0
    pieces = torch.ones(2, 1000, 2, dtype=torch.int64) * (tokens > 0)[..., None]
    ngrams = torch.ones(2, 3, dtype=torch.int64)
    targets = torch.tensor([0, 1]) if targets is None else targets
    return TextBatch(tokens, pieces, torch.tensor([900, 900]), ngrams, ngrams, targets, torch.arange(2))


def test_each_member_has_its_own_loss():
    targets = torch.tensor([0, 1])
    losses = learner().compute_losses(LOGITS, targets)
    for member in range(2):
        expected = functional.cross_entropy(LOGITS[:, member], targets, reduction="none")
        torch.testing.assert_close(losses[:, member], expected)


def test_several_labels_have_the_mean_over_labels():
    targets = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    losses = learner(several=True).compute_losses(LOGITS, targets)
    expected = functional.binary_cross_entropy_with_logits(LOGITS[:, 1], targets, reduction="none").mean(1)
    torch.testing.assert_close(losses[:, 1], expected)
    smooth = learner(several=True, label_smoothing=0.2).compute_losses(LOGITS, targets)
    assert not torch.allclose(smooth, losses)


def test_a_fraction_of_the_words_is_unknown_and_padding_stays():
    torch.manual_seed(0)
    dropped = learner().drop_words(batch())
    is_unknown = dropped.tokens == UNKNOWN
    assert 0.45 < is_unknown[:, :900].float().mean() < 0.55 and not is_unknown[:, 900:].any()
    assert not dropped.pieces[is_unknown].any() and dropped.pieces[:, :900][~is_unknown[:, :900]].all()
    assert learner(word_dropout=0.0).drop_words(batch()).tokens.eq(3).sum() == 1800


def test_weights_of_texts_multiply_their_losses():
    weighted = learner()
    weighted.text_weights = torch.tensor([2.0, 0.0])
    losses = torch.tensor([1.0, 5.0])
    assert float(weighted.weigh(losses, batch())) == 1.0 and float(learner().weigh(losses, batch())) == 3.0


def test_an_evaluation_has_f1_where_texts_have_several_labels():
    several = learner(several=True)
    several.begin_evaluation(None)
    several.eval_step(batch(torch.ones(2, 2)))
    assert 0 <= several.end_evaluation()["f1"] <= 1
    one = learner()
    assert set(one.eval_step(batch())) == {"loss", "accuracy"} and one.end_evaluation() == {}
    assert float(one.eval_step(batch())["loss"]) == pytest.approx(0.69, abs=0.1)
