import pytest
import torch

from axone.data.trajectories.traffic import (
    INNER_STEP,
    LANE_WIDTH,
    LANES,
    LENGTH,
    ROAD,
    Drivers,
    follow,
    make_traffic,
    neighbors_in_lane,
    simulate,
)


def drivers(count):
    values = (30.0, 1.5, 1.0, 2.0, 2.0)
    return Drivers(*(torch.full((1, count), value, dtype=torch.float64) for value in values))


@pytest.fixture(scope="module")
def positions():
    return simulate(3, seed=0)


def test_the_intelligent_driver_model_has_its_known_properties():
    one = drivers(1)
    speed, far = torch.tensor([[30.0]], dtype=torch.float64), torch.tensor([[1e6]], dtype=torch.float64)
    assert follow(speed, far, speed, one).item() == pytest.approx(0, abs=1e-6)  # the desired speed on a free road
    assert follow(0 * speed, far, 0 * speed, one).item() == pytest.approx(1.0, abs=1e-6)
    near = torch.tensor([[20.0]], dtype=torch.float64)
    assert follow(speed, near, 0 * speed, one).item() < -5  # a standing car in front
    assert follow(speed, near, speed, one).item() < follow(speed, 3 * near, speed, one).item()


def test_a_platoon_reaches_the_gap_of_equilibrium():
    one = drivers(1)
    speed, gap, front = (torch.tensor([[value]], dtype=torch.float64) for value in (20.0, 60.0, 20.0))
    for _step in range(3000):
        speed = speed + INNER_STEP * follow(speed, gap, front, one)
        gap = gap + INNER_STEP * (front - speed)
    expected = (2.0 + 20 * 1.5) / (1 - (20 / 30) ** 4) ** 0.5
    assert gap.item() == pytest.approx(expected, rel=1e-3) and speed.item() == pytest.approx(20, rel=1e-4)


def test_neighbors_are_those_of_the_lane_around_the_ring():
    x = torch.tensor([[0.0, 100.0, 500.0, 50.0]])
    lane = torch.tensor([[0, 0, 0, 2]])
    front, after = neighbors_in_lane(x, lane)
    assert front.tolist() == [[1, 2, 0, -1]] and after.tolist() == [[2, 0, 1, -1]]
    front, after = neighbors_in_lane(x, lane, torch.zeros_like(lane))
    assert front[0, 3] == 1 and after[0, 3] == 0


def test_cars_do_not_collide_and_stay_on_the_road(positions):
    x, lane = positions[..., 0].remainder(ROAD), (positions[..., 1] / LANE_WIDTH).round()
    ahead = (x[:, None] - x[:, :, None]).remainder(ROAD)
    same = (lane[:, None] == lane[:, :, None]) & ~torch.eye(x.shape[1], dtype=torch.bool)[None, :, :, None]
    assert float(torch.where(same, ahead, 1e6).min()) > LENGTH
    assert lane.min() >= 0 and lane.max() <= LANES - 1
    assert (positions[..., 0].diff(dim=-1) >= 0).all()


def test_cars_brake_and_change_lanes(positions):
    speed = positions[..., 0].diff(dim=-1)
    assert float(speed.diff(dim=-1).std()) > 0.05
    changes = (positions[..., 1] / LANE_WIDTH).round().diff(dim=-1).ne(0).sum()
    assert changes > 10


def test_every_scene_has_cars_of_its_own_and_the_seed_decides():
    tracks = make_traffic(2)
    assert {track.scene for track in tracks.tracks} == {"1", "2"} and tracks.step == 0.5
    assert make_traffic(1).fingerprint() == make_traffic(1).fingerprint() != make_traffic(1, seed=1).fingerprint()
