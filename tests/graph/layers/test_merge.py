"""Layers that combine branches: shapes, errors, and gradients of a concatenation."""

import pytest
import torch

from axone.graph import Concatenate, Conv2d, GraphError, Input, Model, Multiply


def test_concatenation_adds_the_sizes_of_one_dimension() -> None:
    image = Input(6, 4, 5)
    assert Concatenate()(image, Input(3, 4, 5)).shape == (9, 4, 5)
    assert Concatenate(dim=-1)([image, Input(6, 4, 1)]).shape == (6, 4, 6)


def test_a_size_of_1_is_broadcast() -> None:
    a, b = Input(6, 4, 5), Input(6, 1, 1)
    model = Model((a, b), Multiply()(a, b))
    images, factors = torch.rand(2, 6, 4, 5), torch.rand(2, 6, 1, 1)
    assert torch.equal(model(images, factors), images * factors)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: Input(4, 8, 8) + Input(4, 7, 7), r"\(4, 8, 8\), \(4, 7, 7\).\nexpected equal shapes"),
        (lambda: Input(4) + Input(4, 1), "equal shapes"),
        (lambda: Input(4) - Input(5), r"\(4,\), \(5,\)"),
        (lambda: Concatenate()(Input(4, 8, 8), Input(4, 7, 8)), "differ only in dimension 1"),
        (lambda: Concatenate(dim=0)(Input(4), Input(4)), "dim from 1 to 1"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write()


def test_gradients_through_a_concatenation_are_equal_in_both_memory_formats() -> None:
    torch.manual_seed(0)
    x = Input(3, 6, 6)
    branches = [Conv2d(channels, 3, padding=1, activation="relu")(x) for channels in (2, 4)]
    model = Model(x, Conv2d(5, 1)(Concatenate()(*branches))).train()
    images = torch.randn(2, 3, 6, 6, requires_grad=True)
    contiguous = torch.autograd.grad(model(images).square().sum(), [images, *model.parameters()])
    model.to(memory_format=torch.channels_last)
    images = images.detach().contiguous(memory_format=torch.channels_last).requires_grad_()
    channels_last = torch.autograd.grad(model(images).square().sum(), [images, *model.parameters()])
    for one, other in zip(contiguous, channels_last, strict=True):
        torch.testing.assert_close(one, other)
