"""The registry of metrics: ids, labels, directions, and values as people read them."""

from __future__ import annotations

import re

import pytest

from axone import messages, metrics


@pytest.mark.parametrize("identifier", metrics.METRICS)
def test_ids_are_words_joined_by_underscores(identifier):
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", identifier)


def test_a_label_is_in_the_language_of_the_user():
    english = metrics.label("discriminator_loss")
    messages.use("fr")
    assert english == "discriminator loss" and metrics.label("loss") == "perte"


def test_an_empty_id_has_an_empty_label_in_every_language():
    with messages.use_language("fr"):
        assert metrics.label("") == ""


def test_a_frechet_distance_names_the_network_whose_features_it_compares():
    assert metrics.label("frechet_distance", {"evaluator": "axone cnn"}) == "Fréchet distance (features: axone cnn)"
    assert metrics.label("frechet_distance") == "Fréchet distance"
    fixed = "frechet_distance_efficientnet_lite0"
    assert metrics.label(fixed) == metrics.label(fixed, {"evaluator": "axone cnn"})
    assert metrics.label(fixed) == "Fréchet distance (features: EfficientNet-Lite0)"
    assert metrics.label("precision_efficientnet_lite0") == "precision"


def test_metrics_of_a_fixed_network_are_read_like_those_of_others_and_have_their_own_ids():
    assert not metrics.higher_is_better("frechet_distance_efficientnet_lite0")
    assert metrics.higher_is_better("recall_efficientnet_lite0")
    assert metrics.format_value("class_agreement_efficientnet_lite0", 0.5) == metrics.format_value("accuracy", 0.5)
    assert metrics.label("accuracy_efficientnet_lite1") == "accuracy efficientnet lite1"  # a user's own id


def test_a_metric_knows_whether_higher_is_better():
    assert metrics.higher_is_better("accuracy") and metrics.higher_is_better("psnr")
    assert not metrics.higher_is_better("loss") and not metrics.higher_is_better("discriminator_loss")


def test_an_unlisted_id_is_read_by_its_words():
    assert metrics.label("my_error") == "my error" and not metrics.higher_is_better("my_error")
    assert metrics.is_percentage("top5_accuracy") and metrics.higher_is_better("top5_accuracy")
    assert metrics.label("top5_accuracy") == "top5 accuracy"


def test_values_are_formatted_by_their_metric():
    assert metrics.format_value("accuracy", 0.915) == "91.50\u202f%"
    assert metrics.format_value("psnr", 23.07) == "23.07 dB"
    assert metrics.format_value("loss", 0.21044) == "0.2104"
    assert metrics.format_value("top5_accuracy", 0.5) == "50.00\u202f%"
    assert metrics.format_value("loss", None) == "not a number"


def test_opponents_and_phases_of_games_have_names():
    assert metrics.label("score:search_16") == "share of the points (search by 16 random games)"
    assert metrics.label("mistakes:early") == "mistakes in solved positions (early in the game)"
    assert metrics.label("auc:early") == "area under the ROC curve (early)"  # the user's own word
    assert metrics.label("score:other") == "share of the points (other)"
