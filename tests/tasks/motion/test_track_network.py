import pytest
import torch
from torch import nn

from axone.data.trajectories.windows import TrackBatch
from axone.tasks.motion.baselines import displacement, go_straight
from axone.tasks.motion.track_network import TRUST, TrackAnswering, choose_trust, count_features, measure_tracks


class Constant(nn.Module):
    """Adds the same correction everywhere."""

    def __init__(self, value, future=4):
        super().__init__()
        self.value = nn.Parameter(torch.tensor(value))
        self.future = future
        self.register_buffer(TRUST, torch.ones(future))

    def forward(self, features):
        self.features = features
        return self.value.expand(len(features), self.future, 2)


def batch(windows=50, past=6, future=4, neighbors=2, seed=0, bend=0.1):
    generator = torch.Generator().manual_seed(seed)
    velocity = torch.randn(windows, 1, 2, generator=generator, dtype=torch.float64) + 3
    time = torch.arange(past + future, dtype=torch.float64)[:, None]
    path = velocity * time + bend * time**2
    nearby = path[:, :past, None] + torch.randn(windows, 1, neighbors, 2, generator=generator, dtype=torch.float64)
    return TrackBatch(path[:, :past], path[:, past:], nearby)


def facts(one, positions="both"):
    return {"tracks": measure_tracks(one), "positions": positions, "future": one.future.shape[1]}


def test_features_are_standardized_and_neighbors_relative():
    one = batch()
    one.nearby[3, :, 1] = torch.nan
    network = Constant(0.0)
    answering = TrackAnswering(network, facts(one))
    answering(one.past, one.nearby)
    features = network.features
    assert features.shape == (50, 5, count_features("both", 2)) and features.dtype == torch.float32
    assert torch.allclose(features[..., :2].mean((0, 1)), torch.zeros(2), atol=1e-5)
    assert torch.allclose(features[..., :2].flatten(0, 1).std(0), torch.ones(2), atol=0.01)
    around = features[..., 4:].unflatten(-1, (2, 3))
    assert (around[3, :, 1] == 0).all() and (around[4, :, :, 2] == 1).all()
    scale = answering.nearby_scale
    expected = (one.nearby[0, 1, 0] - one.past[0, 1]) / scale
    assert torch.allclose(around[0, 0, 0, :2].double(), expected, atol=1e-6)


@pytest.mark.parametrize(("positions", "count"), [("both", 4), ("x", 3), ("y", 3), ("none", 2)])
def test_coordinates_are_those_that_were_asked_for(positions, count):
    one = batch(neighbors=0)
    network = Constant(0.0)
    TrackAnswering(network, facts(one, positions))(one.past, one.nearby)
    assert network.features.shape[-1] == count == count_features(positions, 0)


def test_without_a_correction_the_answer_is_the_straight_line():
    one = batch()
    known = facts(one)
    answering = TrackAnswering(Constant(0.0), known)
    assert torch.equal(answering(one.past, one.nearby), go_straight(one.past, 4, known["tracks"]["velocity_steps"]))


def test_far_coordinates_lose_no_precision():
    one = batch()
    network = Constant(0.5)
    near = TrackAnswering(network, facts(one))(one.past, one.nearby) - one.past[:, -1:]
    far = TrackBatch(*(part + 5e6 for part in one))
    moved = TrackAnswering(network, facts(far))(far.past, far.nearby) - far.past[:, -1:]
    assert torch.allclose(near, moved, atol=1e-5)


def test_a_wrong_correction_is_not_trusted_and_a_right_one_is():
    one = batch()
    known = facts(one)
    wrong = TrackAnswering(Constant(-1.0), known)
    assert choose_trust(wrong, one).tolist() == [0.0] * 4
    right = TrackAnswering(Constant(1.0), known)
    trust = choose_trust(right, one)
    assert (trust > 0.5).all()
    right.network.get_buffer(TRUST).copy_(trust)
    straight = displacement(go_straight(one.past, 4, right.steps), one.future).mean(0)
    assert (displacement(right(one.past, one.nearby), one.future).mean(0) <= straight + 1e-9).all()


def test_things_that_never_move_have_no_scale_of_zero():
    still = TrackBatch(*(torch.ones(shape, dtype=torch.float64) for shape in ((5, 6, 2), (5, 4, 2), (5, 6, 0, 2))))
    known = facts(still)
    answer = TrackAnswering(Constant(1.0), known)(still.past, still.nearby)
    assert torch.equal(answer, still.future) and known["tracks"]["straight_error"] == 0
