"""A network for sides that are multiples of 4 accepts images of any size; sizes that fit are not changed."""

import pytest
import torch
from torch import nn

from axone.tasks.restoration.pad_to_multiple import PadToMultiple


class AddOne(nn.Module):
    """Records its input, whose sides must be multiples of 4."""

    def forward(self, images):
        self.images = images
        assert images.shape[2] % 4 == 0 and images.shape[3] % 4 == 0
        return images + 1


@pytest.mark.parametrize("size", [(1, 1), (4, 8), (5, 3), (27, 30)])
def test_output_has_the_size_of_the_image_and_the_border_is_repeated(size):
    inner = AddOne()
    images = torch.rand(2, 3, *size)
    assert torch.equal(PadToMultiple(inner, 4)(images), images + 1)
    below = inner.images[:, :, size[0] :, : size[1]]
    assert torch.equal(below, images[:, :, -1:].expand_as(below))


def test_images_of_a_fitting_size_are_passed_on_unchanged():
    inner, images = AddOne(), torch.rand(1, 1, 8, 4)
    PadToMultiple(inner, 4)(images)
    assert inner.images is images
