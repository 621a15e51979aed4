"""A picture seen in several ways: each view is undone, and all of them count alike."""

import pytest
import torch

from axone.tasks.restoration.self_ensemble import VIEWS, seen, turned, unturned


def test_there_are_eight_views_and_each_is_undone():
    picture = torch.rand(2, 5, 7)
    assert len({tuple(turned(picture[:, :5, :5], view).flatten().tolist()) for view in VIEWS}) == 8
    for view in VIEWS:
        assert torch.equal(unturned(turned(picture, view), view), picture)


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_what_does_not_care_for_direction_gives_the_same_and_is_asked_so_many_times(count):
    asked = []

    def work(picture):
        asked.append(picture.shape)
        return 2 * picture

    picture = torch.rand(1, 4, 6)
    assert torch.allclose(seen(work, picture, count), 2 * picture)
    assert len(asked) == count


def test_the_mean_of_all_views_cares_for_no_direction():
    """To darken towards the right is undone by its mirror image; towards the top and below alike."""
    picture = torch.ones(1, 4, 4)
    slope = torch.linspace(0, 1, 4).expand(1, 4, 4)
    assert torch.allclose(seen(lambda view: view * slope, picture, 8), torch.full((1, 4, 4), 0.5))
    assert not torch.allclose(seen(lambda view: view * slope, picture, 1), torch.full((1, 4, 4), 0.5))
