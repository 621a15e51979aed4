"""The number and the size of images before they are decoded."""

import numpy as np
from PIL import Image

from axone.engine.context import IN_MEMORY, BuildContext
from axone.settings import resolve
from axone.systems.cnn import Settings
from axone.tasks.images.survey import MANY, ImageSurvey, survey_images


def write(folder, count, size=(50, 40), mode="RGB"):
    folder.mkdir(parents=True)
    for number in range(count):
        Image.new(mode, size, number).save(folder / f"{number}.png")


def survey(data, **values):
    return survey_images(resolve(Settings, {"data": str(data), **values}), BuildContext())


def test_a_folder_is_counted_without_test_and_validation_images(tmp_path):
    write(tmp_path / "a", 20)
    write(tmp_path / "b", 20)
    assert survey(tmp_path) == ImageSurvey(images=31, classes=2, side=40, channels=3, held_out=3)  # 40 * 0.85 * 0.9
    assert survey(tmp_path, validation=0.0).images == 34
    assert survey(tmp_path, limit=10).images == 9
    assert survey(tmp_path, limit=10).undivided == 10


def test_the_splits_of_a_folder_are_used(tmp_path):
    for split, count in (("train", 10), ("val", 4), ("test", 6)):
        for name in "ab":
            write(tmp_path / split / name, count, mode="L")
    assert survey(tmp_path) == ImageSurvey(images=20, classes=2, side=40, channels=1, has_validation=True)


def test_arrays_are_counted():
    data = np.zeros((50, 8, 9), np.uint8), ["a", "b", "c", "d", "e"] * 10
    settings = resolve(Settings, {"data": IN_MEMORY})
    assert survey_images(settings, BuildContext(data=data)) == ImageSurvey(38, 5, 8, 1, held_out=4)  # 50 * 0.85 * 0.9


def test_a_data_set_with_a_name_has_many_images_unless_they_are_limited():
    assert survey("fashion-mnist").images == round(0.9 * MANY)
    assert survey("fashion-mnist", limit=300).images == 270
    assert survey("fashion-mnist").side is None


def test_images_that_stay_rectangles_may_be_elongated(tmp_path):
    write(tmp_path / "long" / "a", 2, size=(128, 32))
    write(tmp_path / "long" / "b", 2, size=(128, 32))
    assert survey(tmp_path / "long").is_elongated
    write(tmp_path / "long" / "c", 2, size=(40, 40))  # of several sizes, they become squares
    assert not survey(tmp_path / "long").is_elongated


def test_what_cannot_be_read_is_left_to_the_reading(tmp_path):
    assert survey(tmp_path / "absent") is None
