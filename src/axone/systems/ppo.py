"""Proximal policy optimization (PPO): learns from rewards alone, several policies at once.

The flow of shapes for CartPole, with M policies (`--seeds`), N copies of the world for each (`--copies`) and rollouts
of T steps (`--steps`):

    observations [M, N, 4] -> dense, tanh [M, N, 32] -> dense, tanh [M, N, 32] -> policy: logits [M, N, 2]
    observations [M, N, 4] -> dense, tanh [M, N, 32] -> dense, tanh [M, N, 32] -> value [M, N, 1]
    actions are drawn from the policy; after T steps, a rollout [T, M, N]
    -> advantages A and returns R [T, M, N] -> K passes over minibatches [M, B] -> updates of M networks at once

Planes of pixels are read by convolutions first. With `--cell`, a recurrent layer follows the dense ones, so that a
policy remembers what it does not see any more. Policies over real numbers are Gaussian.

Papers: Schulman, Wolski, Dhariwal, Radford, Klimov 2017, "Proximal Policy Optimization Algorithms", arXiv:1707.06347;
Schulman, Moritz, Levine, Jordan, Abbeel 2016, "High-Dimensional Continuous Control Using Generalized Advantage
Estimation", arXiv:1506.02438. Differences:

1. A time limit is not an end: the value of what would have followed is estimated there (Pardo, Tavakoli, Levdik,
   Kormushev 2018, "Time Limits in Reinforcement Learning", arXiv:1712.00378).
2. The advantages of each rollout are normalized for each policy, and gradients are clipped for each policy.
3. Learning rate and clip range decrease together (`--schedule`), as the paper does for Atari games only.
4. Many copies and short rollouts, 64 x 32 steps instead of 1 x 2048: one forward pass serves all copies.
5. Policy and value share no layers unless `--shared` is typed: with shared ones, CartPole took several times as long
   (docs/lab-notes.md). With `--cell` they share them.
6. `--normalize` divides observations and rewards by running standard deviations.

Measured by benchmarks/control.py: mean return of 100 greedy episodes of each policy: cart_pole 499.9 (10 policies, 13
s), cart_pole, one seed 500.0 (1 policy, 5 s), mountain_car -108.2 (5 policies, 30 s), acrobot -83.0 (5 policies, 9
s), pendulum -151.3 (5 policies, 19 s), LunarLander-v3 166.5 (1 policy, 422 s), maze 1.0 (5 policies, 6 s), road 77.3
(5 policies, 10 s), breakout 5.2 (2 policies, 58 s).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.metrics import Metrics
from axone.graph import RECURRENT_LAYERS, Input, Linear, Model, Node
from axone.messages import mark
from axone.play.spaces import Continuous, Discrete
from axone.settings import option
from axone.tasks.control.actor_critic import ActorCriticLearner
from axone.tasks.control.data import open_control
from axone.tasks.control.experience.advantages import estimate_advantages
from axone.tasks.control.experience.minibatches import draw_minibatches, flatten_steps, to_sequences
from axone.tasks.control.experience.rollouts import Rollout
from axone.tasks.control.experiment import make_experiment
from axone.tasks.control.networks.answering import PolicyAnswering
from axone.tasks.control.networks.layers import add_recurrent_layer, initialize, read_observation
from axone.tasks.control.networks.moments import RewardScale
from axone.tasks.control.networks.network import ControlNetwork
from axone.tasks.control.networks.optimizer import MemberOptimizer
from axone.tasks.control.play import EpisodeSession, open_session
from axone.tasks.control.predict import predict_actions
from axone.tasks.control.predict import read_inputs as read_inputs
from axone.tasks.control.settings import ControlSettings, WorldEvaluateOptions, WorldPlayOptions
from axone.tasks.control.worlds.actions import count_outputs, read_space
from axone.tasks.control.worlds.opening import inspect_world
from axone.tasks.control.worlds.world_settings import CART_POLE_FACTS, PPO, complete_settings


class Settings(ControlSettings):
    """The settings of the policies and of their training."""

    passes: int = option(8, mark("passes over each rollout"), ge=1, le=1000)
    batch_size: int = option(512, mark("steps of each policy in a minibatch"), ge=1, le=1_000_000)
    gamma: float = option(0.98, mark("discount of the reward of the next step"), ge=0, le=1)
    gae: float = option(0.8, mark("lambda of the generalized advantage estimation"), ge=0, le=1)
    clip: float = option(0.2, mark("how far the probability ratio may leave 1; it follows the schedule"), gt=0, le=10)
    value_weight: float = option(0.5, mark("weight of the value loss"), ge=0, le=1000)
    entropy_weight: float = option(0.0, mark("weight of the policy's entropy"), ge=0, le=1000)
    shared: bool = option(False, mark("policy and value share the layers before their outputs"))
    cell: Literal["none", "gru", "lstm", "rnn"] = option("none", mark("recurrent cell; none: no memory"))
    hidden: int = option(64, mark("units of the recurrent layer"), ge=1, le=4096)
    learning_rate: float = option(3e-3, mark("highest learning rate of the schedule"), gt=0, le=100)
    schedule: Literal["constant", "linear", "cosine", "one-cycle"] = option(  # type: ignore[assignment]
        "linear", mark("schedule of learning rate and clip range")
    )
    gradient_clip: float = option(0.5, mark("largest norm of the gradients; 0: no clipping"), ge=0)


class EvaluateOptions(WorldEvaluateOptions):
    """Flags of `axone evaluate` of these runs."""


class PlayOptions(WorldPlayOptions):
    """Flags of `axone play` of these runs."""


EXAMPLE_FACTS = CART_POLE_FACTS


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Choose the settings of a world that has some of its own. Those that were set explicitly stay as they are.

    Raises AxoneError, before a run begins, for a world that cannot be opened or read.
    """
    inspect_world(settings.world, has_memory=settings.cell != "none")
    return complete_settings(settings, PPO)


def actor_critic(settings: Settings, facts: dict[str, Any]) -> Model:
    """Build the network of one policy: observations -> "policy" (logits or means) and "value".

    With a recurrent cell, the inputs are sequences [N, T, ...] with their lengths and the state before them, and the
    outputs contain the state after them.
    """
    is_recurrent = settings.cell != "none"
    observation = Input(*([1] if is_recurrent else []), *facts["input"], name="observation")
    inputs: dict[str, Node] = {"observation": observation}
    outputs: dict[str, Node] = {}
    h = value = read_observation(observation, settings.channels, settings.units, settings.activation)
    if is_recurrent:
        h, further, outputs = add_recurrent_layer(h, settings.cell, settings.hidden)
        inputs, value = inputs | further, h
    elif not settings.shared:
        value = read_observation(observation, settings.channels, settings.units, settings.activation)
    outputs["policy"] = Linear(count_outputs(read_space(facts["actions"])), name="policy")(h)
    outputs["value"] = Linear(1, name="value")(value)
    return initialize(Model(inputs, outputs))


def model(settings: Settings, facts: dict[str, Any]) -> ControlNetwork:
    """Return the networks of all policies: observations [M, N, ...] -> logits or means [M, N, A], values [M, N, 1]."""
    space = read_space(facts["actions"])
    members = [actor_critic(settings, facts) for _seed in range(settings.seeds)]
    deviations = 0 if isinstance(space, Discrete) else count_outputs(space)
    return ControlNetwork(members, facts["input"], normalize=settings.normalize, deviations=deviations)


class PpoLearner(ActorCriticLearner):
    """Trains the policies of all members at once.

    Args:
        network: Their networks.
        settings: How they are trained.
        space: The space of one action.
        solved: The mean return at which the world counts as solved; None: it has none.
    """

    def __init__(
        self, network: ControlNetwork, settings: Settings, space: Discrete | Continuous, solved: float | None = None
    ) -> None:
        super().__init__(network, space, solved, settings.cell, settings.hidden)
        self.settings = settings
        self.optimizer = MemberOptimizer(network, settings, eps=1e-5)
        self.reward_scale = RewardScale(network.size, settings.copies, settings.gamma) if settings.normalize else None

    def train_step(self, batch: Rollout) -> Metrics:
        """Update the policies on one rollout: K passes over minibatches (Schulman et al. 2017, algorithm 1)."""
        settings, rollout = self.settings, batch
        rewards = rollout.rewards if self.reward_scale is None else self.reward_scale(rollout.rewards, rollout.ended)
        advantages = estimate_advantages(
            rewards, rollout.values, rollout.next_values, rollout.terminated, rollout.ended,
            settings.gamma, settings.gae,
        )  # fmt: skip
        returns = advantages + rollout.values  # the targets of the values
        deviation, mean = torch.std_mean(advantages, (0, 2), keepdim=True)  # of each policy
        advantages = (advantages - mean) / (deviation + 1e-8)
        steps = {
            "observations": rollout.observations, "actions": rollout.actions, "advantages": advantages,
            "returns": returns, "log_probabilities": rollout.log_probabilities,
        }  # fmt: skip
        if self.state_parts:  # minibatches of whole sequences: [M, N, T, ...]
            steps["ended"] = rollout.ended
            items = {name: to_sequences(values) for name, values in steps.items()} | rollout.memory
            size = max(1, settings.batch_size // settings.steps)
        else:  # minibatches of steps: [M, T x N, ...]
            items = {name: flatten_steps(values) for name, values in steps.items()}
            size = settings.batch_size
        clip = settings.clip * self.optimizer.schedule_factor
        metrics: Metrics = {}
        for _pass in range(settings.passes):
            for minibatch in draw_minibatches(items, size):
                loss, metrics = self.compute_loss(minibatch, clip)
                self.optimizer.step(loss)
        if self.network.moments is not None:  # after the updates, whose ratios compare policies on the same inputs
            self.network.moments.update(flatten_steps(rollout.observations))
        return metrics | self.note_exploring(rollout.episode_returns)

    def compute_loss(self, batch: dict[str, Tensor], clip: float) -> tuple[Float[Tensor, ""], Metrics]:
        """Return the loss of a minibatch, summed over the policies, and its parts (Schulman et al. 2017, equation 9).

        ratio  = pi(a | s) / pi_old(a | s)
        L_clip = -mean min(ratio A, clip(ratio, 1 - epsilon, 1 + epsilon) A)
        L      = L_clip + c_1 mean (V(s) - R)^2 - c_2 mean entropy(pi(. | s))
        """
        settings = self.settings
        distribution, values = self.respond_to_minibatch(batch)
        log_ratio = distribution.log_probability(batch["actions"]) - batch["log_probabilities"]
        ratio, advantages = log_ratio.exp(), batch["advantages"]
        clipped = ratio.clamp(1 - clip, 1 + clip)
        policy_loss = -torch.minimum(ratio * advantages, clipped * advantages).mean()
        value_loss = (values - batch["returns"]).square().mean()
        entropy = distribution.entropy().mean()
        loss = policy_loss + settings.value_weight * value_loss - settings.entropy_weight * entropy
        metrics = {
            "loss": loss, "policy_loss": policy_loss, "value_loss": value_loss, "entropy": entropy,
            "clipped_share": (ratio != clipped).float().mean(),
        }  # fmt: skip
        return loss * self.network.size, {name: value.detach() for name, value in metrics.items()}


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Open the worlds, and assemble networks, learner, rollouts, greedy episodes and figures."""
    control = open_control(settings, context, PPO)
    network = model(settings, control.facts)
    learner = PpoLearner(network, settings, control.space, control.solved)
    return make_experiment(learner, control, settings, lambda: answering(network, settings, control.facts))


def answering(network: nn.Module, settings: Settings, facts: dict[str, Any]) -> PolicyAnswering:
    """Return the best policy: observations -> probabilities (or actions) and values; the memory too with a cell."""
    assert isinstance(network, ControlNetwork)
    parts = () if settings.cell == "none" else RECURRENT_LAYERS[settings.cell].state_parts
    return PolicyAnswering(network, facts, dict.fromkeys(parts, (1, settings.hidden)))


def predict(network: nn.Module, settings: Settings, facts: dict[str, Any], inputs: Sequence[Any]) -> list[Any]:
    """Answer about each observation: the action and the value."""
    return predict_actions(answering(network, settings, facts), facts, inputs)


def play(
    network: nn.Module, settings: Settings, facts: dict[str, Any], *, seed: int, options: PlayOptions
) -> EpisodeSession:
    """Return an episode of the best policy in its world."""
    return open_session(answering(network, settings, facts), settings, facts, seed=seed, options=options)
