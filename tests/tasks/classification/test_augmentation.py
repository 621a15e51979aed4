"""From settings to the augmentation of training images, and the figure of it."""

import numpy as np
import pytest
import torch

from axone import catalogue
from axone.data.images.dataset import ImageDataset, Subset
from axone.data.images.stream import ImageStream, ImageTransform
from axone.data.random import make_generator
from axone.engine.context import BuildContext
from axone.figures.contact_sheet import draw_contact_sheet
from axone.settings import resolve
from axone.tasks.classification import augmentation as module
from axone.tasks.classification.augmentation import (
    are_characters,
    choose_augmentation,
    choose_mixing,
    draw_augmentation,
    has_black_background,
)
from axone.tasks.classification.settings import ImageClassificationSettings

GRAY = {"input": [1, 8, 8], "classes": ["Bag", "Coat"]}
PIXELS = torch.randint(0, 256, (30, 8, 8, 1), dtype=torch.uint8, generator=make_generator("sheet"))

BLACK_BACKGROUND = Subset.all(
    ImageDataset.from_pixels(torch.zeros(4, 8, 8, 1, dtype=torch.uint8), torch.zeros(4, dtype=torch.int64))
)


def augment(settings, pixels=PIXELS, facts=GRAY):
    step = choose_augmentation(settings, facts, BLACK_BACKGROUND)
    return step(pixels, make_generator(0), 1, torch.arange(len(pixels)))


def test_by_default_images_are_not_changed():
    assert (
        choose_augmentation(ImageClassificationSettings(), GRAY, BLACK_BACKGROUND) is None
        and choose_mixing(ImageClassificationSettings()) is None
    )


@pytest.mark.parametrize(
    "changes", [{"flip": True}, {"shift": 1}, {"augment": "light"}, {"augment": "course"}, {"augment": "strong"}]
)
def test_each_setting_changes_images(changes):
    assert not torch.equal(augment(ImageClassificationSettings(**changes)), PIXELS)


def test_gray_images_are_padded_with_black_and_color_images_by_reflection():
    white = torch.full((50, 8, 8, 1), 255, dtype=torch.uint8)
    light = ImageClassificationSettings(augment="light")
    assert augment(light, white).min() == 0
    color = {"input": [3, 8, 8], "classes": ["a cat", "a dog"]}
    assert augment(light, white.expand(-1, -1, -1, 3), color).min() == 255


def test_digits_and_letters_are_not_mirrored():
    assert are_characters(list("0123456789")) and not are_characters(["0", "1", "10"])
    half = torch.zeros(200, 8, 8, 1, dtype=torch.uint8)
    half[:, :, 4:] = 200
    course = ImageClassificationSettings(augment="course")

    def mirrored(classes):
        """The share of images that are bright on the left, without those that were inverted."""
        pixels = augment(course, half, {**GRAY, "classes": classes})[:, 3:5].double().mean((1, 3))
        positive = pixels.mean(1) < 120
        return (pixels[positive, 1] > pixels[positive, 6]).double().mean().item()

    assert mirrored(["6", "9"]) == 0 and mirrored(["Bag", "Coat"]) > 0.3


def test_mixing_follows_the_settings():
    inputs = torch.randn(16, 1, 6, 6, generator=make_generator("mixing"))

    def whole_pixels(settings):
        """The set of answers over some batches: is each pixel that of one image (CutMix), or a blend (mixup)?"""
        drawn = set()
        for seed in range(12):
            mixed = choose_mixing(settings)(inputs, make_generator(seed))
            pasted = (mixed.inputs == inputs) | (mixed.inputs == inputs[mixed.partner])
            drawn.add(bool(pasted.all()))
        return drawn

    assert whole_pixels(ImageClassificationSettings(mixup=1.0)) == {False}
    assert whole_pixels(ImageClassificationSettings(cutmix=1.0)) == {True}
    assert whole_pixels(ImageClassificationSettings(mixup=1.0, cutmix=1.0)) == {True, False}


def stream(**options):
    transform = ImageTransform(**options)
    return ImageStream.from_pixels(PIXELS, torch.arange(30) % 2, batch_size=8, drop_last=True, transform=transform)


def test_the_figure_shows_images_as_each_epoch_augments_them(monkeypatch):
    drawn = {}

    def keep(images, captions, columns):
        drawn.update(images=images, captions=captions, columns=columns)
        return draw_contact_sheet(images, captions, columns)

    monkeypatch.setattr(module, "draw_contact_sheet", keep)
    training = stream(
        augment=choose_augmentation(ImageClassificationSettings(augment="course"), GRAY, BLACK_BACKGROUND),
        mean=(0.3,),
        std=(0.2,),
    )
    (figure,) = draw_augmentation(training, GRAY["classes"])
    assert figure.name == "augmentation" and drawn["columns"] == 7
    rows = drawn["images"].reshape(-1, 7, 8, 8, 1)
    assert 2 <= len(rows) <= 6
    assert [caption.split("\n")[0] for caption in drawn["captions"][:8]] == [
        "Bag", *(f"epoch {number}" for number in range(1, 7)), "Coat",
    ]  # fmt: skip
    by_epoch = [torch.cat([batch.inputs for batch in training.batches(epoch)]) for epoch in range(1, 7)]
    originals = {one.numpy().tobytes() for one in PIXELS}
    for row in rows:
        assert row[0].tobytes() in originals
        for epoch in range(6):
            bytes_of = ((by_epoch[epoch] * 0.2 + 0.3) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
            assert any(np.array_equal(row[epoch + 1], one) for one in bytes_of)
    assert len({tile.tobytes() for tile in rows[0]}) == 7


def test_without_augmentation_there_is_no_figure():
    assert not list(draw_augmentation(stream(), GRAY["classes"]))
    assert list(draw_augmentation(stream(mix=choose_mixing(ImageClassificationSettings(mixup=1.0))), GRAY["classes"]))


def test_a_classifier_draws_its_augmentation_at_the_end():
    module = catalogue.load(catalogue.find("cnn"))
    experiment = module.build(
        resolve(module.Settings, {"limit": 300, "augment": "course", "mixup": 0.2}), BuildContext()
    )
    with experiment.learner.checking():
        assert "augmentation" in {figure.name for figure in experiment.figures(experiment, True)}
        assert "augmentation" not in {figure.name for figure in experiment.figures(experiment, False)}


@pytest.mark.parametrize(("gray", "is_black"), [(0, True), (20, True), (120, False), (255, False)])
def test_only_a_black_background_is_continued_in_black(gray, is_black):
    pixels = torch.full((6, 16, 16, 1), gray, dtype=torch.uint8)
    pixels[:, 4:12, 4:12] = 200
    images = Subset.all(ImageDataset.from_pixels(pixels, torch.zeros(6, dtype=torch.int64)))
    assert has_black_background(images) == is_black
    step = choose_augmentation(ImageClassificationSettings(augment="affine"), {**GRAY, "input": [1, 16, 16]}, images)
    changed = step(pixels, make_generator(0), 1, torch.arange(6))
    assert (int(changed.min()) < min(gray, 200)) == (is_black and gray > 0), "a black edge that no image has"
