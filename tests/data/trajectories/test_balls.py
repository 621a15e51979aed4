import torch

from axone.data.trajectories.balls import BOX, NOISE, make_balls


def test_balls_stay_in_the_box_and_go_straight_between_walls():
    tracks = make_balls(50, 60, seed=1)
    positions = torch.stack([track.positions for track in tracks.tracks])
    assert positions.shape == (50, 60, 2) and positions.min() > -6 * NOISE and positions.max() < BOX + 6 * NOISE
    acceleration = positions.diff(dim=1).diff(dim=1).abs().amax(-1)
    straight = acceleration < 15 * NOISE
    assert 0.7 < float(straight.double().mean()) < 0.98  # the others are at a wall
    inside = ((positions > 0.6) & (positions < BOX - 0.6)).all(-1)
    assert straight[inside[:, :-2] & inside[:, 1:-1] & inside[:, 2:]].all()


def test_the_same_seed_gives_the_same_balls():
    assert make_balls(3, 9).fingerprint() == make_balls(3, 9).fingerprint() != make_balls(3, 9, seed=1).fingerprint()
