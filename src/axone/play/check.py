"""Whether a world keeps the contract of `simulation.py`: what a user's own world is checked for before it is used.

    check_world(MyWorld())

Each error names the function, the key or the value, the step, what was expected and what it got.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from axone.errors import DataError
from axone.messages import _
from axone.play.random import make_keys, random_integers, uniform
from axone.play.simulation import Outcome, State, World, replace_where, select
from axone.play.spaces import Continuous, Discrete

COPIES = 8
STEPS = 300  # that are played
ALONE = slice(2, 5)  # copies that are also played without the others
REQUIRED = ("key", "counter", "steps")  # int64 [copies] in every state


def check_world(world: World, steps: int = STEPS) -> None:
    """Play random legal actions and check what every function returns.

    Checked are shapes and types, NaN, that the same arguments give the same results, that a copy does not depend on
    the others, that no argument is changed, that there is a legal action, that episodes end at the time limit, and
    that both renderings are there.

    Args:
        world: The world.
        steps: The steps to play; the time limit is checked when it is not above.

    Raises:
        DataError: The world breaks the contract.
    """
    check_attributes(world)
    keys = make_keys(0, COPIES)
    state = call_twice(world, "reset", (keys,), 0)
    check_state(state, "reset", keys, 0)
    check_subset(state, world.reset(keys[ALONE]), "reset", 0)
    check_observations(world, call_twice(world, "observe", (state,), 0), 0)
    check_renderings(world, state)
    for step in range(1, steps + 1):
        actions = draw_actions(world, check_legal_actions(world, state, step - 1), step)
        new, outcome = call_twice(world, "step", (state, actions), step)
        check_state(new, "step", state["key"], step, state)
        check_outcome(outcome, step)
        check_subset(new, world.step(select(state, ALONE), actions[ALONE])[0], "step", step)
        check_observations(world, call_twice(world, "observe", (new,), step), step)
        ended = outcome.terminated | outcome.truncated
        if world.max_steps and (~ended & (new["steps"] >= world.max_steps)).any():
            expected = _("True in step {limit} of an episode, the time limit max_steps", limit=world.max_steps)
            raise broken("step", "outcome.truncated", step, expected, "False")
        state = replace_where(ended, world.reset(make_keys(step, COPIES)), new)


def broken(function: str, part: str, step: int, expected: Any, actual: Any) -> DataError:
    """Return the error of a function that breaks the contract."""
    return DataError(
        _("The world breaks its contract: {function}(), {part}, step {step}.", function=function, part=part, step=step),
        expected=_("expected {expected}, got {actual}", expected=expected, actual=actual),
        hint=_("see a commented example: axone new my_world --kind world"),
    )


def check_attributes(world: World) -> None:
    """Raise DataError for spaces, a name or a time limit that are missing or of another type."""
    kinds: dict[str, tuple[type, ...]] = {
        "name": (str,), "observations": (Continuous,), "actions": (Discrete, Continuous), "max_steps": (int,)
    }  # fmt: skip
    for name, kind in kinds.items():
        value: Any = getattr(world, name, None)
        if not isinstance(value, kind) or (isinstance(value, int) and value < 0):
            expected = " or ".join(each.__name__ for each in kind)
            raise DataError(
                _("The world breaks its contract: the attribute {name}.", name=name),
                expected=_("expected {expected}, got {actual}", expected=expected, actual=describe(value)),
                hint=_("see a commented example: axone new my_world --kind world"),
            )


def call_twice(world: World, name: str, arguments: tuple[Any, ...], step: int) -> Any:
    """Return what a function returns; it must return the same again, and change none of its arguments."""
    saved = [clone(argument) for argument in arguments]
    first = getattr(world, name)(*arguments)
    for argument, copy in zip(arguments, saved):
        if (part := find_difference(argument, copy)) is not None:
            raise broken(name, part, step, _("that no argument is changed"), _("another value after the call"))
    first = clone(first)
    second = getattr(world, name)(*saved)
    if (part := find_difference(first, second)) is not None:
        raise broken(
            name, part, step, _("the same for the same arguments"),
            _("another value (random numbers come from axone.play.random, by key and counter)"),
        )  # fmt: skip
    return first


def clone(value: Any) -> Any:
    """Return a copy of a tensor, or of a dict or tuple of them; anything else as it is."""
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, dict):
        return {name: clone(part) for name, part in value.items()}
    if isinstance(value, Outcome):
        return Outcome(*(clone(part) for part in value))
    return tuple(clone(part) for part in value) if isinstance(value, tuple) else value


def find_difference(first: Any, second: Any, name: str = "value") -> str | None:
    """Return the name of a part in which two values differ, or None."""
    if isinstance(first, Tensor) and isinstance(second, Tensor):
        if first.shape != second.shape or first.dtype != second.dtype:
            return name
        return None if bool(((first == second) | ((first != first) & (second != second))).all()) else name  # NaN too
    if isinstance(first, dict) and isinstance(second, dict):
        if first.keys() != second.keys():
            return name
        return next(
            (part for key in first if (part := find_difference(first[key], second[key], f"state[{key!r}]"))), None
        )
    if isinstance(first, tuple) and isinstance(second, tuple):
        names = [f"outcome.{field}" for field in first._fields] if isinstance(first, Outcome) else [name] * len(first)
        parts = (find_difference(*pair) for pair in zip(first, second, names))
        return next((part for part in parts if part), None)
    return None  # other types are refused by the checks of each result


def check_state(state: Any, function: str, keys: Tensor, step: int, before: State | None = None) -> None:
    """Raise DataError for a state that is no dict of tensors by copy, or that differs in kind from the one before."""
    if not isinstance(state, dict):
        raise broken(function, "state", step, "dict", describe(state))
    for name in REQUIRED:
        if name not in state:
            raise broken(function, "state", step, f"state[{name!r}]", ", ".join(state) or "{}")
    for name, values in state.items():
        part = f"state[{name!r}]"
        if not isinstance(values, Tensor) or values.shape[:1] != (COPIES,):
            raise broken(function, part, step, f"Tensor [{COPIES}, ...]", describe(values))
        if name in REQUIRED and (values.dtype != torch.int64 or values.ndim != 1):
            raise broken(function, part, step, f"int64 [{COPIES}]", describe(values))
        if values.is_floating_point() and values.isnan().any():
            raise broken(function, part, step, _("numbers"), "NaN")
    if not torch.equal(state["key"], keys):
        raise broken(function, "state['key']", step, _("the keys that reset() received"), _("others"))
    expected = torch.zeros_like(keys) if before is None else before["steps"] + 1
    if not torch.equal(state["steps"], expected):
        raise broken(function, "state['steps']", step, expected.tolist(), state["steps"].tolist())
    if before is not None and (added := [name for name in state if name not in before]):
        raise broken(function, f"state[{added[0]!r}]", step, _("the keys of the state that reset() returned"), added[0])
    for name, values in (before or {}).items():
        if name not in state or describe(state[name]) != describe(values):
            actual = describe(state[name]) if name in state else _("nothing")
            raise broken(function, f"state[{name!r}]", step, describe(values), actual)


def check_subset(whole: State, part: State, function: str, step: int) -> None:
    """Raise DataError when copies 2 to 4 differ as soon as they are alone."""
    if (name := find_difference(select(whole, ALONE), part)) is not None:
        raise broken(
            function,
            name,
            step,
            _("that each copy depends on its own state alone"),
            _("other values without the others"),
        )


def check_observations(world: World, observations: Any, step: int) -> None:
    """Raise DataError for observations of another shape or type, outside of the bounds, or that are no numbers."""
    space = world.observations
    expected = f"float32 {[COPIES, *space.shape]}"
    if not isinstance(observations, Tensor) or describe(observations) != expected:
        raise broken("observe", _("the observations"), step, expected, describe(observations))
    if not observations.isfinite().all():
        raise broken("observe", _("the observations"), step, _("finite numbers"), describe_values(observations))
    if observations.min() < space.low or observations.max() > space.high:
        values = f"{float(observations.min()):g} ... {float(observations.max()):g}"
        raise broken("observe", _("the observations"), step, f"{space.low:g} ... {space.high:g}", values)


def check_outcome(outcome: Any, step: int) -> None:
    """Raise DataError for rewards that are no numbers, or results of another shape or type."""
    if not isinstance(outcome, Outcome):
        raise broken("step", "outcome", step, "axone.play.simulation.Outcome", describe(outcome))
    for name, kind in (("rewards", "float32"), ("terminated", "bool"), ("truncated", "bool")):
        values = getattr(outcome, name)
        if not isinstance(values, Tensor) or describe(values) != f"{kind} [{COPIES}]":
            raise broken("step", f"outcome.{name}", step, f"{kind} [{COPIES}]", describe(values))
    if not outcome.rewards.isfinite().all():
        raise broken("step", "outcome.rewards", step, _("finite numbers"), describe_values(outcome.rewards))
    if (outcome.terminated & outcome.truncated).any():
        raise broken("step", "outcome.truncated", step, _("False where the episode is terminated"), "True")


def check_legal_actions(world: World, state: State, step: int) -> Tensor | None:
    """Return which actions are legal; None for continuous ones. Raises DataError where none is."""
    if not isinstance(world.actions, Discrete):
        return None
    legal = call_twice(world, "legal_actions", (state,), step)
    expected = f"bool {[COPIES, world.actions.count]}"
    if not isinstance(legal, Tensor) or describe(legal) != expected:
        raise broken("legal_actions", _("the mask"), step, expected, describe(legal))
    if not legal.any(1).all():
        raise broken("legal_actions", _("the mask"), step, _("a legal action in each copy"), _("none"))
    return legal


def draw_actions(world: World, legal: Tensor | None, step: int) -> Tensor:
    """Draw random actions: legal ones, or numbers within the bounds."""
    keys = make_keys(1, COPIES)
    if legal is not None:
        ranks = random_integers(keys, torch.full_like(keys, step), legal.sum(1))
        return (legal.cumsum(1) > ranks[:, None]).long().argmax(1)
    space = world.actions
    assert isinstance(space, Continuous)
    size = torch.Size(space.shape).numel()
    numbers = uniform(keys[:, None], torch.arange(size) + step * size).view(COPIES, *space.shape).float()
    low, high = max(space.low, -1e3), min(space.high, 1e3)
    return low + numbers * (high - low)


def check_renderings(world: World, state: State) -> None:
    """Raise DataError for a text or an image of another type."""
    text, image = world.render_text(state, 1), world.render_image(state, 1)
    if not isinstance(text, str):
        raise broken("render_text", _("the result"), 0, "str", describe(text))
    if not isinstance(image, Tensor) or image.dtype != torch.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise broken("render_image", _("the result"), 0, "uint8 [height, width, 3]", describe(image))


def describe(value: Any) -> str:
    """Return type and shape of a value: "float32 [8, 4]", "list"."""
    if isinstance(value, Tensor):
        return f"{str(value.dtype).removeprefix('torch.')} {list(value.shape)}"
    return "None" if value is None else type(value).__name__


def describe_values(values: Tensor) -> str:
    """Return what is not finite and where: "nan [copy 3]"."""
    place = (~values.isfinite()).nonzero()[0].tolist()
    return f"{float(values[tuple(place)])} [copy {place[0]}]"
