"""Folders of images as users bring them: wide images, classes with folders inside, a part of the classes."""

import numpy as np
import pytest
from PIL import Image

import axone
from axone.errors import DataError
from tests.helpers.data.images import noise

COLORS = {"ant": (200, 40, 40), "bee": (40, 200, 40), "cat": (40, 40, 200), "dog": (200, 200, 40)}


def write_colors(root, classes, places=("",), each=8, seed=0):
    """Write noisy images, each class of another color, into one or several folders of each class."""
    generator = np.random.default_rng(seed)
    for name in classes:
        for place in places:
            (root / name / place).mkdir(parents=True, exist_ok=True)
            for number in range(each):
                values = np.array(COLORS[name]) + generator.normal(0, 12, (12, 12, 3))
                Image.fromarray(values.clip(0, 255).astype(np.uint8)).save(root / name / place / f"{number}.png")
    return root


def write_strips(root, each=30):
    """Write images of 128 x 32 pixels, whose class is the end at which a square is."""
    generator = np.random.default_rng(0)
    for name, start in (("left", 6), ("right", 90)):
        (root / name).mkdir(parents=True)
        for number in range(each):
            image = generator.integers(0, 60, (32, 128)).astype(np.uint8)
            place = start + generator.integers(0, 20)
            image[8:24, place : place + 14] = 250
            Image.fromarray(image).save(root / name / f"{number}.png")
    return root


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    place = tmp_path_factory.mktemp("colors")
    write_colors(place / "days", COLORS, ("monday", "tuesday"))
    return axone.train("cnn", data=str(place / "days"), runs_folder=place, network="course", channels=(4,), dense=(8,),
                       epochs=12, batch_size=8, learning_rate=0.01, threads=1, verbose=False)  # fmt: skip


def test_classes_with_folders_inside_are_learned(run):
    assert run.facts["classes"] == list(COLORS) and run.results["test"]["accuracy"] > 0.95


def test_few_images_are_all_trained_on_and_the_model_is_measured_on_test_images(run, capsys):
    assert run.settings.validation == 0 and run.results["validation"] == {} and run.results["best_epoch"] == 12
    assert run.facts["samples"]["validation"] == 0 and run.facts["samples"]["test"] > 0
    assert run.evaluate(verbose=True)["test"] == run.results["test"]
    captured = capsys.readouterr()
    assert "test: " in captured.out + captured.err
    page = (run.path / "report.html").read_text("utf-8")
    assert "The model is that of the last epoch (12)" in page and "in training" not in page


def test_a_part_of_the_classes_is_evaluated_by_name(run, tmp_path):
    metrics, notes = run.evaluate_with_notes(write_colors(tmp_path / "two", ("bee", "dog"), seed=1), verbose=False)
    assert metrics["test"]["accuracy"] > 0.95 and metrics["validation"] == {}
    assert notes[0].startswith("All 16 images are measured: the folder")
    assert "These data have no images of these classes: ant, cat." in notes


def test_images_and_folders_that_are_no_classes_are_named(run, tmp_path):
    root = write_colors(tmp_path / "more", ("bee", "dog"), seed=1)
    (root / "bee").rename(root / "wasp")
    _metrics, notes = run.evaluate_with_notes(root, verbose=False)
    assert any("does not know these classes: wasp (8)" in note for note in notes)
    with pytest.raises(DataError, match="no class folders"):
        run.evaluate(root / "dog", verbose=False)


def test_predict_of_a_folder_passes_over_what_training_passes_over(run, tmp_path):
    root = write_colors(tmp_path / "some", ("bee", "dog"), each=2, seed=1)
    for name in ("labels.csv", "bee/Thumbs.db", "bee/.DS_Store", "._x.png"):
        (root / name).write_bytes(b"x")
    assert [answer.label for answer in run.predict(root)] == ["bee", "bee", "dog", "dog"]


def test_wide_images_of_one_size_are_kept_whole(tmp_path):
    run = axone.train("cnn", data=str(write_strips(tmp_path / "wide")), runs_folder=tmp_path, epochs=6, batch_size=8,
                      threads=1, verbose=False)  # fmt: skip
    assert run.facts["input"] == [1, 32, 128] and run.results["test"]["accuracy"] > 0.95
    assert run.settings.network == "course"


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_what_a_square_cuts_off_is_said_and_the_choice_is_kept(tmp_path, fit):
    events = []
    data = write_strips(tmp_path / "wide", each=12)
    run = axone.train("cnn", data=str(data), runs_folder=tmp_path, image_size=32, fit=fit, epochs=1, threads=1,
                      listener=events.append, verbose=False)  # fmt: skip
    notes = [note for event in events if event["kind"] == "data" for note in event["notes"]]
    cropped = [note for note in notes if note.startswith("24 of 24 images are cropped to 32 x 32 pixels")]
    assert bool(cropped) == (fit == "crop") and all("75" in note and "--fit pad" in note for note in cropped)
    assert run.facts["fit"] == fit
    pixels = run.explain(data / "left" / "0.png", nearest=0).pixels
    assert (pixels.max() > 200) == (fit != "crop")  # the square at the left end
    assert (pixels[:8].max() == 0) == (fit == "pad")


def test_a_large_photograph_is_read_alike_in_training_and_prediction(tmp_path):
    for number, name in enumerate(("dark", "light")):
        (tmp_path / "x" / name).mkdir(parents=True)
        for place in range(6):
            image = Image.fromarray(noise(6, 8, 3, seed=10 * number + place) // 2 + 120 * number)
            image.resize((1600, 1200), Image.Resampling.BICUBIC).save(tmp_path / "x" / name / f"{place}.jpg")
    run = axone.train("cnn", data=str(tmp_path / "x"), runs_folder=tmp_path, image_size=32, epochs=3, batch_size=4,
                      network="course", augment="none", threads=1, verbose=False)  # fmt: skip
    explanation = run.explain(tmp_path / "x" / "light" / "3.jpg", nearest=1)
    assert explanation.nearest[0].similarity > 0 and explanation.pixels.shape == (32, 32, 3)
