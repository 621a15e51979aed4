"""Exact where it can be, and against Pillow's own enhancers."""

import colorsys

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance

from axone.data.images.augment.base import apply_as_floats
from axone.data.images.augment.color import (
    LUMA,
    Color,
    draw_color_maps,
    jitter_color,
    rotate_hue,
    scale_channels,
    scale_saturation,
)
from axone.data.random import make_generator

PIXELS = torch.randint(0, 256, (60, 5, 4, 3), dtype=torch.uint8, generator=make_generator("color"))


def run(ranges, pixels=PIXELS, seed=0):
    return apply_as_floats(jitter_color(ranges))(pixels, make_generator(seed), 1, torch.arange(len(pixels)))


def test_inversion_is_exact_and_each_channel_s_own():
    result = run(Color(inversion=0.5))
    inverted = (result == 255 - PIXELS).all((1, 2))
    assert (inverted | (result == PIXELS).all((1, 2))).all()
    assert len({tuple(row) for row in inverted.tolist()}) == 8
    assert torch.equal(run(Color(inversion=1.0)), 255 - PIXELS)


def test_shuffled_channels_are_the_same_channels():
    result = run(Color(channel_shuffle=0.6))
    orders = set()
    for before, after in zip(PIXELS, result):
        order = [next(k for k in range(3) if torch.equal(after[..., c], before[..., k])) for c in range(3)]
        assert sorted(order) == [0, 1, 2]
        orders.add(tuple(order))
    assert len(orders) == 6
    assert 0.3 < (result == PIXELS).all(3).all(2).all(1).double().mean() < 0.7


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_images_without_hues_keep_them(channels):
    pixels = PIXELS[..., :1].expand(-1, -1, -1, channels)
    assert torch.equal(run(Color(saturation=0.9, hue=180.0, channel_shuffle=1.0), pixels), pixels)
    assert torch.equal(run(Color(inversion=1.0), pixels), 255 - pixels)
    assert not torch.equal(run(Color(contrast=0.5, brightness=0.5), pixels), pixels)


def apply(maps, image):
    """(4, 4) and (height, width, 3) bytes -> bytes."""
    values = image.double() @ maps[:3, :3].double().T + maps[:3, 3].double()
    return values.round().clamp(0, 255).numpy()


@pytest.mark.parametrize("factor", [0.0, 0.4, 1.0, 1.7])
def test_brightness_contrast_and_saturation_are_pillows(factor):
    original = PIXELS[0]
    image, number = Image.fromarray(original.numpy()), torch.tensor([factor])
    gray = torch.tensor([float(np.asarray(image.convert("L")).mean())])
    result = {
        ImageEnhance.Brightness: scale_channels(number, torch.zeros(1), 3),
        ImageEnhance.Contrast: scale_channels(number, (1 - number) * gray, 3),
        ImageEnhance.Color: scale_saturation(number),
    }
    for pillows, maps in result.items():
        np.testing.assert_allclose(apply(maps[0], original), np.asarray(pillows(image).enhance(factor)), atol=1.01)


def test_contrast_turns_about_what_the_image_s_mean_has_become():
    pixels = PIXELS[:1].permute(0, 3, 1, 2).float()
    maps = draw_color_maps(Color(contrast=1.0, saturation=1.0), 1, 3, make_generator(2), pixels.mean((2, 3)))
    after = maps[:, :3, :3] @ pixels.flatten(2) + maps[:, :3, 3:]
    brightness = torch.tensor(LUMA) @ pixels.flatten(2)
    assert (torch.tensor(LUMA) @ after).mean().item() == pytest.approx(brightness.mean().item(), rel=1e-4)
    assert (torch.tensor(LUMA) @ after).std().item() != pytest.approx(brightness.std().item(), rel=1e-2)


def test_rotations_of_the_hue_preserve_gray_and_brightness_and_add_up():
    one, other, both = rotate_hue(torch.tensor([50.0, 130.0, 180.0]))
    assert torch.allclose(one @ other, both, atol=1e-5)
    assert torch.allclose(rotate_hue(torch.tensor([360.0]))[0], torch.eye(4), atol=1e-5)
    gray = torch.tensor([80.0, 80.0, 80.0, 1.0])
    assert torch.allclose(one @ gray, gray, atol=1e-3)
    luma = torch.tensor([*LUMA, 0.0])
    assert torch.allclose(luma @ one, luma, atol=1e-5)


def test_red_turns_to_green_and_to_blue():
    red = torch.tensor([150.0, 90.0, 90.0, 1.0])
    hues = []
    for angle in (0.0, 120.0, 240.0):
        r, g, b = (rotate_hue(torch.tensor([angle]))[0] @ red)[:3].tolist()
        hues.append(360 * colorsys.rgb_to_hsv(r, g, b)[0])
    assert hues == pytest.approx([0, 120, 240], abs=25)  # equal steps of YIQ's circle are not quite those of HSV's


def test_draws_come_from_the_generator_alone():
    ranges = Color(0.5, 30.0, 0.3, 0.3, 0.3, 0.3)
    state = torch.get_rng_state()
    assert torch.equal(run(ranges), run(ranges)) and torch.equal(torch.get_rng_state(), state)
    assert not torch.equal(run(ranges), run(ranges, seed=1))
