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
5. The weights that are used are those of the epoch in which the network's greedy episodes were best, chosen for each
   network by itself: Q-learning may lose a policy again that it had found.

Measured by benchmarks/control.py: mean return of 100 greedy episodes of each policy: cart_pole 500.0 (10 policies,
111 s), cart_pole, pqn 500.0 (10 policies, 26 s).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import smooth_l1_loss

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.metrics import Metrics
from axone.graph import Input, Linear, Model
from axone.messages import mark
from axone.play.spaces import Discrete
from axone.settings import option
from axone.tasks.control.action_values import ActionValueLearner
from axone.tasks.control.data import open_control
from axone.tasks.control.experience.minibatches import draw_minibatches, flatten_steps
from axone.tasks.control.experience.replay import Replay, Transitions, make_transitions, require_capacity
from axone.tasks.control.experience.returns import estimate_returns
from axone.tasks.control.experience.rollouts import Rollout
from axone.tasks.control.experiment import make_experiment
from axone.tasks.control.networks.answering import GreedyAnswering
from axone.tasks.control.networks.layers import read_observation
from axone.tasks.control.networks.network import ControlNetwork
from axone.tasks.control.networks.optimizer import MemberOptimizer
from axone.tasks.control.networks.target import TargetNetwork
from axone.tasks.control.play import EpisodeSession, open_session
from axone.tasks.control.predict import predict_actions
from axone.tasks.control.predict import read_inputs as read_inputs
from axone.tasks.control.settings import ControlSettings, WorldEvaluateOptions, WorldPlayOptions
from axone.tasks.control.worlds.actions import count_outputs, read_space
from axone.tasks.control.worlds.opening import inspect_world, require_choices
from axone.tasks.control.worlds.world_settings import CART_POLE_FACTS, DQN, complete_settings

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
    units: tuple[int, ...] = option((128, 128), mark("units of the dense layers"))
    activation: Literal["tanh", "relu"] = option("relu", mark("activation of the dense layers"))
    epochs: int = option(20, mark("epochs; after each, greedy episodes are played"), ge=1, le=1_000_000)
    learning_rate: float = option(1e-3, mark("highest learning rate of the schedule"), gt=0, le=100)
    schedule: Literal["constant", "linear", "cosine", "one-cycle"] = option(  # type: ignore[assignment]
        "linear", mark("schedule of the learning rate")
    )
    gradient_clip: float = option(10.0, mark("largest norm of the gradients; 0: no clipping"), ge=0)

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {"default": {}, "pqn": PQN}


class EvaluateOptions(WorldEvaluateOptions):
    """Flags of `axone evaluate` of these runs."""


class PlayOptions(WorldPlayOptions):
    """Flags of `axone play` of these runs."""


EXAMPLE_FACTS = CART_POLE_FACTS


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Choose the settings of a world that has some of its own. Those that were set explicitly stay as they are.

    Raises AxoneError, before a run begins, for a world that cannot be opened or has no choices, and for a replay memory
    that is too small.
    """
    require_choices(settings.world, inspect_world(settings.world))
    completed = complete_settings(settings, DQN)
    if completed.replay:
        require_capacity(completed.replay, completed.steps * completed.copies)
    return completed


def q_network(settings: Settings, facts: dict[str, Any]) -> Model:
    """Build one network: observations -> "value" and "advantage", or "action_values"."""
    observation = Input(*facts["input"], name="observation")
    h = read_observation(
        observation, settings.channels, settings.units, settings.activation, normalization=settings.normalization
    )
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


class DqnLearner(ActionValueLearner):
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
        replay, device = None, network.best.device
        if settings.replay:
            replay = Replay(network.size, settings.replay, shape, settings.priority, device)
            self.target = TargetNetwork(network, settings.target_every)
        super().__init__(network, space, solved, settings.exploration, settings.final_epsilon, replay)
        self.settings = settings
        self.optimizer = MemberOptimizer(network, settings, eps=1e-5)

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
            self.target.follow(self.network)
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
        items = {name: flatten_steps(values) for name, values in steps.items()}
        metrics: Metrics = {}
        for _pass in range(settings.passes):
            for minibatch in draw_minibatches(items, settings.batch_size):
                values = self.q_values(self.network, minibatch["observations"])
                chosen = values.gather(-1, minibatch["actions"][..., None]).squeeze(-1)
                loss = 0.5 * (chosen - minibatch["returns"]).square().mean()
                self.optimizer.step(loss * self.network.size)
                metrics = {"loss": loss.detach(), "mean_value": chosen.detach().mean()}
        return metrics


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Open the worlds, and assemble networks, learner, rollouts, greedy episodes and figures."""
    control = open_control(settings, context, DQN)
    assert isinstance(control.space, Discrete)  # see `complete`
    network = model(settings, control.facts)
    learner = DqnLearner(network, settings, control.space, control.facts["input"], control.solved)
    return make_experiment(learner, control, settings, lambda: answering(network, settings, control.facts))


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
    return open_session(answering(network, settings, facts), settings, facts, seed=seed, options=options)
