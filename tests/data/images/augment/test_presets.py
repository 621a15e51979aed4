"""Presets of augmentation: what they change, and that the same seed and a resumed epoch give the same images."""

import dataclasses

import pytest
import torch

from axone.data.images.augment.geometry import Geometry
from axone.data.images.augment.mixing import choose_mix, cutmix, mixup
from axone.data.images.augment.presets import PRESETS, Preset, build_augmentation
from axone.data.images.stream import ImageStream, ImageTransform
from axone.data.random import make_generator

CHANGING = [name for name in PRESETS if name != "none"]


def make_images(channels, count=24, side=12):
    return torch.randint(0, 256, (count, side, side, channels), dtype=torch.uint8, generator=make_generator("preset"))


def test_the_preset_none_changes_nothing():
    assert build_augmentation(PRESETS["none"]) is None and build_augmentation(Preset(), border="reflection") is None


def test_a_preset_of_flips_alone_can_lose_them():
    only = Preset(Geometry(flip_left_right=1.0))
    pixels = make_images(3)
    assert torch.equal(build_augmentation(only)(pixels, make_generator(0), 1, torch.arange(24)), pixels.flip(2))
    assert build_augmentation(only, flips=False) is None


@pytest.mark.parametrize("border", ["zeros", "reflection"])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("name", CHANGING)
def test_changes_most_images_repeats_and_keeps_the_input(name, channels, border):
    pixels = make_images(channels)
    before, index, state = pixels.clone(), torch.arange(24), torch.get_rng_state()
    step = build_augmentation(PRESETS[name], border=border)
    first = step(pixels, make_generator(1), 1, index)
    assert first.shape == pixels.shape and first.dtype == torch.uint8 and first.is_contiguous()
    assert torch.equal(pixels, before) and torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first, step(pixels, make_generator(1), 1, index))
    assert (first != pixels).flatten(1).any(1).double().mean() > 0.9
    assert (first != step(pixels, make_generator(2), 1, index)).flatten(1).any(1).double().mean() > 0.9


def test_the_course_has_what_the_course_names():
    course = PRESETS["course"]
    assert course.geometry.rotation and course.geometry.flip_up_down and course.geometry.flip_left_right
    assert course.geometry.elastic and course.color.inversion


def test_strong_uses_everything_at_least_as_much_as_the_others():
    strong = PRESETS["strong"]
    for name in ("light", "course"):
        for part in ("geometry", "color"):
            other = dataclasses.asdict(getattr(PRESETS[name], part))
            most = dataclasses.asdict(getattr(strong, part))
            assert all(most[field] >= value for field, value in other.items() if field != "border")
    assert all(value for value in dataclasses.asdict(strong.geometry).values())
    assert all(value for value in dataclasses.asdict(strong.color).values())
    assert strong.blur_noise.blur_probability and strong.blur_noise.noise_probability and strong.erasing.probability


@pytest.mark.parametrize("name", CHANGING)
def test_the_same_seed_epoch_and_batch_give_the_same_images_also_after_a_resume(name):
    transform = ImageTransform(augment=build_augmentation(PRESETS[name]), mix=choose_mix(mixup(0.4), cutmix(1.0)))

    def make_stream():
        return ImageStream.from_pixels(
            make_images(3), torch.arange(24) % 4, batch_size=5, seed=7, drop_last=True,
            transform=transform,
        )  # fmt: skip

    whole = {epoch: list(make_stream().batches(epoch)) for epoch in (1, 2)}
    for epoch, batches in whole.items():
        for start in range(len(batches)):
            for again, first in zip(make_stream().batches(epoch, start), batches[start:], strict=True):
                assert all(torch.equal(a, b) for a, b in zip(again, first))
    one, other = (torch.cat([batch.inputs for batch in batches]) for batches in whole.values())
    assert not torch.equal(one, other)


def test_one_image_of_one_pixel_survives_everything():
    pixels = torch.full((1, 1, 1, 3), 9, dtype=torch.uint8)
    for name in CHANGING:
        assert build_augmentation(PRESETS[name])(pixels, make_generator(0), 1, torch.arange(1)).shape == (1, 1, 1, 3)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("name", CHANGING)
def test_a_preset_draws_on_the_device_of_the_pixels(name):
    step, here = build_augmentation(PRESETS[name]), make_images(3).to("cuda")
    first, again = (step(here, make_generator(0, device=here.device), 1, torch.arange(24).to("cuda")) for _ in range(2))
    assert first.device.type == "cuda" and first.dtype == torch.uint8 and first.shape == here.shape
    assert torch.equal(first, again) and not torch.equal(first, here)
