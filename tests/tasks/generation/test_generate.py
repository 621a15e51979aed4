"""Generated images: the same noise for the same seed, classes in turn or on request, and an exported module."""

import numpy as np
import pytest
import torch

from axone.errors import UsageError
from axone.settings import Settings
from axone.tasks.generation.generate import answering, generate, generate_images, is_conditional, latent_size
from axone.tasks.generation.latents import cycle_classes, sample_latents
from tests.helpers.networks.generation import CLASSES, LATENT, make_generator

FACTS = {"classes": CLASSES, "input": [1, 8, 8]}


def generated(network=None, **options):
    options = {"count": 7, "label": None, "seed": 7, **options}
    return list(generate(network or make_generator(), Settings(), FACTS, **options))


def test_classes_are_generated_in_turn():
    images = generated()
    assert [image.label for image in images] == ["a", "b", "c", "d", "a", "b", "c"]
    assert images[0].pixels.shape == (8, 8, 1) and images[0].pixels.dtype == np.uint8


def test_an_image_depends_on_the_seed_and_its_number_only():
    images = generated()
    assert all((image.pixels == other.pixels).all() for image, other in zip(generated(count=2), images))
    assert any((image.pixels != other.pixels).any() for image, other in zip(generated(seed=8), images))


def test_one_class_is_generated_on_request_from_the_same_noise():
    images = generated(label="b")
    assert {image.label for image in images} == {"b"} and (images[1].pixels == generated()[1].pixels).all()


def test_a_generator_without_classes_refuses_a_class():
    network = make_generator(conditional=False)
    assert [image.label for image in generated(network, count=2)] == ["", ""]
    with pytest.raises(UsageError, match="trained without classes"):
        generated(network, label="b")


def test_the_pixels_use_the_whole_range_of_bytes():
    pixels = generate_images(make_generator(), 50 * sample_latents(40, LATENT, 0), cycle_classes(40, 4))
    assert int(pixels.min()) == 0 and int(pixels.max()) == 255


def test_many_images_are_generated_in_batches_with_the_same_result():
    latents, labels = sample_latents(300, LATENT, 0), cycle_classes(300, 4)
    network = make_generator()
    whole = generate_images(network, latents, labels)
    assert len(whole) == 300
    assert torch.equal(whole[250:], generate_images(network, latents[250:], labels[250:]))


@pytest.mark.parametrize("conditional", [True, False])
def test_the_exported_module_computes_what_generate_returns(conditional):
    network = make_generator(conditional)
    module = answering(network, Settings(), FACTS)
    latents, labels = sample_latents(5, latent_size(network), 0), cycle_classes(5, 4)
    batch = torch.export.Dim("batch")
    program = torch.export.export(module, (latents[:3], labels[:3]), dynamic_shapes=({0: batch}, {0: batch})).module()
    images = program(latents, labels)
    assert images.dtype == torch.uint8 and images.shape == (5, 8, 8, 1)
    assert torch.equal(images, generate_images(network, latents, labels))


def test_a_network_knows_whether_it_is_conditional():
    assert is_conditional(make_generator()) and not is_conditional(make_generator(conditional=False))


def test_a_network_that_is_no_graph_is_refused():
    with pytest.raises(TypeError, match="Model"):
        is_conditional(torch.nn.Linear(1, 1))
