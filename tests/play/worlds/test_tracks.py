"""Tracks: closed, evenly spaced, no bend too sharp, and random ones that depend on their seed alone."""

import pytest
import torch

from axone.play.worlds.tracks import HALF_WIDTH, SHARPEST, TRACKS, is_drivable, make_track

NAMES = [*TRACKS, *(f"random-{seed}" for seed in range(5))]


@pytest.mark.parametrize("name", NAMES)
def test_tracks_can_be_driven(name):
    track = make_track(name)
    steps = torch.linalg.vector_norm(track.centers.roll(-1, 0) - track.centers, dim=1)
    assert track.centers.dtype == torch.float64 and 100 < track.length < 800
    assert float(steps.min()) > 0.9 * track.spacing and float(steps.max()) < 1.001 * track.spacing
    assert torch.allclose(torch.linalg.vector_norm(track.tangents, dim=1), torch.ones(len(steps)).double())
    assert is_drivable(track)
    assert track.borders.shape == (2, len(steps), 2)
    assert torch.allclose(
        torch.linalg.vector_norm(track.borders[0] - track.borders[1], dim=1).min(),
        torch.tensor(2 * HALF_WIDTH).double(),
    )


def test_random_tracks_depend_on_their_seed_alone():
    first, again, other = make_track("random-3"), make_track("random-3"), make_track("random-4")
    assert torch.equal(first.centers, again.centers)
    assert first.centers.shape != other.centers.shape or not torch.equal(first.centers, other.centers)


def test_a_sharp_bend_and_parts_that_touch_are_not_drivable(monkeypatch):
    monkeypatch.setitem(TRACKS, "sharp", [(-60, -20), (60, -20), (60, 20), (50, -10), (-60, 20)])
    assert not is_drivable(make_track("sharp"))
    assert SHARPEST > HALF_WIDTH
    half = [(-60, -25), (-30, -20), (0, -4), (30, -20), (60, -25), (80, 0)]
    waist = [*half, *[(-x, -y) for x, y in half]]
    monkeypatch.setitem(TRACKS, "waist", waist)
    assert not is_drivable(make_track("waist"))
