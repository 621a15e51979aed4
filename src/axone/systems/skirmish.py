"""Skirmishes: one network commands all units of a team and learns from a shared reward (PPO).

The flow of shapes for the scenario 2s3z (2 stalkers and 3 zealots on each side), with N battles at once (`--copies`)
and rollouts of T steps (`--steps`):

    what each unit sees [N, 5, 97] -> dense, ReLU [N, 5, 64] -> dense, ReLU [N, 5, 64] -> logits [N, 5, 10]
    -> illegal actions excluded -> each unit draws one of: 4 moves, stop, attack enemy 0 to 4
    the whole battle [N, 60] -> dense, ReLU [N, 64] -> dense, ReLU [N, 64] -> value of the team [N]
    after T steps, a rollout -> advantages A and returns R [T, N] -> K passes over minibatches

All units have the same network, whose input contains the type of the unit. With `--critic central` (MAPPO), which is
the default, the value is estimated from all units of both teams; it is needed for training only, so that units act by
what they see. With `--critic independent` (IPPO), each unit estimates the value from what it sees. With `--cell gru`,
a recurrent layer lets units remember. The opponent is the heuristic player of SMAX, or with `--opponent self` the same
network, which sees the battle in a mirror.

Papers: de Witt et al. 2020, "Is Independent Learning All You Need in the StarCraft Multi-Agent Challenge?",
arXiv:2011.09533 (IPPO); Yu et al. 2022, "The Surprising Effectiveness of PPO in Cooperative Multi-Agent Games",
arXiv:2103.01955 (MAPPO); Samvelyan et al. 2019, "The StarCraft Multi-Agent Challenge", arXiv:1902.04043; Rutherford et
al. 2024, "JaxMARL", arXiv:2311.10090 (SMAX). Differences:

1. The game is our own simulation in the manner of SMAX (`axone.play.skirmish`), with medics.
2. The value of MAPPO's critic is that of the team, computed once for all its units; the papers' critics also read the
   number of a unit. It is not normalized, because returns are from 0 to 2.
3. The networks are 64 wide and have no memory unless `--cell` asks for it; JaxMARL's have a GRU of 128 units.
4. Actions of dead units are left out of the policy's loss; rewards after a unit's death count for it.
5. In self-play, the reward is the difference of both teams' rewards, and both learn.
6. The networks of the units and of the critic have optimizers of their own, and gradients are clipped for each.
7. The weight of the entropy (c_2 below) decreases with the learning rate: exploration ends with the training.

Measured by benchmarks/skirmish.py: greedy win rates against the heuristic player (one seed): 3m 95.4 % after 220 s,
2s3z 100.0 % after 335 s, 3s5z 99.8 % after 614 s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer
from axone.figures.figure import Figure, Table
from axone.graph import Input, Linear, Model, Node
from axone.messages import mark
from axone.play.skirmish.scenarios import find_scenario
from axone.settings import option
from axone.tasks.control.experience.advantages import estimate_advantages
from axone.tasks.control.networks.layers import add_recurrent_layer, initialize, read_observation
from axone.tasks.skirmish.actor_critic import BattleActorCritic
from axone.tasks.skirmish.data import open_skirmish
from axone.tasks.skirmish.figures import make_figures
from axone.tasks.skirmish.generate import GeneratedBattle, WatchedBattle, generate_battles
from axone.tasks.skirmish.minibatches import arrange_units, draw_batches
from axone.tasks.skirmish.policy import UnitPolicy, masked, require_no_memory
from axone.tasks.skirmish.rollouts import BattleRollouts, Rollout
from axone.tasks.skirmish.settings import ReplayOptions, SkirmishSettings


class Settings(SkirmishSettings):
    """The settings of the networks and of their training."""

    critic: Literal["central", "independent"] = option(
        "central", mark("what the value is estimated from: the whole battle (MAPPO), or what a unit sees (IPPO)")
    )
    cell: Literal["none", "gru", "lstm", "rnn"] = option("none", mark("recurrent cell; none: no memory"))
    hidden: int = option(64, mark("units of the recurrent layer"), ge=1, le=4096)
    steps: int = option(64, mark("steps of each battle in a rollout"), ge=1, le=100_000)
    rollouts: int = option(20, mark("rollouts in an epoch"), ge=1, le=100_000)
    passes: int = option(3, mark("passes over each rollout"), ge=1, le=1000)
    batch_size: int = option(2048, mark("steps of battles in a minibatch"), ge=1, le=10_000_000)
    gamma: float = option(0.99, mark("discount of the reward of the next step"), ge=0, le=1)
    gae: float = option(0.95, mark("lambda of the generalized advantage estimation"), ge=0, le=1)
    clip: float = option(0.2, mark("how far the probability ratio may leave 1"), gt=0, le=10)
    value_weight: float = option(0.5, mark("weight of the value loss"), ge=0, le=1000)
    entropy_weight: float = option(0.02, mark("weight of the policy's entropy; it follows the schedule"), ge=0, le=1000)
    epochs: int = option(80, mark("epochs; after each, greedy battles are played"), ge=1, le=1_000_000)
    learning_rate: float = option(2e-3, mark("highest learning rate of the schedule"), gt=0, le=100)
    schedule: Literal["constant", "linear", "cosine", "one-cycle"] = option(  # type: ignore[assignment]
        "linear", mark("learning rate schedule")
    )
    gradient_clip: float = option(0.25, mark("largest norm of the gradients; 0: no clipping"), ge=0)

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "ippo": {"critic": "independent", "learning_rate": 4e-3, "clip": 0.05},
    }


class GenerateOptions(ReplayOptions):
    """Flags of `axone generate` of these runs."""


class PlayOptions(ReplayOptions):
    """Flags of `axone play` of these runs."""


EXAMPLE_FACTS = {"task": "skirmish", "input": [45], "battle": 24, "actions": [str(number) for number in range(8)]}


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Refuse a scenario that does not exist before a run is created."""
    find_scenario(settings.scenario)
    return settings


def model(settings: Settings, facts: Mapping[str, Any]) -> Model:
    """Build the network of the units: what a unit sees [N, F] -> "policy": logits [N, A].

    An independent critic is a second output, "value" [N, 1]. With a recurrent cell, the inputs are sequences [N, T, F]
    with their lengths and the state before them, and the outputs contain the state after them.
    """
    is_recurrent = settings.cell != "none"
    observation = Input(*([1] if is_recurrent else []), *facts["input"], name="observation")
    inputs: dict[str, Node] = {"observation": observation}
    outputs: dict[str, Node] = {}
    h = value = read_observation(observation, (), settings.units, settings.activation)
    if is_recurrent:
        h, further, outputs = add_recurrent_layer(h, settings.cell, settings.hidden)
        inputs, value = inputs | further, h
    elif settings.critic == "independent":
        value = read_observation(observation, (), settings.units, settings.activation)  # layers of its own
    outputs["policy"] = Linear(len(facts["actions"]), name="policy")(h)
    if settings.critic == "independent":
        outputs["value"] = Linear(1, name="value")(value)
    return initialize(Model(inputs, outputs))


def central_critic(settings: Settings, facts: Mapping[str, Any]) -> Model:
    """Build the centralized critic: the features of all units [N, G] -> the value of the team [N, 1]."""
    battle = Input(facts["battle"], name="battle")
    h = read_observation(battle, (), settings.units, settings.activation)
    return initialize(Model(battle, Linear(1, name="value")(h)))


class SkirmishLearner(BattleActorCritic):
    """Trains the network that all units share.

    Args:
        network: The network of the units.
        critic: The centralized critic; None: the network of the units estimates values, too.
        settings: How they are trained.
        signs: For each unit, the factor that makes its team's reward of the first team's: 1 or -1.
    """

    def __init__(self, network: Model, critic: Model | None, settings: Settings, signs: tuple[float, ...]) -> None:
        super().__init__(network, critic, signs)
        self.settings = settings
        self.optimizer = Optimizer(network, settings, eps=1e-5)
        self.critic_optimizer = Optimizer(critic, settings, eps=1e-5) if critic is not None else None

    def train_step(self, batch: Rollout) -> Metrics:
        """Update the networks on one rollout: K passes over minibatches."""
        settings, rollout = self.settings, batch
        rewards = rollout.rewards[..., None] * self.value_signs.to(rollout.rewards.device)  # of each unit or team
        advantages = estimate_advantages(
            rewards, rollout.values, rollout.next_values, rollout.terminated[..., None], rollout.ended[..., None],
            settings.gamma, settings.gae,
        )  # fmt: skip
        returns = advantages + rollout.values  # the targets of the values
        if self.critic is not None:
            advantages = advantages[..., self.team_of_agent.to(advantages.device)]  # [T, N, A]
        is_alive = rollout.situations.observations[..., 0] > 0  # the first feature is the unit's own health
        deviation, mean = torch.std_mean(advantages[is_alive])
        units = {
            "observations": rollout.situations.observations, "legal": rollout.situations.legal,
            "actions": rollout.actions, "log_probabilities": rollout.log_probabilities, "is_alive": is_alive,
            "advantages": (advantages - mean) / (deviation + 1e-8),
        }  # fmt: skip
        if self.critic is None:
            units["returns"] = returns
        units = arrange_units(units, rollout, only_living=self.critic is not None)
        battles = {"battle": rollout.situations.battle.flatten(0, 1), "returns": returns.flatten(0, 1)}
        count = max(1, rollout.rewards.numel() // settings.batch_size)  # of minibatches
        metrics: Metrics = {}
        for _pass in range(settings.passes):
            for minibatch in draw_batches(units, count):
                metrics |= self.update_units(minibatch)
            for minibatch in draw_batches(battles, count) if self.critic is not None else ():
                metrics |= self.update_critic(minibatch)
        return metrics | self.note_exploring(rollout.results)

    def update_units(self, batch: dict[str, Tensor]) -> Metrics:
        """Update the network of the units on a minibatch (Schulman et al. 2017, equation 9, for each unit).

        ratio  = pi(a | o) / pi_old(a | o)                                   o: what the unit sees
        L_clip = -mean min(ratio A, clip(ratio, 1 - epsilon, 1 + epsilon) A)    over living units
        L      = L_clip - c_2 mean entropy(pi(. | o))     + c_1 mean (V(o) - R)^2 with independent critics
        """
        settings, is_alive = self.settings, batch["is_alive"]
        outputs = self.respond_to_minibatch(batch)
        policy = masked(outputs["policy"], batch["legal"])
        log_ratio = (policy.log_probability(batch["actions"]) - batch["log_probabilities"])[is_alive]
        ratio, advantages = log_ratio.exp(), batch["advantages"][is_alive]
        clipped = ratio.clamp(1 - settings.clip, 1 + settings.clip)
        policy_loss = -torch.minimum(ratio * advantages, clipped * advantages).mean()
        entropy = policy.entropy()[is_alive].mean()
        loss = policy_loss - settings.entropy_weight * self.optimizer.schedule_factor * entropy
        metrics = {
            "policy_loss": policy_loss, "entropy": entropy, "clipped_share": (ratio != clipped).float().mean(),
        }  # fmt: skip
        if self.critic is None:
            metrics["value_loss"] = (outputs["value"].squeeze(-1) - batch["returns"]).square().mean()
            loss = loss + settings.value_weight * metrics["value_loss"]
        self.optimizer.step(loss)
        return {name: value.detach() for name, value in {"loss": loss, **metrics}.items()}

    def update_critic(self, batch: dict[str, Tensor]) -> Metrics:
        """Update the centralized critic on a minibatch: L = c_1 mean (V(s) - R)^2, where s is the whole battle."""
        assert self.critic is not None and self.critic_optimizer is not None
        value_loss = (self.critic(batch["battle"]).squeeze(-1) - batch["returns"]).square().mean()
        self.critic_optimizer.step(self.settings.value_weight * value_loss)
        return {"value_loss": value_loss.detach()}


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Open the battles, and assemble networks, learner, rollouts, greedy battles and figures."""
    skirmish = open_skirmish(settings, context)
    critic = central_critic(settings, skirmish.facts) if settings.critic == "central" else None
    learner = SkirmishLearner(model(settings, skirmish.facts), critic, settings, skirmish.train.world.signs)

    def figures(_experiment: Experiment, final: bool) -> Iterable[Figure | Table]:
        return make_figures(learner, skirmish.scenario, settings.seed, final, settings.steps * settings.copies)

    return Experiment(
        learner,
        BattleRollouts(skirmish.train, learner, settings.steps, settings.rollouts),
        skirmish.validation,
        skirmish.test,
        skirmish.facts,
        monitor="win_rate",
        notes=skirmish.notes,
        figures=figures,
    )


def answering(network: nn.Module, settings: Settings, facts: Mapping[str, Any]) -> nn.Module:
    """Return the module from what units see, and the mask of their legal actions, to the probabilities of actions.

    Raises UsageError for a network with memory, whose answer depends on what the unit saw before.
    """
    require_no_memory(settings.cell)
    return UnitPolicy(network)


def generate(
    network: nn.Module, settings: Settings, facts: Mapping[str, Any], *, count: int, label: str | None, seed: int,
    options: GenerateOptions,
) -> Iterator[GeneratedBattle]:  # fmt: skip
    """Play battles against the heuristic player."""
    return generate_battles(network, facts, count, seed, options)


def play(
    network: nn.Module, settings: Settings, facts: Mapping[str, Any], *, seed: int, options: PlayOptions
) -> WatchedBattle:
    """Return a battle against the heuristic player to watch."""
    return WatchedBattle(network, facts, seed, options)
