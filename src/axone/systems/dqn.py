"""Deep Q-networks (DQN and PQN): learn what each action is worth, several networks at once.

The flow of shapes for CartPole, with M networks (`--seeds`) and N copies of the world for each (`--copies`):

    observations [M, N, 4] -> dense, ReLU [M, N, 128] -> dense, ReLU [M, N, 128] -> V(s) [M, N, 1], A(s, a) [M, N, 2]
    Q(s, a) = V(s) + A(s, a) - mean A(s, .) [M, N, 2]
    with probability epsilon a random action, else the one with the highest Q; after T steps, a rollout [T, M, N]
    -> transitions of n steps, stored in the replay memory -> `--updates` minibatches [M, B] drawn from it

`--preset pqn` has no replay memory and no target network: it learns from each rollout, and forgets it. Its layers are
normalized, which keeps Q from growing without limit, and many copies take the place of the memory.

Papers: Mnih et al. 2015, "Human-level control through deep reinforcement learning", Nature 518; van Hasselt, Guez,
Silver 2016, "Deep Reinforcement Learning with Double Q-learning", arXiv:1509.06461; Wang et al. 2016, "Dueling Network
Architectures", arXiv:1511.06581; Schaul et al. 2016, "Prioritized Experience Replay", arXiv:1511.05952; Hessel et al.
2018, "Rainbow", arXiv:1710.02298 (n steps with these); Gallici et al. 2025, "Simplifying Deep Temporal Difference
Learning", arXiv:2407.04811 (PQN). Differences:

1. Many copies of the world play at once, and then many minibatches are drawn, instead of one after every few steps.
2. A transition that a time limit ended is not stored, and one of n steps ends before it: the limit is not the world's.
3. Epsilon falls linearly over a share of the training, and the learning rate with it (`--schedule`).
4. All minibatches of a rollout are drawn at once, with the priorities of that moment; the errors of each one set the
   priorities of the next rollout.

Measured by benchmarks/control.py: mean return of 100 greedy episodes of each policy: cart_pole 489.9 (10 policies, 81
s), cart_pole, pqn 500.0 (10 policies, 26 s).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import smooth_l1_loss

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.metrics import Metrics
from axone.errors import UsageError
from axone.figures.figure import Figure, Table
from axone.graph import Activation, Conv2d, Flatten, Input, LayerNorm, Linear, Model
from axone.messages import _, mark
from axone.play.spaces import Discrete
from axone.settings import option
from axone.tasks.control.actions import count_outputs, read_space
from axone.tasks.control.answering import GreedyAnswering, join_heads
from axone.tasks.control.data import open_control
from axone.tasks.control.figures import make_figures
from axone.tasks.control.learner import ControlLearner
from axone.tasks.control.minibatches import draw_minibatches
from axone.tasks.control.network import ControlNetwork, Memory
from axone.tasks.control.optimizer import MemberOptimizer
from axone.tasks.control.play import EpisodeSession, open_session
from axone.tasks.control.predict import predict_actions
from axone.tasks.control.predict import read_inputs as read_inputs
from axone.tasks.control.replay import Replay, Transitions, make_transitions
from axone.tasks.control.rollouts import Decision, Rollout, Rollouts
from axone.tasks.control.settings import ControlSettings, WorldPlayOptions
from axone.tasks.control.world_settings import DQN, complete_settings

Steps = Float[Tensor, "steps members copies"]
PLANES = 3  # dimensions of an observation of pixels
BETA = 0.4  # of the weights of prioritized replay at the start; 1 at the end
PQN: dict[str, Any] = {
    "replay": 0, "normalization": True, "dueling": False, "copies": 64, "steps": 32, "rollouts": 5, "epochs": 20,
    "passes": 4, "batch_size": 512, "learning_rate": 2e-3, "trace": 0.9, "gradient_clip": 10.0, "final_epsilon": 0.05,
    "exploration": 0.3,
}  # fmt: skip


class Settings(ControlSettings):
    """The settings of the networks and of their training."""

    UNUSED: ClassVar[frozenset[str]] = ControlSettings.UNUSED | {"normalize"}

    copies: int = option(16, mark("copies of the world for each policy"), ge=1, le=65_536)
    steps: int = option(16, mark("steps of each copy in a rollout"), ge=2, le=100_000)
    rollouts: int = option(10, mark("rollouts in an epoch"), ge=1, le=100_000)
    replay: int = option(50_000, mark("transitions that are stored for each policy; 0: none, as in PQN"),
                         ge=0, le=10_000_000)  # fmt: skip
    start: int = option(1000, mark("replay: transitions before the first update"), ge=1, le=10_000_000)
    updates: int = option(128, mark("replay: minibatches for each rollout"), ge=1, le=100_000)
    passes: int = option(2, mark("without replay: passes over each rollout"), ge=1, le=1000)
    batch_size: int = option(64, mark("transitions of each policy in a minibatch"), ge=1, le=1_000_000)
    lookahead: int = option(1, mark("replay: steps of a transition"), ge=1, le=1000)
    trace: float = option(0.65, mark("without replay: lambda of the returns"), ge=0, le=1)
    double: bool = option(True, mark("choose the next action by one network and evaluate it by the other"))
    dueling: bool = option(True, mark("value and advantages have outputs of their own"))
    priority: float = option(0.6, mark("replay: power of the errors by which transitions are drawn; 0: uniform"),
                             ge=0, le=10)  # fmt: skip
    target_every: int = option(50, mark("replay: updates between two copies of the target network"), ge=1)
    final_epsilon: float = option(0.04, mark("probability of a random action in the end"), ge=0, le=1)
    exploration: float = option(0.16, mark("share of the training in which this probability falls"), ge=0, le=1)
    normalization: bool = option(False, mark("layer normalization of the dense layers"))
    channels: tuple[int, ...] = option((16, 32), mark("pixel planes: channels of the convolutions"))
    units: tuple[int, ...] = option((128, 128), mark("units of the dense layers"))
    activation: Literal["tanh", "relu"] = option("relu", mark("activation of the dense layers"))
    epochs: int = option(20, mark("epochs; after each, greedy episodes are played"), ge=1, le=1_000_000)
    learning_rate: float = option(2.3e-3, mark("highest learning rate of the schedule"), gt=0, le=100)
    schedule: Literal["constant", "linear", "cosine", "one-cycle"] = option(  # type: ignore[assignment]
        "linear", mark("schedule of the learning rate")
    )
    gradient_clip: float = option(10.0, mark("largest norm of the gradients; 0: no clipping"), ge=0)

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {"default": {}, "pqn": PQN}


class PlayOptions(WorldPlayOptions):
    """Flags of `axone play` of these runs."""


EXAMPLE_FACTS = {
    "task": "control",
    "input": [4],
    "observations": {"shape": [4], "low": None, "high": None},
    "actions": {"count": 2, "names": ["left", "right"]},
}


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Choose the settings that are known to work for a world. Those that were set explicitly stay as they are."""
    return complete_settings(settings, DQN)


def q_network(settings: Settings, facts: dict[str, Any]) -> Model:
    """Build one network: observations -> "value" and "advantage", or "action_values"."""
    h = observation = Input(*facts["input"], name="observation")
    if len(h.shape) == PLANES:
        for number, channels in enumerate(settings.channels):
            h = Conv2d(channels, 3, stride=1 if number == 0 else 2, padding=1, activation="relu")(h)
    if len(h.shape) > 1:
        h = Flatten()(h)
    for units in settings.units:
        h = Linear(units)(h)
        h = LayerNorm()(h) if settings.normalization else h
        h = Activation(settings.activation)(h)
    choices = count_outputs(read_space(facts["actions"]))
    if settings.dueling:
        return Model(
            {"observation": observation},
            {"value": Linear(1, name="value")(h), "advantage": Linear(choices, name="advantage")(h)},
        )
    return Model({"observation": observation}, {"action_values": Linear(choices, name="action_values")(h)})


def model(settings: Settings, facts: dict[str, Any]) -> ControlNetwork:
    """Return the networks of all members: observations [M, N, ...] -> their outputs."""
    return ControlNetwork([q_network(settings, facts) for _seed in range(settings.seeds)], facts["input"])


def estimate_returns(
    rewards: Steps, next_values: Steps, terminated: Bool[Tensor, "steps members copies"],
    ended: Bool[Tensor, "steps members copies"], gamma: float, trace: float,
) -> Steps:  # fmt: skip
    """Return the targets of PQN, the lambda-returns of the greedy policy (Gallici et al. 2025, section 3.3).

        R(t) = r(t) + gamma [lambda R(t+1) + (1 - lambda) max_a Q(s(t+1), a)]     within an episode
        R(t) = r(t) + gamma max_a Q(s(t+1), a)                                    at a time limit and at the last step
        R(t) = r(t)                                                               where the episode terminated

    Args:
        rewards: r(t).
        next_values: max_a Q(s(t+1), a).
        terminated: Whether the rules ended the episode after a step.
        ended: Whether an episode ended after a step, for whichever reason.
        gamma: The discount.
        trace: lambda.
    """
    returns = torch.empty_like(rewards)
    following = next_values[-1]
    for t in reversed(range(len(rewards))):
        mixed = torch.where(ended[t], next_values[t], trace * following + (1 - trace) * next_values[t])
        returns[t] = following = rewards[t] + gamma * mixed * ~terminated[t]
    return returns


class DqnLearner(ControlLearner):
    """Trains the networks of all members at once.

    Args:
        network: Their networks.
        settings: How they are trained.
        space: The space of one action.
        shape: The shape of an observation.
        solved: The mean return at which the world counts as solved; None: it has none.
    """

    def __init__(
        self, network: ControlNetwork, settings: Settings, space: Discrete, shape: Sequence[int],
        solved: float | None = None,
    ) -> None:  # fmt: skip
        super().__init__(network, space, solved)
        self.settings, self.choices = settings, space.count
        self.optimizer = MemberOptimizer(network, settings, eps=1e-5)
        self.replay: Replay | None = None
        if settings.replay:
            self.target = copy.deepcopy(network).requires_grad_(False)
            self.replay = Replay(network.size, settings.replay, shape, settings.priority, network.best.device)
        self.update_count = 0

    # Acting.

    def q_values(
        self, network: ControlNetwork, observations: Float[Tensor, "members batch ..."]
    ) -> Float[Tensor, "members batch choices"]:
        """Return Q(s, a) of every action."""
        return join_heads(network(observations))

    @property
    def progress(self) -> float:
        """The share of the training that is done, from 0 to 1."""
        return min(1.0, self.batches_seen / max(1, self.context.batches))

    @property
    def epsilon(self) -> float:
        """The probability of a random action now."""
        settings = self.settings
        share = min(1.0, self.progress / settings.exploration) if settings.exploration else 1.0
        return 1 + share * (settings.final_epsilon - 1)

    def explore(self, observations: Float[Tensor, "members copies ..."], memory: Memory) -> Decision:
        """Choose the actions with the highest values, but some of them at random."""
        values, best = self.q_values(self.network, observations).max(-1)
        drawn = torch.randint(self.choices, best.shape, device=best.device)
        actions = torch.where(torch.rand(best.shape, device=best.device) < self.epsilon, drawn, best)
        return Decision(actions, torch.zeros_like(values), values, memory)

    def exploit(self, observations: Float[Tensor, "members copies ..."], memory: Memory) -> tuple[Tensor, Memory]:
        """Return the actions with the highest values."""
        return self.q_values(self.network, observations).argmax(-1), memory

    def estimate_values(
        self, observations: Float[Tensor, "members copies ..."], memory: Memory
    ) -> Float[Tensor, "members copies"]:
        """Return max_a Q(s, a)."""
        return self.q_values(self.network, observations).amax(-1)

    # Learning.

    def train_step(self, batch: Rollout) -> Metrics:
        """Learn from a rollout: through the replay memory, or from the rollout itself."""
        metrics = self.learn_from_rollout(batch) if self.replay is None else self.learn_from_replay(batch, self.replay)
        metrics["epsilon"] = torch.tensor(self.epsilon)
        return metrics | self.note_exploring(batch.episode_returns)

    def learn_from_replay(self, rollout: Rollout, replay: Replay) -> Metrics:
        """Store the transitions of a rollout, then update the networks on minibatches of what is stored."""
        settings = self.settings
        replay.add(*make_transitions(rollout, settings.gamma, settings.lookahead))
        if int(replay.count.min()) < settings.start:
            return {"loss": torch.zeros(())}
        metrics: Metrics = {}
        places, weights = replay.draw(settings.updates * settings.batch_size, BETA + (1 - BETA) * self.progress)
        for minibatch in torch.arange(settings.updates * settings.batch_size).split(settings.batch_size):
            errors, loss, metrics = self.compute_loss(replay.read(places[:, minibatch]), weights[:, minibatch])
            if settings.priority:
                replay.update(places[:, minibatch], errors)
            self.optimizer.step(loss)
            self.update_count += 1
            if self.update_count % settings.target_every == 0:
                self.target.load_state_dict(self.network.state_dict())
        return metrics

    def compute_loss(
        self, batch: Transitions, weights: Float[Tensor, "members transitions"]
    ) -> tuple[Float[Tensor, "members transitions"], Float[Tensor, ""], Metrics]:
        """Return the errors of transitions, the loss summed over the members, and its parts.

        a*     = argmax_a Q(s', a)                         (double; else of the target network)
        target = R + gamma^n Q_target(s', a*)              (van Hasselt et al. 2016, equation 4)
        loss   = mean w huber(target - Q(s, a))            (Mnih et al. 2015, with the weights of Schaul et al. 2016)
        """
        with torch.no_grad():
            following = self.q_values(self.target, batch.following)
            choosing = self.q_values(self.network, batch.following) if self.settings.double else following
            next_values = following.gather(-1, choosing.argmax(-1, keepdim=True)).squeeze(-1)
            targets = batch.rewards + batch.discounts * next_values
        values = self.q_values(self.network, batch.observations)
        chosen = values.gather(-1, batch.actions[..., None]).squeeze(-1)
        loss = (weights * smooth_l1_loss(chosen, targets, reduction="none")).mean()
        metrics = {"loss": loss.detach(), "mean_value": chosen.detach().mean()}
        return (targets - chosen).detach(), loss * self.network.size, metrics

    def learn_from_rollout(self, rollout: Rollout) -> Metrics:
        """Update the networks on a rollout: passes over minibatches, towards returns that do not change (PQN)."""
        settings = self.settings
        returns = estimate_returns(
            rollout.rewards, rollout.next_values, rollout.terminated, rollout.ended, settings.gamma, settings.trace
        )
        steps = {"observations": rollout.observations, "actions": rollout.actions, "returns": returns}
        items = {name: values.transpose(0, 1).flatten(1, 2) for name, values in steps.items()}
        metrics: Metrics = {}
        for _pass in range(settings.passes):
            for minibatch in draw_minibatches(items, settings.batch_size):
                values = self.q_values(self.network, minibatch["observations"])
                chosen = values.gather(-1, minibatch["actions"][..., None]).squeeze(-1)
                loss = 0.5 * (chosen - minibatch["returns"]).square().mean()
                self.optimizer.step(loss * self.network.size)
                metrics = {"loss": loss.detach(), "mean_value": chosen.detach().mean()}
        return metrics

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the optimizer, the history, and the replay memory."""
        replay = {} if self.replay is None else {"replay": self.replay.state_dict()}
        return {**super().state_dict(), "update_count": self.update_count, **replay}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        super().load_state_dict(state)
        self.update_count = int(state["update_count"])
        if self.replay is not None:
            self.replay.load_state_dict(state["replay"])


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Open the worlds, and assemble networks, learner, rollouts, greedy episodes and figures."""
    control = open_control(settings, context, DQN)
    space = control.space
    if not isinstance(space, Discrete):
        raise UsageError(
            _("The actions of '{name}' are real numbers, for which dqn cannot compare values.", name=settings.world),
            expected=_("expected a world with a number of choices"),
            hint=_("type: axone train ppo --world {name}", name=settings.world),
        )
    if settings.replay and settings.replay < settings.steps * settings.copies:
        raise UsageError(
            _("The replay memory ({replay}) is smaller than a rollout ({size}).",
              replay=settings.replay, size=settings.steps * settings.copies),
            expected=_("expected --replay to be at least --steps times --copies"),
        )  # fmt: skip
    learner = DqnLearner(model(settings, control.facts), settings, space, control.facts["input"], control.solved)

    def figures(experiment: Experiment, final: bool) -> Iterable[Figure | Table]:
        return make_figures(
            experiment, final, control, settings, lambda: answering(learner.network, settings, control.facts)
        )

    return Experiment(
        learner,
        Rollouts(control.train, learner, settings.steps, settings.rollouts),
        control.validation,
        control.test,
        control.facts,
        monitor="return",
        notes=control.notes,
        figures=figures,
    )


def answering(network: nn.Module, settings: Settings, facts: dict[str, Any]) -> GreedyAnswering:
    """Return the best policy: observations -> the probabilities of the choices, 1 for the best, and values."""
    assert isinstance(network, ControlNetwork)
    return GreedyAnswering(network, facts)


def predict(network: nn.Module, settings: Settings, facts: dict[str, Any], inputs: Sequence[Any]) -> list[Any]:
    """Answer about each observation: the action and the value."""
    return predict_actions(answering(network, settings, facts), facts, inputs)


def play(
    network: nn.Module, settings: Settings, facts: dict[str, Any], *, seed: int, options: PlayOptions
) -> EpisodeSession:
    """Return an episode of the best policy in its world."""
    return open_session(answering(network, settings, facts), facts, seed, options)
