"""A network for multiples of 4 takes pictures of any size, and leaves those that fit alone."""

import pytest
import torch
from torch import nn

from axone.layers.any_size import AnySize


class Halving(nn.Module):
    """Says what it was shown, and refuses what it could not bring back to its size."""

    def forward(self, pictures):
        self.seen = pictures
        assert pictures.shape[2] % 4 == 0 and pictures.shape[3] % 4 == 0
        return pictures + 1


@pytest.mark.parametrize("size", [(1, 1), (4, 8), (5, 3), (27, 30)])
def test_the_answer_has_the_size_of_the_picture(size):
    inner = Halving()
    pictures = torch.rand(2, 3, *size)
    assert torch.equal(AnySize(inner, 4)(pictures), pictures + 1)
    extra = inner.seen[:, :, size[0] :, : size[1]]
    assert torch.equal(extra, pictures[:, :, -1:].expand_as(extra))


def test_what_fits_is_not_touched():
    inner, pictures = Halving(), torch.rand(1, 1, 8, 4)
    AnySize(inner, 4)(pictures)
    assert inner.seen is pictures
