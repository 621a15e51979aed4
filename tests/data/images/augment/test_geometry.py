"""Exact where it can be exact, and everywhere else what SciPy makes of the same matrix."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from axone.data.images.augment.base import apply_as_floats
from axone.data.images.augment.geometry import Geometry, homography, resample, warp
from axone.data.random import make_generator

SIZES = [(8, 8), (7, 7), (6, 9), (28, 28), (1, 1), (1, 5), (64, 64)]


def make_images(height, width, channels=3, count=4):
    return torch.randint(
        0, 256, (count, height, width, channels), dtype=torch.uint8, generator=make_generator("picture")
    )


def resampled(pixels, border="zeros", bends=None, **changes):
    """Bytes (batch, height, width, channels) in and out; the same homography for each image."""
    maps = homography(pixels.shape[1:3], **changes).expand(len(pixels), 3, 3)
    step = apply_as_floats(lambda floats, generator: resample(floats, maps, bends, border))
    return step(pixels, make_generator(0), 1, torch.arange(len(pixels)))


@pytest.mark.parametrize("border", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", SIZES)
def test_a_rotation_by_nothing_is_the_identity_to_the_bit(size, channels, border):
    pixels = make_images(*size, channels)
    assert torch.equal(resampled(pixels, border, rotation=0.0), pixels)
    assert torch.equal(resampled(pixels, border, torch.zeros(len(pixels), 2, 4, 4)), pixels)
    assert torch.equal(resampled(pixels, border, rotation=360.0), pixels)


@pytest.mark.parametrize("border", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("side", [1, 5, 28, 32, 224])
def test_quarter_turns_are_exact_and_four_of_them_the_identity(side, border):
    pixels = turned = make_images(side, side)
    for turns in range(1, 5):
        turned = resampled(turned, border, rotation=90.0)
        assert torch.equal(turned, pixels.rot90(turns, (1, 2)))
        assert torch.equal(resampled(pixels, border, rotation=90.0 * turns), turned)
    assert torch.equal(turned, pixels)


@pytest.mark.parametrize("size", SIZES)
def test_flips_are_exact(size):
    pixels = make_images(*size)
    assert torch.equal(resampled(pixels, flips=(True, False)), pixels.flip(2))
    assert torch.equal(resampled(pixels, flips=(False, True)), pixels.flip(1))
    assert torch.equal(resampled(pixels, flips=(True, True)), pixels.flip(1, 2))


@pytest.mark.parametrize(("border", "numpys"), [("zeros", "constant"), ("border", "edge"), ("reflection", "symmetric")])
@pytest.mark.parametrize(("right", "down"), [(1, 0), (0, 2), (-3, 1), (2, -4)])
def test_a_translation_by_whole_pixels_is_exact(right, down, border, numpys):
    pixels = make_images(7, 6)
    padded = np.pad(pixels.numpy(), ((0, 0), (4, 4), (4, 4), (0, 0)), mode=numpys)
    expected = padded[:, 4 - down : 11 - down, 4 - right : 10 - right]
    assert np.array_equal(resampled(pixels, border, translation=(float(right), float(down))).numpy(), expected)


def test_all_changes_at_once_equal_scipys_transform_by_the_product_of_the_matrices():
    height, width = 11, 14
    pixels = make_images(height, width, 1, 1)
    angle, slant, factor, right, down, tilt_x, tilt_y = np.deg2rad(25), np.deg2rad(9), 1.2, 1.5, -2.25, 0.2, -0.1
    forwards = [  # what happens to the image, in this order; y runs downwards
        np.diag([-1, 1, 1]),
        np.diag([factor, factor, 1]),
        np.array([[1, np.tan(slant), 0], [0, 1, 0], [0, 0, 1]]),
        np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]]),
        np.array([[1, 0, right], [0, 1, down], [0, 0, 1]]),
    ]
    back = np.linalg.inv(np.linalg.multi_dot(forwards[::-1])) + np.array(
        [[0, 0, 0], [0, 0, 0], [2 * tilt_x / width, 2 * tilt_y / height, 0]]
    )
    rows, columns = np.mgrid[:height, :width].astype(float)
    places = np.stack([columns - (width - 1) / 2, rows - (height - 1) / 2, np.ones_like(rows)])
    x, y, depth = np.einsum("ij,jhw->ihw", back, places)
    source = np.stack([y / depth + (height - 1) / 2, x / depth + (width - 1) / 2])
    expected = ndimage.map_coordinates(pixels[0, ..., 0].double().numpy(), source, order=1, mode="grid-constant")
    maps = homography(
        (height, width),
        rotation=25.0,
        shear=9.0,
        scale=1.2,
        translation=(1.5, -2.25),
        perspective=(0.2, -0.1),
        flips=(True, False),
    )
    result = resample(pixels.permute(0, 3, 1, 2).float(), maps)
    np.testing.assert_allclose(result[0, 0].numpy(), expected, atol=2e-3)


def test_bends_move_the_image_under_each_control_point():
    pixels = make_images(8, 8)
    everywhere = torch.zeros(len(pixels), 2, 4, 4)
    everywhere[:, 0] = 0.25  # the whole image comes from a quarter of its side further right
    assert torch.equal(resampled(pixels, bends=everywhere), resampled(pixels, translation=(-2.0, 0.0)))
    corner = torch.zeros(len(pixels), 2, 4, 4)
    corner[:, 1, 0, 3] = 0.25  # row, column: the upper right corner comes from further down
    bent = resampled(pixels, bends=corner)
    assert torch.equal(bent[:, 0, 7], pixels[:, 2, 7])
    for row, column in ((0, 0), (7, 0), (7, 7)):
        assert torch.equal(bent[:, row, column], pixels[:, row, column])


RANGES = Geometry(20.0, 0.5, 0.5, 0.1, 0.2, 5.0, 0.1, 0.05)


def test_draws_come_from_the_generator_alone_and_differ_for_each_image():
    pixels = make_images(16, 16)[:1].expand(6, -1, -1, -1)
    step = apply_as_floats(warp(RANGES))
    state = torch.get_rng_state()
    first = step(pixels, make_generator(1), 1, torch.arange(6))
    assert torch.equal(first, step(pixels, make_generator(1), 9, torch.arange(6)))
    assert torch.equal(torch.get_rng_state(), state)
    assert not torch.equal(first, step(pixels, make_generator(2), 1, torch.arange(6)))
    assert len({one.numpy().tobytes() for one in first}) == 6


def test_flips_have_their_probability():
    marked = torch.zeros(4000, 2, 2, 1, dtype=torch.uint8)
    marked[:, 0, 0] = 255
    flipped = apply_as_floats(warp(Geometry(flip_left_right=0.25, flip_up_down=0.75)))(
        marked, make_generator(3), 1, torch.arange(4000)
    )
    shares = (flipped == 255).double().mean(0).squeeze(2)
    expected = torch.tensor([[0.75 * 0.25, 0.25 * 0.25], [0.75 * 0.75, 0.25 * 0.75]], dtype=torch.float64)
    assert (shares - expected).abs().max() < 0.03


@pytest.mark.parametrize(
    ("ranges", "most"), [(Geometry(translation=0.25), 4.0), (Geometry(elastic=0.25), 4.0), (Geometry(scale=1.0), 3.75)]
)
def test_no_draw_exceeds_its_range(ranges, most):
    columns = torch.arange(16.0).expand(300, 1, 16, 16)  # each value says which column it came from
    if ranges.elastic:
        most *= 1.3  # cubic interpolation overshoots between the points
    moved = warp(Geometry(**{**vars(ranges), "border": "border"}))(columns, make_generator(5)) - columns
    assert 0.6 * most < moved.abs().max() <= most


def test_a_perspective_with_a_horizon_in_the_image_is_refused():
    with pytest.raises(ValueError, match="perspective"):
        warp(Geometry(perspective=0.5))
