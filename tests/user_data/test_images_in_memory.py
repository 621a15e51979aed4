"""Arrays, tensors and images of Pillow wherever a file is accepted: train, predict, evaluate, explain, resume."""

from __future__ import annotations

import numpy as np
import pandas
import pytest
import torch
from PIL import Image

import axone
from axone.errors import DataError
from tests.helpers.runs.trainings import QUICK

RANDOM = np.random.default_rng(0)
ROW, COLUMN = np.mgrid[:12, :12]
BLOB = np.exp(-((ROW - 6) ** 2 + (COLUMN - 6) ** 2) / 8)
LABELS = np.arange(40) % 2
KELVIN = 295 + np.where(LABELS == 1, 1, -1)[:, None, None] * 10 * BLOB + RANDOM.normal(0, 0.5, (40, 12, 12))
NAMES = np.array(["cool", "warm"])[LABELS]
BYTES = RANDOM.integers(0, 90, (40, 12, 12, 3), dtype=np.uint8)
BYTES[LABELS == 1, 3:9, 3:9, 0] = 240
SETTINGS = {**QUICK, "epochs": 6, "preset": "default"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("in-memory")


@pytest.fixture(scope="module")
def kelvin(place):
    """A run trained on an array of temperatures."""
    return axone.train("cnn", data=(KELVIN, NAMES), runs_folder=place / "runs", verbose=False, **SETTINGS)


@pytest.fixture(scope="module")
def color(place):
    """A run trained on color images of 8 bits."""
    return axone.train("cnn", data=(BYTES, list(LABELS)), runs_folder=place / "runs", verbose=False, **SETTINGS)


def probability(answer):
    return pytest.approx(answer.probability, abs=1e-6), answer.label


def test_one_scale_is_kept_in_the_run_and_used_for_single_images(kelvin, tmp_path):
    assert kelvin.facts["classes"] == ["cool", "warm"]
    scale = kelvin.facts["scale"]
    assert scale["low"] == KELVIN.min() and scale["high"] == KELVIN.max()
    assert kelvin.results["test"]["accuracy"] == 1
    answers = kelvin.predict(KELVIN)
    assert [answer.label for answer in answers] == list(NAMES)
    # One image alone has the values of the set, whatever its own range.
    assert [kelvin.predict(image).probability for image in KELVIN[:4]] == [
        pytest.approx(answer.probability, abs=1e-6) for answer in answers[:4]
    ]
    warm = KELVIN[1].astype(np.float32)
    Image.fromarray(warm).save(tmp_path / "warm.tif")
    expected = probability(kelvin.predict(warm))
    for image in (tmp_path / "warm.tif", Image.fromarray(warm), torch.from_numpy(warm), warm[None], warm[..., None]):
        answer = kelvin.predict(image)
        assert probability(answer[0] if isinstance(answer, list) else answer) == expected
    assert kelvin.predict(KELVIN[1]).note == "" and "clipped" in kelvin.predict(KELVIN[1] + 30).note
    with pytest.raises(DataError, match="8 bits"):
        kelvin.predict(BYTES[0])


def test_a_loaded_run_evaluates_explains_and_resumes_with_arrays(kelvin, place):
    run = axone.load(kelvin.path)
    metrics = run.evaluate(data=(KELVIN[::-1].copy(), pandas.Series(NAMES[::-1].copy())))
    assert all(split["accuracy"] == 1 for split in metrics.values() if split)
    explanation = run.explain(KELVIN[1], nearest=0)
    assert explanation.predicted == "warm" and explanation.pixels.shape == (12, 12, 1)
    longer = axone.resume(run.path, runs_folder=place / "runs", data=(KELVIN, NAMES), epochs=7, verbose=False)
    assert longer.results["epochs"] == 7 and longer.facts["scale"] == kelvin.facts["scale"]


def test_the_same_image_in_every_form_gives_the_same_answer(color, tmp_path):
    image = BYTES[1]
    Image.fromarray(image).save(tmp_path / "x.png")
    unit = image.astype(np.float32) / 255
    forms = [tmp_path / "x.png", Image.fromarray(image), image, image.astype(float), unit, torch.from_numpy(image),
             torch.from_numpy(unit).permute(2, 0, 1), image.transpose(2, 0, 1), image.astype(np.int64)]  # fmt: skip
    expected = color.predict(forms[0])
    assert expected.label == "1"
    for form in forms:
        answer = color.predict(form)
        assert answer.probability == pytest.approx(expected.probability, abs=1e-6) and answer.note == ""
    answers = color.predict(forms)
    assert [answer.label for answer in answers] == ["1"] * len(forms)
    assert len(color.predict(BYTES[:3])) == len(color.predict(torch.from_numpy(BYTES[:3]).permute(0, 3, 1, 2))) == 3


def test_a_folder_and_an_array_of_the_same_images_train_the_same_network(place):
    values = np.rint(KELVIN * 100).astype(np.uint16)
    order = [*np.flatnonzero(LABELS == 0), *np.flatnonzero(LABELS == 1)]
    for number in order:
        (place / "photos" / NAMES[number]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(values[number]).save(place / "photos" / NAMES[number] / f"{number:02d}.png")
    settings = {**SETTINGS, "epochs": 1, "runs_folder": place / "runs", "verbose": False}
    from_folder = axone.train("cnn", data=place / "photos", **settings)
    from_array = axone.train("cnn", data=(values[order], NAMES[order]), **settings)
    assert from_folder.facts["scale"] == from_array.facts["scale"]
    assert from_folder.results["weights_sha256"] == from_array.results["weights_sha256"]


def test_images_of_several_sizes_and_kinds_in_a_list(place):
    images = [Image.fromarray(image).resize((14, 14 + number % 3)) for number, image in enumerate(BYTES)]
    mixed = [image if number % 2 else np.asarray(image) for number, image in enumerate(images)]
    settings = {**SETTINGS, "epochs": 1, "runs_folder": place / "runs", "verbose": False}
    run = axone.train("cnn", data=(mixed, LABELS), **settings)
    assert run.facts["input"] == [3, 14, 14]
    assert len(run.predict(mixed)) == 40


@pytest.mark.parametrize("system", ["autoencoder", "denoiser"])
def test_systems_that_need_no_classes_train_on_images_alone(system, place):
    settings = {"epochs": 1, "batch_size": 20, "threads": 1, "device": "cpu", "limit": 20, "channels": (4, 8)}
    run = axone.train(system, data=KELVIN, runs_folder=place / "runs", verbose=False, **settings)
    inside, outside = run.predict(KELVIN[:1]) + run.predict(KELVIN[1:2] + 50)
    assert "clipped" not in inside.note and "clipped" in outside.note
    if system == "denoiser":
        restored = np.asarray(inside.image)
        assert restored.dtype == np.float32 and 280 < restored.mean() < 310 and list(inside.files()) == [".tif"]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ((KELVIN, NAMES[:9]), "40 images, but y has 9"),
        ((KELVIN.reshape(40, 144), NAMES), "reshape(-1, 12, 12)"),
        ((np.where(KELVIN > 300, np.nan, KELVIN), NAMES), "NaN"),
        (KELVIN, "data=(X, y)"),
        ((RANDOM.random((6, 3, 3, 3)), LABELS[:6]), "PIL.Image.fromarray"),
    ],
    ids=["lengths", "flat", "NaN", "no classes", "ambiguous"],
)
def test_what_cannot_be_used_is_an_error_that_says_what_to_do(data, what, place):
    with pytest.raises(DataError) as caught:
        axone.train("cnn", data=data, runs_folder=place / "runs", verbose=False, **SETTINGS)
    assert what in str(caught.value)
