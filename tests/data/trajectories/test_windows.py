import pytest
import torch

from axone.data.trajectories.tracks import Track
from axone.data.trajectories.windows import WindowStream, make_windows, split_tracks


def track(thing="a", length=10, start=0, scene="", x=0.0):
    steps = torch.arange(start, start + length, dtype=torch.float64)
    return Track(thing, scene, start, torch.stack([steps + x, torch.full_like(steps, x)], 1))


def windows(tracks, past=3, future=2, neighbors=0, stride=1, ranges=None):
    ranges = ranges or [(0, len(one)) for one in tracks]
    return make_windows(tracks, ranges, past=past, future=future, neighbors=neighbors, stride=stride)


def test_windows_lie_within_their_track_and_their_range():
    tracks = [track("a", 6), track("b", 4), track("c", 7, x=100.0)]
    cut = windows(tracks)
    assert cut.first.tolist() == [0, 1, 10, 11, 12] and cut.track.tolist() == [0, 0, 2, 2, 2]
    assert windows(tracks, stride=2, ranges=[(0, 0), (0, 4), (1, 7)]).first.tolist() == [11]
    assert len(windows([track("a", 4)]).first) == 0


def test_a_batch_has_the_positions_that_follow_each_other():
    tracks = [track("a", 6), track("c", 7, x=100.0)]
    cut = windows(tracks)
    stream = WindowStream(cut, torch.arange(5), past=3, future=2, batch_size=2, seed=1)
    (first, _second) = stream.batches(1)
    assert first.past.shape == (2, 3, 2) and first.future.shape == (2, 2, 2) and first.nearby.shape == (2, 3, 0, 2)
    joined = torch.cat([first.past, first.future], 1)[..., 0]
    assert (joined.diff(dim=1) == 1).all()
    assert torch.equal(next(stream.batches(4)).past, next(stream.batches(4)).past)
    assert stream.to("cpu") is stream


def test_the_nearest_things_are_followed_through_the_window():
    tracks = [track("a", 10), track("near", 10, x=1.0), track("far", 10, x=9.0), track("late", 3, start=7, x=0.5)]
    cut = windows(tracks, neighbors=2)
    of_a = cut.nearby[cut.track == 0]
    assert torch.equal(of_a[0, :, 0], tracks[1].positions[:3]) and torch.equal(of_a[0, :, 1], tracks[2].positions[:3])
    # From step 7 on the late one is nearer, and it was not there before.
    last = of_a[5]  # steps 5, 6, 7
    assert last[:2, 0].isnan().all() and torch.equal(last[2, 0], tracks[3].positions[0])
    assert torch.equal(last[:, 1], tracks[1].positions[5:8])


def test_things_of_other_scenes_and_missing_ones_are_not_nearby():
    tracks = [track("a", 6, scene="1"), track("b", 6, scene="2"), track("c", 6, scene="2", x=4.0)]
    cut = windows(tracks, neighbors=2)
    assert cut.nearby[cut.track == 0].isnan().all()
    of_b = cut.nearby[cut.track == 1]
    assert of_b[:, :, 1].isnan().all() and not of_b[:, :, 0].isnan().any()


def split(tracks, window=5, **options):
    return split_tracks(tracks, **{"validation": 0.1, "test": 0.2, "seed": 0, "window": window, **options})


@pytest.mark.parametrize("kind", ["scene", "thing"])
def test_whole_scenes_or_things_are_held_out(kind):
    tracks = [track(str(n // 2), scene=str(n // 2) if kind == "scene" else "") for n in range(20)]
    ranges, held_out = split(tracks)
    assert held_out == kind
    parts = {name: {n // 2 for n, (low, high) in enumerate(one) if high > low} for name, one in ranges.items()}
    assert not parts["train"] & parts["test"] and not parts["train"] & parts["validation"]
    assert len(parts["test"]) == 2 and len(parts["validation"]) == 1 and sum(map(len, parts.values())) == 10


def test_few_things_are_cut_in_time():
    ranges, held_out = split([track("a", 100), track("b", 12)])
    assert held_out == "time"
    assert [one[0] for one in ranges.values()] == [(0, 72), (72, 80), (80, 100)]
    assert [one[1] for one in ranges.values()] == [(0, 12), (12, 12), (12, 12)]
    ranges, _held_out = split([track("a", 100)], whole=True)
    assert ranges["test"] == [(0, 100)]
