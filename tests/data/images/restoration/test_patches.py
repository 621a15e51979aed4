"""Batches of patches: a pure function of (seed, epoch, batch), inside the images, with noise or a noisy partner."""

import numpy as np
import torch

from axone.data.images.restoration.collection import ImageCollection
from axone.data.images.restoration.noise import Noise
from axone.data.images.restoration.patches import PatchStream

NOISE = Noise(("gaussian", "mask"), 0.1, 0.3)


def make_collection(*sizes, offset=0):
    """Make images whose values encode where a pixel lies: 10 times the row plus the column."""
    grids = [10 * np.arange(height)[:, None] + np.arange(width) + offset for height, width in sizes]
    return ImageCollection.stack([grid[..., None].astype(np.uint8) for grid in grids], [str(size) for size in sizes])


def stream(collection, noise=NOISE, **options):
    arguments = {"side": 6, "batch_size": 5, "seed": 3, **options}
    return PatchStream(collection, torch.arange(len(collection)), noise, **arguments)


def same(first, second):
    return all(torch.equal(a, b) for a, b in zip(first, second))


def test_a_resumed_epoch_gets_the_same_patches_and_the_same_noise():
    patch_stream = stream(make_collection((20, 22), (13, 9)), min_patches=40)
    whole = list(patch_stream.batches(2))
    assert len(whole) == len(patch_stream) == patch_stream.patches // 5 and patch_stream.samples == 5 * len(
        patch_stream
    )
    for number, batch in enumerate(patch_stream.batches(2, start=3), 3):
        assert same(batch, whole[number])
    assert not same(next(iter(patch_stream.batches(3))), whole[0])


def test_noise_is_drawn_anew_in_each_step_and_epoch():
    patch_stream = stream(make_collection((6, 6)), Noise(("gaussian",), 0.2, 0.2), batch_size=1)
    added = [batch.inputs - batch.targets for epoch in (1, 2) for batch in patch_stream.batches(epoch)]
    assert len(added) == 2 and not torch.equal(*added)


def test_patches_lie_inside_and_large_images_give_more():
    patch_stream = stream(
        make_collection((24, 25), (6, 7)), Noise(("gaussian",), 0.0, 0.0), batch_size=1, min_patches=500
    )
    assert patch_stream.counts[0] == 17 * patch_stream.counts[1] and patch_stream.patches >= 500
    for batch in patch_stream.batches(1):
        values = (batch.targets[0, 0] * 255).round()
        steps = {abs(int(values[1, 0] - values[0, 0])), abs(int(values[0, 1] - values[0, 0]))}
        assert steps == {1, 10}  # down and right, or the other way round in a transposed piece: never mirrored


def test_images_as_small_as_a_patch_are_used_whole_once_and_upright():
    patch_stream = stream(
        make_collection((6, 6), (6, 6), (4, 6)), Noise(("gaussian",), 0.0, 0.0), batch_size=3, min_patches=100
    )
    assert patch_stream.whole_images and patch_stream.patches == 3
    seen = next(iter(patch_stream.batches(1))).targets
    assert (seen[:, 0, 0, 0] == 0).all() and (seen[:, 0, 1, 0] > seen[:, 0, 0, 1]).all()


def test_evaluated_patches_cover_an_image_and_their_noise_never_changes():
    patch_stream = stream(make_collection((12, 19)), evaluation="test")
    assert patch_stream.patches == 6
    corners = torch.cat([batch.targets[:, 0, 0, 0] for batch in patch_stream.batches(1)])
    assert (corners * 255).round().tolist() == [0, 6, 13, 60, 66, 73]
    assert all(same(first, second) for first, second in zip(patch_stream.batches(1), patch_stream.batches(9)))
    other = stream(make_collection((12, 19)), evaluation="validation")
    assert not torch.equal(next(iter(patch_stream.batches(1))).inputs, next(iter(other.batches(1))).inputs)
    assert stream(make_collection((12, 19)), evaluation="test", max_patches=4).patches == 4


def test_a_noisy_partner_is_cut_at_the_same_place():
    clean = make_collection((20, 22), (9, 6))
    patch_stream = stream(clean, make_collection((20, 22), (9, 6), offset=7), min_patches=30)
    for batch in patch_stream.batches(1):
        difference = ((batch.inputs - batch.targets) * 255).round()
        assert (difference % 256 == 7).all()
        assert batch.kinds is None and batch.levels is None


def test_a_single_image_makes_a_batch():
    patch_stream = stream(make_collection((3, 3)), batch_size=128)
    assert len(patch_stream) == 1 and next(iter(patch_stream.batches(1))).inputs.shape == (1, 1, 6, 6)
