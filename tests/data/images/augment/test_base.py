import numpy as np
import pytest
import torch

from axone.data.images.augment.base import (
    Erasing,
    apply_as_floats,
    compose,
    erase,
    erase_rectangle,
    flip_left_right,
    shift,
)
from axone.data.random import make_generator

PIXELS = torch.randint(0, 256, (40, 6, 5, 3), dtype=torch.uint8, generator=make_generator("test"))
INDEX = torch.arange(100, 140)


def run(step, epoch=0, pixels=PIXELS, index=INDEX, seed=0):
    return step(pixels, make_generator(seed), epoch, index)


STEPS = {
    "flip": flip_left_right(3),
    "shift": shift(2),
    "shift zero": shift(2, "zero"),
    "erase": erase(3),
    "erase rectangle": erase_rectangle(Erasing(probability=0.7)),
    "in floats": apply_as_floats(lambda pixels, generator: pixels + torch.randn(pixels.shape, generator=generator)),
    "compose": compose(flip_left_right(3), shift(2), erase(3)),
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


def test_a_flip_belongs_to_the_image_not_to_its_place_in_the_batch():
    turned = run(flip_left_right(3), pixels=PIXELS.flip(0), index=INDEX.flip(0))
    assert torch.equal(turned.flip(0), run(flip_left_right(3)))


@pytest.mark.parametrize("seed", range(5))
def test_flips_concern_half_of_the_images(seed):
    marked = torch.zeros(10_000, 1, 2, 1, dtype=torch.uint8)
    marked[:, :, 0] = 1
    flipped = run(flip_left_right(seed), pixels=marked, index=torch.arange(10_000))[:, 0, 1, 0]
    assert 0.48 < flipped.double().mean() < 0.52


def test_flips_differ_with_the_seed():
    assert not torch.equal(run(flip_left_right(0)), run(flip_left_right(1)))


@pytest.mark.parametrize("padding", ["reflect", "zero"])
@pytest.mark.parametrize("most", [1, 2, 3])
def test_shift_is_numpys_padding_and_a_window(padding, most):
    moved = run(shift(most, padding))
    mode = {"reflect": "reflect", "zero": "constant"}[padding]
    padded = np.pad(PIXELS.numpy(), ((0, 0), (most, most), (most, most), (0, 0)), mode=mode)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (6, 5), axis=(1, 2))
    used = set()
    for number in range(len(PIXELS)):
        found = [
            (down, right)
            for down in range(2 * most + 1)
            for right in range(2 * most + 1)
            if np.array_equal(windows[number, down, right].transpose(1, 2, 0), moved[number].numpy())
        ]
        assert len(found) == 1
        used.update(found)
    assert {down for down, _ in used} == {right for _, right in used} == set(range(2 * most + 1))


def test_shift_by_nothing_is_the_identity_and_by_more_than_the_image_works():
    assert torch.equal(run(shift(0)), PIXELS)
    assert run(shift(20)).shape == PIXELS.shape
    one = torch.full((2, 1, 1, 1), 7, dtype=torch.uint8)
    assert torch.equal(run(shift(3), pixels=one, index=torch.arange(2)), one)


def test_erase_sets_one_square():
    pixels = torch.full((500, 9, 9, 2), 200, dtype=torch.uint8)
    erased = run(erase(4, value=9), pixels=pixels, index=torch.arange(500))
    gone = erased != 200
    assert torch.equal(gone[..., 0], gone[..., 1]) and set(erased.unique().tolist()) == {9, 200}
    heights, widths = gone[..., 0].any(2).sum(1), gone[..., 0].any(1).sum(1)
    assert torch.equal(gone[..., 0].sum((1, 2)), heights * widths)  # a full rectangle
    assert heights.max() == 4 and widths.max() == 4 and heights.min() == 2  # cut at the border
    assert gone.float().mean(0).min() > 0  # every place can be hit


def test_a_rectangle_of_one_color_and_of_the_area_that_was_asked():
    pixels = torch.full((600, 40, 30, 3), 255, dtype=torch.uint8)
    erased = run(erase_rectangle(Erasing(probability=0.5)), pixels=pixels, index=torch.arange(600))
    gone = (erased != pixels).any(3)
    assert 0.4 < gone.flatten(1).any(1).double().mean() < 0.6
    areas = []
    for picture, mask in zip(erased, gone):
        if mask.any():
            assert len(picture[mask].unique(dim=0)) == 1
            assert mask.sum() == mask.any(0).sum() * mask.any(1).sum()
            areas.append(mask.double().mean().item())
    assert 0.015 < min(areas) < 0.04 and 0.15 < max(areas) < 0.22
    assert gone.any(2).any(0).all() and gone.any(1).any(0).all()  # every row and column can be hit
    assert torch.equal(run(erase_rectangle(Erasing(probability=0.0))), PIXELS)
    everything = Erasing(probability=1.0, min_area=1.0, max_area=1.0)
    assert len(run(erase_rectangle(everything), pixels=pixels[:1], index=INDEX[:1]).unique()) <= 4


def test_in_floats_rounds_and_stays_within_bytes():
    made = run(apply_as_floats(lambda pixels, generator: pixels * 2, lambda pixels, generator: pixels - 60.4))
    expected = (PIXELS.double() * 2 - 60.4).round().clamp(0, 255)
    assert torch.equal(made.double(), expected)
    assert torch.equal(run(apply_as_floats()), PIXELS)


def test_compose_does_them_in_order():
    by_hand = run(shift(2), pixels=run(flip_left_right(3)))
    assert torch.equal(run(compose(flip_left_right(3), shift(2))), by_hand)
    assert torch.equal(run(compose()), PIXELS)
