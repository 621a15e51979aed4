"""Anomaly scores and reconstructions of images and rows: texts, JSON, files, and errors in their place."""

import json

import numpy as np
import pytest

from axone.errors import DataError
from axone.tasks.answers import GeneratedImage
from axone.tasks.reconstruction.answering import answering
from axone.tasks.reconstruction.predict import Reconstruction, predict_inputs
from tests.helpers.data.images import noise
from tests.helpers.networks.autoencoders import build_autoencoder, random_inputs

IMAGE = GeneratedImage(noise(4, 4, 1)[..., None])
ROW = {"age": 40, "town": "north", "fare": 100}


@pytest.fixture(scope="module")
def images():
    network, settings, facts = build_autoencoder("default")
    return answering(network, settings, facts), facts


@pytest.fixture(scope="module")
def rows():
    network, settings, facts = build_autoencoder("table")
    return answering(network, settings, facts), facts


@pytest.mark.parametrize(("score", "above", "words"), [(0.5, True, "above the"), (0.1, False, "below the")])
def test_the_text_compares_the_score_with_the_threshold(score, above, words):
    answer = Reconstruction(score, 0.2, 0.75, (1.0, 2.0), IMAGE, "a note")
    assert answer.above_threshold is above
    assert words in answer.text() and "75" in answer.text() and answer.text().endswith("(a note)")
    assert answer.to_json()["above_threshold"] is above and json.dumps(answer.to_json())


def test_without_a_threshold_there_is_no_comparison():
    answer = Reconstruction(0.5, 0.0, 0.0, (1.0,), IMAGE)
    assert answer.above_threshold is None and answer.to_json()["above_threshold"] is None
    assert "no threshold yet" in answer.text()


def test_the_reconstruction_supplements_the_text_as_a_file():
    answer = Reconstruction(0.5, 0.2, 0.75, (1.0,), IMAGE)
    assert answer.output == "text" and answer.files() == IMAGE.files()


def test_a_batch_of_images_gets_the_answers_of_single_images(images):
    module, facts = images
    (pixels,) = random_inputs(facts, 3)
    together = predict_inputs(module, facts, list(pixels.numpy()))
    for image, answer in zip(pixels.numpy(), together, strict=True):
        (alone,) = predict_inputs(module, facts, [image])
        assert alone.anomaly_score == pytest.approx(answer.anomaly_score, rel=1e-5)
        difference = alone.reconstruction.pixels.astype(int) - answer.reconstruction.pixels
        assert np.abs(difference).max() <= 1 and alone.latent == pytest.approx(answer.latent, abs=1e-5)


def test_an_unreadable_image_gets_its_error_in_its_place(images, tmp_path):
    module, facts = images
    (tmp_path / "text.png").write_text("not an image")
    answers = predict_inputs(module, facts, [noise(9, 9), tmp_path / "text.png", noise(9, 9)])
    assert [isinstance(answer, DataError) for answer in answers] == [False, True, False]


def test_the_note_of_a_row_names_the_columns_with_the_largest_errors_and_unknown_values(rows):
    module, facts = rows
    known, unknown = predict_inputs(module, facts, [{**ROW, "fare": 10_000}, {**ROW, "town": "moon"}])
    assert known.note.startswith("largest errors: fare") and "never seen" not in known.note
    assert "never seen in training: town = moon" in unknown.note
    assert known.reconstruction.values.keys() == ROW.keys()


def test_a_row_without_a_column_gets_its_error_in_its_place(rows):
    module, facts = rows
    answers = predict_inputs(module, facts, [{"age": 40}, ROW, {**ROW, "color": "red"}])
    assert [isinstance(answer, DataError) for answer in answers] == [True, False, False]


def test_a_missing_number_can_be_reconstructed_from(rows):
    module, facts = rows
    (answer,) = predict_inputs(module, facts, [{**ROW, "age": None}])
    assert np.isfinite(answer.anomaly_score)
