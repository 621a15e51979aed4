"""Steps of augmentation: exact results, repeatable draws, unchanged inputs."""

import numpy as np
import pytest
import torch

from axone.data.images.augment.base import apply_as_floats, apply_where, compose, flip_left_right, shift
from axone.data.random import make_generator

PIXELS = torch.randint(0, 256, (40, 6, 5, 3), dtype=torch.uint8, generator=make_generator("test"))
INDEX = torch.arange(100, 140)


def run(step, epoch=0, pixels=PIXELS, index=INDEX, seed=0):
    return step(pixels, make_generator(seed), epoch, index)


STEPS = {
    "flip": flip_left_right(3),
    "shift": shift(2),
    "shift zero": shift(2, "zero"),
    "as floats": apply_as_floats(lambda pixels, generator: pixels + torch.randn(pixels.shape, generator=generator)),
    "compose": compose(flip_left_right(3), shift(2)),
}


@pytest.mark.parametrize("name", STEPS)
def test_repeats_and_keeps_shape_and_input(name):
    before = PIXELS.clone()
    first = run(STEPS[name])
    assert first.shape == PIXELS.shape and first.dtype == torch.uint8 and first.is_contiguous()
    assert torch.equal(first, run(STEPS[name]))
    assert torch.equal(PIXELS, before)
    assert not torch.equal(first, PIXELS)
    if name != "flip":
        assert not torch.equal(first, run(STEPS[name], seed=1))


def test_flips_alternate_and_are_exact():
    even, odd = run(flip_left_right(3), 0), run(flip_left_right(3), 1)
    mirrored = torch.from_numpy(PIXELS.numpy()[:, :, ::-1].copy())
    for number in range(len(PIXELS)):
        pair = [even[number], odd[number]]
        expected = [PIXELS[number], mirrored[number]]
        assert any(torch.equal(pair[0], a) and torch.equal(pair[1], b) for a, b in (expected, expected[::-1]))
    assert torch.equal(even, run(flip_left_right(3), 2))


def test_a_flip_depends_on_the_image_and_not_on_its_position_in_the_batch():
    turned = run(flip_left_right(3), pixels=PIXELS.flip(0), index=INDEX.flip(0))
    assert torch.equal(turned.flip(0), run(flip_left_right(3)))


@pytest.mark.parametrize("seed", range(5))
def test_half_of_the_images_are_flipped(seed):
    marked = torch.zeros(10_000, 1, 2, 1, dtype=torch.uint8)
    marked[:, :, 0] = 1
    flipped = run(flip_left_right(seed), pixels=marked, index=torch.arange(10_000))[:, 0, 1, 0]
    assert 0.48 < flipped.double().mean() < 0.52


def test_flips_differ_with_the_seed():
    assert not torch.equal(run(flip_left_right(0)), run(flip_left_right(1)))


@pytest.mark.parametrize("padding", ["reflect", "zero"])
@pytest.mark.parametrize("distance", [1, 2, 3])
def test_shift_equals_padding_and_a_window_of_numpy(padding, distance):
    moved = run(shift(distance, padding))
    mode = {"reflect": "reflect", "zero": "constant"}[padding]
    padded = np.pad(PIXELS.numpy(), ((0, 0), (distance, distance), (distance, distance), (0, 0)), mode=mode)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (6, 5), axis=(1, 2))
    used = set()
    for number in range(len(PIXELS)):
        drawn = [
            (down, right)
            for down in range(2 * distance + 1)
            for right in range(2 * distance + 1)
            if np.array_equal(windows[number, down, right].transpose(1, 2, 0), moved[number].numpy())
        ]
        assert len(drawn) == 1
        used.update(drawn)
    assert {down for down, _ in used} == {right for _, right in used} == set(range(2 * distance + 1))


def test_shift_by_nothing_is_the_identity_and_by_more_than_the_image_works():
    assert torch.equal(run(shift(0)), PIXELS)
    assert run(shift(20)).shape == PIXELS.shape
    one = torch.full((2, 1, 1, 1), 7, dtype=torch.uint8)
    assert torch.equal(run(shift(3), pixels=one, index=torch.arange(2)), one)


def test_changes_of_floats_are_rounded_and_clipped_to_bytes():
    result = run(apply_as_floats(lambda pixels, generator: pixels * 2, lambda pixels, generator: pixels - 60.4))
    expected = (PIXELS.double() * 2 - 60.4).round().clamp(0, 255)
    assert torch.equal(result.double(), expected)
    assert torch.equal(run(apply_as_floats()), PIXELS)


def test_compose_applies_steps_in_order():
    by_hand = run(shift(2), pixels=run(flip_left_right(3)))
    assert torch.equal(run(compose(flip_left_right(3), shift(2))), by_hand)
    assert torch.equal(run(compose()), PIXELS)


def test_a_change_applies_to_the_chosen_images_alone_on_the_cpu_and_on_accelerators():
    mask = torch.tensor([True, False, True, False] * 10)
    seen = []

    def invert(images, rows):
        seen.append(len(images))
        return 255 - images

    expected = torch.where(mask[:, None, None, None], 255 - PIXELS, PIXELS)
    assert torch.equal(apply_where(mask, PIXELS, invert), expected)
    assert torch.equal(apply_where(~mask & mask, PIXELS, invert), PIXELS)
    assert apply_where(mask.to("meta"), PIXELS.to("meta"), invert).shape == PIXELS.shape
    assert seen == [20, 40]
