"""The rules for few, many, small and large images: pure functions of counts and sizes."""

import pytest

from axone.tasks.images import defaults


@pytest.mark.parametrize(("images", "batch_size"), [(1, 8), (31, 8), (200, 16), (300, 32), (1024, 128), (54_000, 128)])
def test_a_batch_is_about_an_eighth_of_few_images_and_the_default_of_many(images, batch_size):
    assert defaults.choose_batch_size(images, default=128) == batch_size


def test_a_small_default_batch_size_stays():
    assert defaults.choose_batch_size(40, default=4) == 4


@pytest.mark.parametrize("images", [1, 7, 8, 31, 100, 1500, 3000])
def test_epochs_give_enough_steps_and_hardly_more(images):
    batch_size = defaults.choose_batch_size(images, 128)
    epochs = defaults.choose_epochs(images, batch_size, 8)
    per_epoch = max(1, images // batch_size)
    assert defaults.STEPS <= epochs * per_epoch < defaults.STEPS + 8 * per_epoch


def test_the_epochs_of_many_images_are_those_of_the_system():
    assert defaults.choose_epochs(54_000, 128, 8) == 8
    assert defaults.choose_epochs(9_000, 128, 8) == 8, "the part of Fashion-MNIST that Axone contains"


def test_the_augmentation_of_few_images_mirrors_nothing():
    assert defaults.choose_augmentation(40) == {"augment": "affine", "flip": False, "shift": 0}
    assert defaults.choose_augmentation(defaults.FEW) == {}


@pytest.mark.parametrize(
    ("side", "passes", "expected"),
    [(32, 2_400, 0), (128, 2_400, 0), (224, 2_400, 128), (224, 20_000, 80), (224, 1_000_000, 64), (60, 1_000_000, 0)],
)
def test_images_are_resized_as_far_as_time_demands(side, passes, expected):
    assert defaults.choose_side(side, passes) == expected


def choose(side, images=None, network="auto", explicit=()):
    return defaults.choose_cnn({"network": network}, frozenset(explicit), side, images)


def test_the_network_of_the_course_is_for_many_images_of_the_course_s_size():
    assert choose(28, 54_000) == {"network": "course", "channels": (32, 64), "padding": "valid"}
    assert choose(28, 300)["network"] == "fast"
    assert choose(96, 54_000)["network"] == "fast"
    assert choose(None, 300) == {"network": "course"}, "a data set with a name"


def test_the_ends_of_elongated_images_may_differ_so_the_network_keeps_positions():
    choices = defaults.choose_cnn({"network": "auto"}, frozenset(), 32, 92, elongated=True, pretrained=True)
    assert choices["network"] == "course"
    assert defaults.is_elongated(32, 128) and defaults.is_elongated(60, 40) and not defaults.is_elongated(40, 50)


def test_whoever_describes_the_course_s_network_gets_it():
    assert choose(28, 300, explicit={"dense"})["network"] == "course"
    assert choose(28, 300, explicit={"epochs"})["network"] == "fast"


@pytest.mark.parametrize(
    ("side", "channels"),
    [(8, (32, 64)), (41, (32, 64)), (64, (32, 64, 128)), (96, (32, 64, 128, 256)), (224, (32, 64, 128, 256, 256))],
)
def test_the_course_s_network_has_more_convolutions_for_larger_images(side, channels):
    assert defaults.choose_course_channels(side) == channels


@pytest.mark.parametrize("side", [8, 28, 32, 64, 96, 128, 224])
def test_the_fast_network_ends_with_maps_of_about_seven_pixels(side):
    poolings = len(defaults.choose_fast_channels(side)) - 2
    assert side < 28 or 5 <= side / 2**poolings <= 10


def test_the_fast_network_of_the_course_s_images_is_that_of_its_preset():
    from axone.systems.cnn import Settings

    assert defaults.choose_fast_channels(28) == Settings.PRESETS["fast"]["channels"]
    assert defaults.FAST.items() <= Settings.PRESETS["fast"].items()
