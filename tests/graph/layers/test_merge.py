"""Where branches meet: what reaches each of them on the way back."""

import torch

from axone.graph import Concatenate, Conv2d, Input, Model


def test_gradients_through_a_concatenation_are_the_same_in_both_layouts() -> None:
    torch.manual_seed(0)
    x = Input(3, 6, 6)
    branches = [Conv2d(channels, 3, padding=1, activation="relu")(x) for channels in (2, 4)]
    model = Model(x, Conv2d(5, 1)(Concatenate()(*branches))).train()
    images = torch.randn(2, 3, 6, 6, requires_grad=True)
    plain = torch.autograd.grad(model(images).square().sum(), [images, *model.parameters()])
    model.to(memory_format=torch.channels_last)
    last = images.detach().contiguous(memory_format=torch.channels_last).requires_grad_()
    for one, other in zip(plain, torch.autograd.grad(model(last).square().sum(), [last, *model.parameters()])):
        torch.testing.assert_close(one, other)
