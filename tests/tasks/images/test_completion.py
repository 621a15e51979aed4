"""Settings that follow the number and the size of images: what is chosen, what stays, and what is said."""

import importlib

import numpy as np
import pytest
from PIL import Image

from axone.data.images.in_memory.collection import InMemoryImages
from axone.engine.context import IN_MEMORY, BuildContext
from axone.settings import resolve
from axone.systems import autoencoder, cnn, cnn_xgboost, denoiser, perceptron, resnet
from axone.tasks.images import defaults
from axone.tasks.images.completion import complete_settings, describe_choices, fill


def images(count, side=28, channels=1):
    pixels = np.zeros((count, side, side, channels), np.uint8)
    return InMemoryImages(pixels, np.arange(count) % 2, ("a", "b"), is_whole=False)


def complete(system, data, **values):
    return system.complete(resolve(system.Settings, {"data": IN_MEMORY, **values}), BuildContext(data=data))


def test_few_images_get_small_batches_many_epochs_and_augmentation():
    settings = complete(cnn, images(40))
    assert (settings.batch_size, settings.augment, settings.network) == (8, "affine", "fast")
    assert settings.epochs * (40 // 8) >= 500
    assert settings.optimizer == "muon", "the network is trained as its preset trains it"


def test_many_images_get_the_default_settings():
    data = images(60_000, side=1)
    settings = complete_settings(resolve(cnn.Settings, {"data": IN_MEMORY}), BuildContext(data=data))
    assert settings == resolve(cnn.Settings, {"data": IN_MEMORY})


def test_explicit_settings_stay_also_where_they_equal_a_default():
    explicit = {"batch_size": 128, "epochs": 8, "augment": "none", "network": "course", "image_size": 200}
    settings = complete(cnn, images(40, side=224, channels=3), **explicit)
    assert {name: getattr(settings, name) for name in explicit} == explicit


def test_auto_leaves_the_choice_to_the_rules():
    assert complete(cnn, images(40), batch_size="auto", network="auto") == complete(cnn, images(40))


def test_classifiers_hold_out_nothing_of_few_images_unless_asked_to():
    few, many = images(defaults.UNDIVIDED - 1, side=8), images(defaults.UNDIVIDED, side=8)
    for system in (cnn, cnn_xgboost, resnet):
        assert complete(system, few).validation == 0
        assert complete(system, many).validation == resolve(system.Settings, {}).validation > 0
        assert complete(system, few, validation=0.1).validation == 0.1
        assert complete(system, few, validation="auto").validation == 0
        assert complete(system, few, patience=3).validation > 0, "early stopping needs a validation set"
    assert complete(cnn, few, preset="fast").validation == 0 and complete(cnn, many, preset="fast").validation == 0.05
    assert complete(cnn, few).epochs == complete(cnn, few, validation=0).epochs


def test_thresholds_of_an_autoencoder_need_validation_images():
    assert complete(autoencoder, images(40)).validation == 0.1


def test_the_validation_folder_of_the_data_is_used(tmp_path):
    for folder in ("train/a", "train/b", "val/a", "val/b"):
        (tmp_path / folder).mkdir(parents=True)
        Image.new("L", (16, 16)).save(tmp_path / folder / "image.png")
    settings = cnn.complete(resolve(cnn.Settings, {"data": str(tmp_path)}), BuildContext())
    assert settings.validation == 0.1
    assert not any("held out for validation" in note for note in describe_choices(settings, 2))


def test_a_preset_keeps_what_it_is_about():
    settings = complete(resnet, images(40, side=224, channels=3), preset="transfer", weights="")
    assert (settings.image_size, settings.augment, settings.learning_rate) == (224, "light", 1e-3)
    assert settings.batch_size == 8


def test_large_images_are_resized_to_what_the_network_is_for():
    assert complete(cnn, images(40, side=224, channels=3), network="fast").image_size == 128
    assert complete(resnet, images(40, side=224, channels=3)).image_size == 56
    assert complete(resnet, images(40, side=224, channels=3), stem="imagenet").image_size == 128


def test_a_source_that_cannot_be_read_changes_nothing(tmp_path):
    settings = resolve(cnn.Settings, {"data": str(tmp_path / "absent")})
    assert cnn.complete(settings, BuildContext()) == settings


@pytest.mark.parametrize("limit", [0, 300])
def test_a_data_set_with_a_name_keeps_the_network_of_the_course(limit):
    settings = cnn.complete(resolve(cnn.Settings, {"limit": limit}), BuildContext())
    assert (settings.network, settings.channels, settings.padding) == ("course", (32, 64), "valid")
    assert (settings.batch_size, settings.epochs) == ((32, 56) if limit else (128, 8))


def test_what_was_chosen_is_said_and_names_the_flags():
    training, validation = describe_choices(complete(cnn, images(40)), 40)
    assert training.startswith("Few training images (40): batches of 8, ")
    assert "--augment affine" in training and "--network fast" in training
    assert validation == "No images are held out for validation (--validation 0): all 40 are trained on."


def test_nothing_is_said_where_nothing_was_chosen():
    assert describe_choices(cnn.complete(resolve(cnn.Settings, {}), BuildContext()), 54_000) == []
    chosen = complete(cnn, images(40))
    assert describe_choices(resolve(cnn.Settings, chosen.model_dump()), 36) == [], "a restored run"


def test_names_that_a_system_does_not_have_are_ignored():
    settings = resolve(cnn.Settings, {})
    assert fill(settings, {"no_such_setting": 1}) == settings


@pytest.mark.parametrize("name", ["autoencoder", "denoiser", "gan", "image_to_image", "perceptron", "mlp", "vgg"])
def test_every_system_for_images_takes_small_batches_of_few_images(name, tmp_path):
    for label in "ab":
        (tmp_path / label).mkdir()
        for number in range(20):
            Image.new("L", (32, 32), number).save(tmp_path / label / f"{number}.png")
    system = importlib.import_module(f"axone.systems.{name}")
    settings = system.complete(resolve(system.Settings, {"data": str(tmp_path)}), BuildContext())
    assert settings.batch_size == 8
    if name != "gan":  # whose epochs have a length of their own
        assert settings.epochs * (round(34 * (1 - settings.validation)) // 8) >= 500
    explicit = system.complete(resolve(system.Settings, {"data": str(tmp_path), "batch_size": 4}), BuildContext())
    assert explicit.batch_size == 4


def test_large_images_of_a_denoiser_are_cut_into_patches_as_before(tmp_path):
    for number in range(10):
        Image.new("L", (200, 200), number).save(tmp_path / f"{number}.png")
    settings = resolve(denoiser.Settings, {"data": str(tmp_path)})
    assert denoiser.complete(settings, BuildContext()) == settings


def test_a_perceptron_that_takes_all_images_at_once_gets_a_step_an_epoch(tmp_path):
    for label in "ab":
        (tmp_path / label).mkdir()
        for number in range(5):
            Image.new("L", (16, 16), number).save(tmp_path / label / f"{number}.png")
    settings = resolve(perceptron.Settings, {"data": str(tmp_path), "batch_size": 0})
    assert perceptron.complete(settings, BuildContext()).epochs == 500
