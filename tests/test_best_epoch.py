"""Which epoch is kept: the monitored metric, ties broken by the loss, few validation samples, and the sentence."""

import math

import pytest

from axone.best_epoch import FEW_SAMPLES, BestEpochRule, describe_best_epoch
from axone.messages import use_language


def choose(rule, metrics):
    scores = [rule.score(entry, epoch) for epoch, entry in enumerate(metrics, 1)]
    known = [(score, -epoch) for epoch, score in enumerate(scores, 1) if score is not None]
    return -max(known)[1]


def explain(rule, metrics, best):
    split = "train" if rule.samples is None else "validation"
    history = [{"epoch": epoch, "train": {}, "validation": {}, split: entry} for epoch, entry in enumerate(metrics, 1)]
    return describe_best_epoch(rule.explain(history, best))


TIED = [
    {"accuracy": 0.9, "loss": 0.5},
    {"accuracy": 0.95, "loss": 0.4},
    {"accuracy": 0.95, "loss": 0.3},
    {"accuracy": 0.95, "loss": 0.6},
]


def test_the_loss_breaks_ties_of_the_monitored_metric():
    rule = BestEpochRule("accuracy", True, samples=FEW_SAMPLES)
    assert choose(rule, TIED) == 3
    assert choose(BestEpochRule("class_coverage", True, 500), [{"class_coverage": 0.5}, {"class_coverage": 0.5}]) == 1
    assert "3 epochs have this value; its loss is the lowest" in explain(rule, TIED, 3)
    assert "epoch 3, with the highest accuracy in validation (95.00\u202f%)" in explain(rule, TIED, 3)


def test_with_few_validation_samples_the_loss_decides_alone():
    metrics = [{"accuracy": 0.8, "loss": 0.2}, {"accuracy": 0.9, "loss": 0.4}]
    rule = BestEpochRule("accuracy", True, samples=10)
    assert choose(rule, metrics) == 1 and choose(BestEpochRule("accuracy", True, samples=1000), metrics) == 2
    sentence = explain(rule, metrics, 1)
    assert "the lowest loss in validation (0.2)" in sentence and "only 10 validation examples" in sentence


def test_a_continuous_metric_decides_however_few_the_samples():
    metrics = [{"psnr": 20.0, "loss": 0.1}, {"psnr": 21.0, "loss": 0.2}]
    assert choose(BestEpochRule("psnr", True, samples=3), metrics) == 2


def test_a_metric_to_minimize():
    metrics = [{"loss": 0.3}, {"loss": 0.2}, {"loss": 0.25}]
    rule = BestEpochRule("loss", False, samples=1000)
    assert choose(rule, metrics) == 2
    assert explain(rule, metrics, 2) == "The model is that of epoch 2, with the lowest loss in validation (0.2)."


def test_without_a_validation_set_the_sentence_says_so():
    rule = BestEpochRule("loss", False)
    assert "in training" in explain(rule, [{"loss": 0.3}], 1)


@pytest.mark.parametrize("bad", [{"accuracy": math.nan}, {"loss": 1.0}, {"accuracy": 1.0, "loss": math.inf}])
def test_an_epoch_with_a_missing_or_infinite_value_has_no_score(bad):
    assert BestEpochRule("accuracy", True, samples=1000).score(bad, 1) is None


def test_a_rule_that_keeps_the_last_epoch_says_that_nothing_was_compared():
    rule = BestEpochRule("accuracy", True, keeps_last=True)
    assert choose(rule, TIED) == 4
    assert choose(rule, [*TIED, {"accuracy": 0.9, "loss": math.nan}]) == 4, "weights that are not finite are no model"
    assert explain(rule, TIED, 4) == (
        "The model is that of the last epoch (4): no examples were held out to compare epochs."
    )


def test_the_last_epoch_may_be_kept_although_there_is_a_validation():
    rule = BestEpochRule("accuracy", True, samples=1000, keeps_last=True)
    assert choose(rule, TIED) == 4
    history = [{"epoch": 4, "train": {}, "validation": TIED[3]}]
    sentence = describe_best_epoch(rule.explain(history, 4))
    assert "is that of the last epoch (4): accuracy" in sentence and "in validation" in sentence


def test_damaged_events_give_no_sentence():
    assert describe_best_epoch({"epoch": 3, "value": 1.0, "text": "All is replaced."}) == "All is replaced."
    assert describe_best_epoch({}) == "" and describe_best_epoch({"epoch": "x", "value": None}) == ""


def test_the_sentence_exists_in_french():
    with use_language("fr"):
        assert "époque 3" in explain(BestEpochRule("accuracy", True, samples=1000), TIED, 3)
