import math

import pytest
import torch

from axone.tasks.motion.baselines import choose_velocity_steps, displacement, go_straight, stay, turn


def line(steps=6, speed=(2.0, -1.0)):
    return torch.arange(steps, dtype=torch.float64)[None, :, None] * torch.tensor([[speed]], dtype=torch.float64)


def circle(steps, rate=0.2, radius=5.0):
    angle = rate * torch.arange(steps, dtype=torch.float64)
    return radius * torch.stack([angle.cos(), angle.sin()], -1)[None]


def test_a_straight_path_is_extrapolated_exactly():
    path = line(10)
    past, future = path[:, :6], path[:, 6:]
    for steps in (1, 3, 5, 8):
        assert torch.allclose(go_straight(past, 4, steps), future)
    assert torch.allclose(turn(past, 4), future) and torch.allclose(turn(past, 4, 2), future)
    assert (stay(past, 4) == past[:, -1:]).all() and stay(past, 4).shape == (1, 4, 2)


@pytest.mark.parametrize("steps", [1, 2])
def test_a_circle_is_extrapolated_by_the_turn_rate(steps):
    path = circle(14)
    past, future = path[:, :8], path[:, 8:]
    error = displacement(turn(past, 6, steps), future)
    assert float(error.max()) < (1e-9 if steps == 1 else 0.05)
    assert float(displacement(go_straight(past, 6), future).max()) > 2


def test_turning_across_half_a_turn_takes_the_short_way():
    angle = torch.tensor([math.pi - 0.1, math.pi + 0.1, math.pi + 0.3], dtype=torch.float64)
    steps = torch.stack([angle.cos(), angle.sin()], -1).cumsum(0)
    predicted = turn(steps[None, :3], 1)
    expected = angle[-1] + 0.2
    assert torch.allclose(predicted[0, 0] - steps[2], torch.stack([expected.cos(), expected.sin()]))


def test_what_stands_still_has_no_direction():
    past = torch.zeros(2, 5, 2, dtype=torch.float64)
    assert (turn(past, 3) == 0).all() and (go_straight(past, 3) == 0).all()
    two = line(2)
    assert torch.allclose(turn(two, 2), go_straight(two, 2))


def test_the_mean_velocity_is_chosen_where_positions_are_noisy():
    generator = torch.Generator().manual_seed(0)
    path = line(16).repeat(200, 1, 1)
    noisy = path + 0.3 * torch.randn(path.shape, generator=generator, dtype=torch.float64)
    assert choose_velocity_steps(noisy[:, :10], noisy[:, 10:]) == 8
    turning = circle(16, 0.4).repeat(3, 1, 1)
    assert choose_velocity_steps(turning[:, :10], turning[:, 10:]) == 1
