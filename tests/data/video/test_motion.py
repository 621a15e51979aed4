import torch

from axone.data.video.motion import extrapolate_blocks, match_blocks


def panning(frames, speed):
    """Return a textured image that moves to the right under a window."""
    texture = torch.rand(1, 32, 128, generator=torch.Generator().manual_seed(0))
    return torch.stack([texture[..., 64 - speed * n : 96 - speed * n] for n in range(frames)])[None]


def test_the_displacement_of_blocks_is_found():
    video = panning(2, 3)
    moved = match_blocks(video[:, 0], video[:, 1])
    assert (moved[0, :, 1:] == torch.tensor([0, 3])).all()
    assert not match_blocks(video[:, 0], video[:, 0]).any()


def test_what_moves_goes_on_and_what_rests_stays():
    video = torch.zeros(1, 8, 1, 32, 32)
    for number in range(8):
        video[0, number, 0, 8:16, 2 * number : 2 * number + 8] = 1
    video[0, :, 0, 24:28, 24:28] = 0.5
    predicted = extrapolate_blocks(video[:, :5], 3)
    assert predicted.shape == (1, 3, 1, 32, 32)
    # Block edges cut the square, but most of it is where it will be.
    still = (video[:, 4:5] - video[:, 5:]).square().mean()
    assert float((predicted - video[:, 5:]).square().mean()) < 0.2 * float(still)
    assert torch.equal(predicted[0, :, 0, 24:28, 24:28], video[0, :3, 0, 24:28, 24:28])


def test_a_panning_camera_is_extrapolated():
    video = panning(6, 2)
    predicted = extrapolate_blocks(video[:, :4], 2)
    inside = (..., slice(8, 24), slice(12, 32))
    assert torch.equal(predicted[inside], video[:, 4:][inside])
