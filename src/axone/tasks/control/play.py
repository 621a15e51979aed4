"""`axone play RUN` for worlds: one episode of a policy, as text in the terminal and as a GIF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from axone.errors import UsageError
from axone.figures.animation import encode_gif
from axone.messages import _
from axone.numbers import format_number, format_percent
from axone.play.batch import Worlds
from axone.play.spaces import Discrete
from axone.tasks.control.networks.answering import PolicyAnswering
from axone.tasks.control.reports.films import animate
from axone.tasks.control.reports.recording import EpisodeRecorder, MakeWorld, make_restartable
from axone.tasks.control.settings import ControlSettings, WorldPlayOptions
from axone.tasks.control.worlds.actions import name_actions, translate_action
from axone.tasks.control.worlds.opening import open_copies, require_same_spaces
from axone.tasks.control.worlds.own_worlds import require_typed
from axone.tasks.play_session import PlaySession

EPISODE_SECONDS = 8.0  # about, of a whole episode
SHORTEST_PAUSE, LONGEST_PAUSE = 0.04, 0.4  # seconds between two steps


class EpisodeSession(PlaySession):
    """One episode of a policy. It asks nothing: each `advance` is a step.

    Args:
        answering: The policy.
        make_world: Makes one copy of the world.
        limit: The number of steps after which the episode is cut off.
        seed: The seed of the actions that are drawn.
        explores: Whether actions are drawn; otherwise the most probable ones are chosen.
    """

    def __init__(
        self, answering: PolicyAnswering, make_world: MakeWorld, limit: int, *, seed: int = 0, explores: bool = False
    ) -> None:
        generator = torch.Generator().manual_seed(seed) if explores else None
        self.make_world = make_world
        self.recorder = EpisodeRecorder(answering, make_world, limit, generator)
        # The episodes of small worlds have few steps, each of which a person wants to see.
        steps = min(limit, self.recorder.world.max_steps or limit)
        self.pause = min(max(EPISODE_SECONDS / steps, SHORTEST_PAUSE), LONGEST_PAUSE)
        self._last = self.recorder.world.render_text()

    @property
    def finished(self) -> bool:
        """Whether the episode is over."""
        return bool(self.recorder.recording.ended)

    def advance(self) -> None:
        """Play one step."""
        self.recorder.step()
        world = self.recorder.world
        if isinstance(world, Worlds):
            self._last = world.world.render_text(world.final_state)
        elif not self.finished:  # another world has begun a new episode, and shows that one
            self._last = world.render_text()

    def enter(self, line: str) -> None:
        """Refuse a line: no one is asked."""
        raise UsageError(_("An episode takes no lines."))

    def text(self) -> str:
        """Return the world as text, and lines with the step, the return so far, the last action and the end."""
        recording = self.recorder.recording
        lines = [self._last, _("step {step}, return {sum}", step=len(recording), sum=_short(recording.total))]
        if recording.actions:
            value = _short(recording.values[-1])
            lines.append(_("action: {action}; value {value}", action=self._describe(), value=value))
        if recording.ended:
            ends = {
                "terminated": _("the episode has ended"),
                "truncated": _("the time limit has ended the episode"),
                "cut off": _("cut off after {steps} steps (--steps)", steps=len(recording)),
            }
            lines.append(ends[recording.ended])
        return "\n".join(lines)

    def _describe(self) -> str:
        space, recording = self.recorder.answering.space, self.recorder.recording
        action, policy = recording.actions[-1], recording.policies[-1]
        if isinstance(space, Discrete):
            number = int(action)
            return f"{translate_action(name_actions(space)[number])} ({format_percent(float(policy[number]), 0)})"
        return " ".join(_short(value) for value in action.flatten().tolist())

    def to_json(self) -> dict[str, Any]:
        """Return the steps, the return, and why the episode ended."""
        recording = self.recorder.recording
        return {"steps": len(recording), "return": recording.total, "ended": recording.ended}

    def files(self) -> dict[str, bytes]:
        """Return the episode as a GIF."""
        if not len(self.recorder.recording):
            return {}
        return {".gif": encode_gif(animate(self.make_world, self.recorder.recording))}


def open_session(
    answering: PolicyAnswering,
    settings: ControlSettings,
    facts: Mapping[str, Any],
    seed: int,
    options: WorldPlayOptions,
) -> EpisodeSession:  # fmt: skip
    """Return an episode of a policy in the world of its run, or in another one with the same spaces.

    Raises:
        UsageError: There is no such world, or its spaces are not those of the policy.
    """
    require_typed(str(facts["world"]), is_typed=bool(options.world))
    name = options.world or str(facts["world"])
    world = open_copies(settings, 1, seed, world=name)
    require_same_spaces(name, world, facts)
    return EpisodeSession(answering, make_restartable(world), options.steps, seed=seed, explores=options.explore)


def _short(value: float) -> str:
    return format_number(float(f"{value:.4g}"))
