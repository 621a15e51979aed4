"""The layers of generators and discriminators fit images of any side that can be halved."""

import pytest
import torch

from axone.graph import Input, Model
from axone.tasks.generation import networks

SIDES = [(8, [4]), (12, [6]), (20, [10, 5]), (28, [14, 7]), (32, [16, 8, 4]), (64, [32, 16, 8, 4])]


@pytest.mark.parametrize(("side", "sides"), SIDES)
def test_maps_are_halved_while_they_are_large(side, sides):
    assert networks.halve_side(side) == sides


def test_smaller_maps_have_more_channels_up_to_eight_times_as_many():
    assert networks.count_channels(4, 6) == [4, 8, 16, 32, 32, 32]


@pytest.mark.parametrize(("side", "_sides"), SIDES)
@pytest.mark.parametrize("layers", [networks.generator_dcgan, networks.generator_residual])
def test_generators_end_with_the_image(layers, side, _sides):
    assert layers(Input(6), 4, side, 3).shape == (3, side, side)


def test_the_class_vector_has_the_requested_size():
    index, vector = networks.embed_class(3, 5)
    network = Model(index, vector)
    assert network(torch.tensor([[0], [2]])).shape == (2, 5)


@pytest.mark.parametrize("batch_norm", [True, False])
def test_a_dcgan_discriminator_has_no_batch_norm_after_its_first_layer(batch_norm):
    image = Input(1, 32, 32)
    network = Model(image, networks.discriminator_dcgan(image, 4, batch_norm=batch_norm))
    kinds = [node.kind for node in network.nodes if node.kind in ("Conv2d", "BatchNorm2d")]
    assert kinds == (["Conv2d", "Conv2d", "BatchNorm2d", "Conv2d", "BatchNorm2d"] if batch_norm else ["Conv2d"] * 3)


def test_residual_blocks_start_as_the_identity():
    image = Input(4, 8, 8)
    network = Model(image, networks.residual_block(image, "maps8"))
    networks.init_residual(network)
    inputs = torch.randn(2, 4, 8, 8)
    assert torch.equal(network(inputs), inputs)
