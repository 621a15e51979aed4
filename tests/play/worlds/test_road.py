"""The road world: physics worked out by hand, rays against a second computation, rewards that add up to the way."""

import math

import pytest
import torch

from axone.play.random import make_keys
from axone.play.worlds.road import Road, RoadKeys, rotate
from axone.play.worlds.road_physics import ACCELERATION, ANGLES, GRIP, MAX_SPEED, RANGE, SECONDS
from axone.play.worlds.tracks import HALF_WIDTH


def follow_the_road(world, state):
    """Return actions of a simple driver: towards the side that is farther away, brakes before what is near."""
    distances = world.measure(state)
    steering = ((distances[:, :3].sum(1) - distances[:, 4:].sum(1)) * 0.1).clamp(-1, 1)
    throttle = torch.where(state["speed"] < 4 + distances[:, 3] * 0.25, 1.0, -1.0)
    return torch.stack([steering, throttle], 1).float()


def test_a_car_starts_on_the_center_line_in_the_direction_of_the_track():
    world = Road()
    state = world.reset(make_keys(0, 500))
    assert len(set(state["point"].tolist())) > 50
    along, side = world.locate(state["x"], state["y"], state["point"])
    assert along.abs().max() == 0 and side.abs().max() == 0 and state["speed"].abs().max() == 0
    sides = world.measure(state)[:, [0, -1]]
    assert float((sides - HALF_WIDTH).abs().max()) < 0.2


def test_full_throttle_for_a_step():
    world = Road()
    state = world.reset(make_keys(0, 1))
    new, outcome = world.step(state, torch.tensor([[0.0, 1.0]]))
    speed = ACCELERATION * SECONDS
    assert float(new["speed"]) == speed
    assert float(new["x"] - state["x"]) == pytest.approx(speed * SECONDS * float(state["heading_x"]))
    assert float(outcome.rewards) == pytest.approx(speed * SECONDS / 10, rel=1e-6)
    braked, _outcome = world.step(new, torch.tensor([[0.0, -9.0]]))  # clipped to -1
    assert float(braked["speed"]) == 0


def test_a_turn_to_the_left_has_the_curvature_that_grip_allows():
    world = Road()
    for speed, curvature in ((5.0, 1 / 6), (MAX_SPEED, GRIP / MAX_SPEED**2)):
        state = {**world.reset(make_keys(0, 1)), "speed": torch.tensor([speed]).double()}
        new, _outcome = world.step(state, torch.tensor([[1.0, 0.0]]))
        before = math.atan2(float(state["heading_y"]), float(state["heading_x"]))
        after = math.atan2(float(new["heading_y"]), float(new["heading_x"]))
        assert (after - before) % (2 * math.pi) == pytest.approx(speed * SECONDS * curvature, rel=1e-3)


def test_rotating_preserves_the_length():
    x, y = rotate(*(torch.tensor([value], dtype=torch.float64) for value in (0.6, 0.8, 0.3)))
    assert float(x * x + y * y) == pytest.approx(1, abs=1e-15)
    assert math.atan2(y, x) - math.atan2(0.8, 0.6) == pytest.approx(2 * math.atan(0.3))


def test_rays_end_on_the_border():
    # A second computation: small steps along the ray until the point is farther than HALF_WIDTH from the center line.
    world = Road("circuit")
    state = world.reset(make_keys(1, 24))
    for _ in range(30):
        state, _outcome = world.step(state, follow_the_road(world, state))
    distances = world.measure(state)
    along = torch.arange(0, RANGE, 0.05).double()  # m
    for ray, angle in enumerate(ANGLES):
        turn = torch.full((24,), math.tan(math.radians(angle) / 2)).double()
        x, y = rotate(state["heading_x"], state["heading_y"], turn)
        points = torch.stack([state["x"] + along[:, None] * x, state["y"] + along[:, None] * y], -1)  # [step, copy, 2]
        nearest = torch.cdist(points.flatten(0, 1), world.track.centers).amin(1).view(len(along), 24)
        outside = nearest**2 > HALF_WIDTH**2 + (world.track.spacing / 2) ** 2
        walked = torch.where(outside.any(0), outside.long().argmax(0) * 0.05, RANGE)
        # Where a ray touches the border at a small angle, a centimeter to the side is a meter along it.
        assert float((walked - distances[:, ray]).abs().median()) < 0.5, angle


def test_a_simple_driver_drives_round_and_rewards_add_up_to_the_way():
    world = Road("random-2")
    state = world.reset(make_keys(0, 4))
    total = torch.zeros(4)
    first = state["point"]
    for _ in range(world.max_steps):
        state, outcome = world.step(state, follow_the_road(world, state))
        total += outcome.rewards
        assert not outcome.terminated.any()
    assert outcome.truncated.all()
    laps = total * 10 / world.track.length
    assert laps.min() > 1
    along, _side = world.locate(state["x"], state["y"], state["point"])
    place = (state["point"] - first) * world.track.spacing + along
    assert torch.allclose(
        (laps - place / world.track.length).float().frac().abs().sub(0.5).abs(), torch.full((4,), 0.5), atol=1e-3
    )


def test_leaving_the_road_ends_the_episode():
    world = Road()
    state = world.reset(make_keys(0, 2))
    ended = torch.zeros(2, dtype=torch.bool)
    for _ in range(60):
        state, outcome = world.step(state, torch.tensor([[1.0, 1.0]] * 2))
        ended |= outcome.terminated
    assert ended.all()


def test_arrow_keys_are_the_nine_combinations():
    world = RoadKeys()
    assert world.actions.names[0] == "brake, left" and world.actions.names[4] == "roll"
    steering, throttle = world.controls(torch.arange(9))
    assert steering.tolist() == [1, 0, -1] * 3 and throttle.tolist() == [-1] * 3 + [0] * 3 + [1] * 3
    state = world.reset(make_keys(0, 1))
    keys, _outcome = world.step(state, torch.tensor([6]))
    wheel, _outcome = Road().step(state, torch.tensor([[1.0, 1.0]]))
    assert all(torch.equal(keys[name], wheel[name]) for name in keys)


def test_observations_are_from_0_to_1_and_renderings_are_there():
    world = Road("oval")
    state = world.reset(make_keys(0, 3))
    observations = world.observe(state)
    assert observations.dtype == torch.float32 and observations.shape == (3, 8)
    assert observations.min() >= 0 and observations.max() <= 1
    image = world.render_image(state, 2)
    assert image.dtype == torch.uint8 and image.shape[1:] == (400, 3)
    assert (image == torch.tensor([250, 200, 70], dtype=torch.uint8)).all(2).any()  # a ray
    assert len(world.render_text(state, 2).splitlines()) > 5
