"""Views of an image: each is inverted, and the mean of their results has no preferred direction."""

import pytest
import torch

from axone.tasks.restoration.self_ensemble import VIEWS, average_views, invert, transform


def test_there_are_eight_different_views_and_each_is_inverted():
    image = torch.rand(2, 5, 7)
    assert len({tuple(transform(image[:, :5, :5], view).flatten().tolist()) for view in VIEWS}) == 8
    for view in VIEWS:
        assert torch.equal(invert(transform(image, view), view), image)


def test_a_batch_is_transformed_image_by_image():
    images = torch.rand(3, 2, 5, 7)
    for view in VIEWS:
        assert torch.equal(transform(images, view), torch.stack([transform(image, view) for image in images]))


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_the_function_is_called_once_for_each_view(count):
    shapes = []

    def double(image):
        shapes.append(image.shape)
        return 2 * image

    image = torch.rand(1, 4, 6)
    assert torch.allclose(average_views(double, image, count), 2 * image)
    assert len(shapes) == count


def test_the_mean_of_all_views_has_no_preferred_direction():
    """A function that darkens towards one side is balanced by the mirrored and transposed views."""
    image = torch.ones(1, 4, 4)
    slope = torch.linspace(0, 1, 4).expand(1, 4, 4)
    assert torch.allclose(average_views(lambda view: view * slope, image, 8), torch.full((1, 4, 4), 0.5))
    assert not torch.allclose(average_views(lambda view: view * slope, image, 1), torch.full((1, 4, 4), 0.5))
