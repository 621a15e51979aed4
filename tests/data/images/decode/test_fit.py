import numpy as np
import pytest
from PIL import Image

from axone.data.images.decode.fit import describe_fit, fit_image, largest_reduction, lost_shares
from tests.helpers.data.images import noise

WIDE = np.zeros((20, 60), np.uint8)
WIDE[:, :20], WIDE[:, 40:] = 100, 200  # left third, black middle, right third


def test_crop_keeps_the_middle_and_pad_and_stretch_keep_the_edges():
    image = Image.fromarray(WIDE)
    cropped, padded, stretched = (np.asarray(fit_image(image, (20, 20), fit)) for fit in ("crop", "pad", "stretch"))
    assert (cropped == 0).all()
    assert (padded[:6] == 0).all() and (padded[14:] == 0).all() and padded[10, 0] == 100 and padded[10, -1] == 200
    assert stretched[0, 0] == 100 and stretched[-1, -1] == 200 and (stretched[:, 9:11] == 0).all()


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (7, 11), (11, 7), (30, 60)])
def test_any_image_gets_the_size(fit, shape):
    image = Image.fromarray(noise(*shape))
    assert fit_image(image, (11, 7), fit).size == (7, 11)
    assert fit_image(image, (shape[0], shape[1]), fit) is image


def test_the_share_that_is_cut_off_is_measured_from_pixels():
    heights, widths = np.array([20, 30, 40, 32]), np.array([60, 40, 30, 32])
    assert lost_shares(heights, widths, (8, 8)).tolist() == pytest.approx([2 / 3, 1 / 4, 1 / 4, 0])
    assert lost_shares(heights, widths, (3, 4)).tolist() == pytest.approx([5 / 9, 0, 7 / 16, 1 / 4])
    marked = np.zeros((20, 60), np.uint8)
    marked[:, 20:40] = 255
    middle = (np.asarray(fit_image(Image.fromarray(marked), (20, 20))) == 255).mean()
    assert middle * 400 / 1200 == pytest.approx(1 - lost_shares(np.array([20]), np.array([60]), (20, 20))[0])


def test_the_note_counts_images_from_4_to_3_on_and_names_the_flags():
    heights, widths = np.array([30, 30, 30, 31]), np.array([40, 90, 30, 40])
    (note,) = describe_fit(heights, widths, (30, 30), "crop")
    assert note.startswith("2 of 4 images are cropped to 30 x 30 pixels: on average 46")
    assert "--fit pad" in note and "--fit stretch" in note
    assert "2 of 4 images get black borders" in describe_fit(heights, widths, (30, 30), "pad")[0]
    assert "2 of 4 images are stretched" in describe_fit(heights, widths, (30, 30), "stretch")[0]
    assert describe_fit(np.array([30, 33]), np.array([39, 33]), (30, 30), "crop") == []


def test_images_that_are_kept_as_they_are_are_named():
    sizes = np.array([32, 32]), np.array([128, 128])
    assert "128 x 32 pixels, and are not cropped" in describe_fit(*sizes, (32, 128), "crop")[0]
    assert describe_fit(np.array([9, 9]), np.array([9, 9]), (9, 9), "crop") == []


def test_an_image_may_be_reduced_until_it_would_be_enlarged():
    assert largest_reduction(600, 1200, (60, 60), "crop") == 10
    assert largest_reduction(600, 1200, (60, 60), "pad") == 20
    assert largest_reduction(600, 1200, (60, 60), "stretch") == 10
