import numpy as np
import torch

from axone.data.images.augment.rectangles import rectangle_masks


def test_rectangles_equal_numpy_slices():
    top, left = torch.tensor([1, -2, 3, 0]), torch.tensor([2, -1, 4, 0])
    heights, widths = torch.tensor([2, 4, 9, 0]), torch.tensor([1, 3, 9, 5])
    masks = rectangle_masks(top, left, heights, widths, (5, 6)).numpy()
    for number, (down, right, tall, width) in enumerate(zip(*(each.tolist() for each in (top, left, heights, widths)))):
        expected = np.zeros((5, 6), bool)
        expected[max(down, 0) : down + tall, max(right, 0) : right + width] = True
        assert np.array_equal(masks[number], expected)
