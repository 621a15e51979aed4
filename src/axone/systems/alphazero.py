"""AlphaZero: learns a board game from its rules alone, by playing against itself.

The flow of shapes, with the default settings, for Connect Four:

    planes (2, 6, 7): own stones, the opponent's stones
    -> convolution 3x3 (32, 6, 7) -> 3 residual blocks of two convolutions 3x3 and a mean over the board (32, 6, 7)
    -> policy: convolution 1x1 (8, 6, 7) -> dense, the logits of 7 moves
    -> value: convolution 1x1 (8, 6, 7) -> dense, ReLU (64) -> dense, tanh: from -1, a loss, to 1, a win

How it learns. In each position s of a game, a tree search that the network (p, v) = f(s) guides returns a policy pi,
which is better than p. The game ends with a result z: 1, 0 or -1 for the player to move in s. The network learns both:

    l = (z - v)^2 - pi^T log p + c ||theta||^2                                 (Silver et al. 2017, equation 1)

A better network makes the next searches better, and so on. The search is `axone/play/search`; what a position of
self-play becomes is `tasks/games/self_play/`; how strong the network is, is measured by `tasks/games/strength/`.

Papers: Silver et al. 2017, "Mastering the game of Go without human knowledge", Nature 550; Silver et al. 2018, "A
general reinforcement learning algorithm that masters chess, shogi, and Go through self-play", Science 362. Differences:

1. The search is Gumbel search (Danihelka et al. 2022, "Policy improvement by planning with Gumbel", ICLR), which
   improves the policy with 8 simulations already; pi is softmax(logits + q). Here q is not rescaled by the range of the
   estimates in each node, since the range of results is known. `--rule puct` is the papers' search, with Dirichlet
   noise at the root, where pi is the share of the visits. Subtrees are reused with `--reuse` only.
2. z is mixed with the value of the search, half and half (`--value-mix`): a result says little about a position many
   moves before.
3. `--full-share 0.25` is playout-cap randomization (Wu 2019, "Accelerating Self-Play Learning in Go",
   arXiv:1902.10565): a share of the moves has a full search, in all games at once, and only these train the policy; the
   others have a fast one. All of them train the value. In trainings of minutes it is better that all searches are full.
4. Games begin with random moves, up to half a game, so that positions off the best lines are known too.
5. The blocks see the mean over the board (global pooling, Wu 2019), and batch norms have no role in a search: they are
   folded into the convolutions. AdamW with a falling learning rate instead of momentum; averaged weights play.
6. There is one network at each moment, as in the second paper: a new one need not win a match to replace the old one.
7. `--pool-share 0.2`: in a share of the games an earlier network has one side (OpenAI Five, Berner et al. 2019). The
   papers have no such games, and by default there are none.
8. A player sees each position and its mirror image and takes the mean of both answers; self-play does not.
9. In Go the network learns two things more, which its search does not evaluate: o, who owns each of the n points in the
   end, and the score s as a share of the board (Wu 2019, section 4). Their parts of the loss are w_o |o - o'|^2 / n and
   w_s (s - s')^2; Wu has cross-entropies, and a distribution of the score instead of a number.

Measured by benchmarks/alphazero.py: mistakes in solved positions of Connect Four after 229 s: late 1.0 %, middle 2.0
%, early 10.0 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from jaxtyping import Float
from torch import Tensor, nn

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.machine.device import choose_device
from axone.engine.metrics import Metrics
from axone.errors import AxoneError
from axone.graph import BatchNorm2d, Conv2d, Flatten, GlobalAveragePool2d, Input, Linear, Model, Node, Reshape
from axone.messages import mark
from axone.settings import Options, option
from axone.tasks.answers import Prediction
from axone.tasks.games.evaluation import NetworkEvaluation
from axone.tasks.games.figures import make_figures
from axone.tasks.games.game_facts import complete_settings, describe_training, make_facts, restore_game
from axone.tasks.games.learner import GameLearner
from axone.tasks.games.players import NetworkPlayer, make_rule
from axone.tasks.games.predict import predict_moves
from axone.tasks.games.predict import read_inputs as read_inputs
from axone.tasks.games.self_play.opponent_pool import OpponentPool
from axone.tasks.games.self_play.positions import GameBatch
from axone.tasks.games.self_play.stream import SelfPlay
from axone.tasks.games.session import GameSession
from axone.tasks.games.settings import GameSettings
from axone.tasks.games.strength.ruler import Ruler, make_trials
from axone.tasks.games.territory import PolicyAndValueOnly

HEAD_MAPS, VALUE_UNITS = 8, 64  # of the two heads
IMPOSSIBLE = -1e9  # the logit of a move that is not allowed


class Settings(GameSettings):
    """The settings of the network and its training."""

    channels: int = option(32, mark("feature maps of a convolution"), ge=1, le=2048)
    blocks: int = option(3, mark("residual blocks"), ge=1, le=100)
    value_weight: float = option(1.0, mark("weight of the value's part of the loss"), gt=0, le=100)
    ownership_weight: float = option(
        1.0, mark("Go: weight in the loss of who owns each point in the end; 0: not learned"), ge=0, le=100
    )
    score_weight: float = option(0.25, mark("Go: weight of the final score in the loss; 0: not learned"), ge=0, le=100)
    value_mix: float = option(
        0.5, mark("share of the search's own value in the value to learn; the rest is the result"), ge=0, le=1
    )
    epochs: int = option(20, mark("epochs; after each, the strength is measured"), ge=1, le=1_000_000)
    batch_size: int = option(256, mark("number of examples in a batch"), ge=1, le=1_000_000)
    learning_rate: float = option(5e-3, mark("highest learning rate of the schedule"), gt=0, le=100)
    optimizer: Literal["sgd", "adam", "adamw", "muon"] = option("adamw", mark("optimizer"))
    schedule: Literal["constant", "cosine", "one-cycle"] = option("cosine", mark("learning rate schedule"))
    weight_decay: float = option(1e-4, mark("weight decay"), ge=0, le=10)
    ema: float = option(0.98, mark("decay of the exponential moving average of the weights; 0: none"), ge=0, lt=1)

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {"default": {}}


class PlayOptions(Options):
    """Flags of `axone play` of these runs."""

    side: Literal["first", "second", "none"] = option("first", mark("your side; none: the network plays both"))
    simulations: int = option(64, mark("simulations of each move of the network: its strength"), ge=1, le=100_000)
    hints: bool = option(False, mark("show what the network would play before each of your moves"))


class PredictOptions(Options):
    """Flags of `axone predict` of these runs."""

    simulations: int = option(64, mark("simulations of the search in each position"), ge=1, le=100_000)


EXAMPLE_FACTS = {"task": "game", "game": "connect_four", "game_options": {}, "input": [2, 6, 7], "actions": 7}


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Choose the length of the openings. Raises SettingsError, before a run begins, for a board without a game."""
    return complete_settings(settings)


def model(settings: Settings, facts: dict[str, Any]) -> Model:
    """Build the network: planes [N, C, H, W] -> the logits of a policy [N, actions] and values [N, 1].

    Where there is territory, the owners of the points [N, H * W] and scores [N, 1] follow.
    """
    planes = Input(*facts["input"], name="planes")
    h = BatchNorm2d()(Conv2d(settings.channels, 3, padding="same", bias=False)(planes)).relu()
    for _number in range(settings.blocks):
        h = residual_block(h)
    policy = BatchNorm2d()(Conv2d(HEAD_MAPS, 1, bias=False)(h)).relu()
    policy = Linear(facts["actions"], name="policy")(Flatten()(policy))
    value = BatchNorm2d()(Conv2d(HEAD_MAPS, 1, bias=False)(h)).relu()
    value = Linear(VALUE_UNITS, activation="relu")(Flatten()(value))
    outputs = [policy, Linear(1, activation="tanh", name="value")(value)]
    if learns_territory(settings, facts):
        outputs += [Flatten()(Conv2d(1, 1, activation="tanh", name="owners")(h)), Linear(1, name="score")(value)]
    return Model(planes, tuple(outputs))


def learns_territory(settings: Settings, facts: dict[str, Any]) -> bool:
    """Return whether the network says who owns the points and what the score is; a search does not need it."""
    return "points" in facts and settings.ownership_weight + settings.score_weight > 0


def searched(network: nn.Module, settings: Settings, facts: dict[str, Any]) -> nn.Module:
    """Return the part of the network that a search evaluates, with the same weights."""
    if not learns_territory(settings, facts):
        return network
    assert isinstance(network, Model)
    return PolicyAndValueOnly(network)


def residual_block(x: Node) -> Node:
    """Add two convolutions, between which each map learns the means of all maps over the board."""
    maps = x.shape[0]
    h = BatchNorm2d()(Conv2d(maps, 3, padding="same", bias=False)(x)).relu()
    h = h + Reshape((maps, 1, 1))(Linear(maps)(GlobalAveragePool2d()(h)))
    h = BatchNorm2d()(Conv2d(maps, 3, padding="same", bias=False)(h))
    return (x + h).relu()


class AlphaZeroLearner(GameLearner):
    """Learns the policy of the search and the result of the game."""

    settings: Settings

    def train_step(self, batch: GameBatch) -> Metrics:
        """Take one step on l = (z - v)^2 - pi^T log p."""
        with self.casting():
            logits, values, *territory = self.network(batch.observations)
        log_p = logits.float().masked_fill(~batch.legal, IMPOSSIBLE).log_softmax(1)
        cross_entropies = -(batch.policies * log_p).sum(1)
        policy_loss = (cross_entropies * batch.weights).sum() / batch.weights.sum().clamp(min=1)  # of full searches
        value_loss = (batch.values - values[:, 0].float()).square().mean()
        loss = policy_loss + self.settings.value_weight * value_loss
        losses = {"policy_loss": policy_loss, "value_loss": value_loss}
        if territory:
            owners, scores = (output.float() for output in territory)
            losses["ownership_loss"] = (batch.owners - owners).square().mean()
            losses["score_loss"] = (batch.scores - scores[:, 0]).square().mean()
            loss = loss + self.settings.ownership_weight * losses["ownership_loss"]
            loss = loss + self.settings.score_weight * losses["score_loss"]
        self.optimizer.step(loss)
        self.monitor_self_play(batch.statistics)
        losses = {"loss": loss, **losses}
        return {name: value.detach() for name, value in losses.items()} | batch.statistics


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Assemble the game, the network, self-play, the ruler and the figures."""
    facts, device = make_facts(settings), choose_device(settings.device)
    game = restore_game(facts, device)
    network = model(settings, facts)
    part = searched(network, settings, facts)
    learner = AlphaZeroLearner(network, settings, Ruler(game, part, settings, device))
    averaged = learner.optimizer.averaged  # the averaged weights play too: they change less from batch to batch
    evaluation, earlier = (NetworkEvaluation(part, game, settings.precision, device, averaged) for _copy in range(2))
    pool = OpponentPool(earlier, settings)
    return Experiment(
        learner,
        SelfPlay(game, evaluation, pool, settings, settings.value_mix),
        make_trials(game, is_final=False) if settings.ruler else None,
        make_trials(game, is_final=True),
        facts,
        monitor="elo",
        keeps_last=True,  # a rating is too noisy to choose among epochs, and the learning rate falls to 0
        notes=describe_training(settings),
        figures=make_figures,
    )


def make_player(network: nn.Module, settings: Settings, facts: dict[str, Any], simulations: int) -> NetworkPlayer:
    """Return the trained network as a player that does not explore; 0 simulations: as many as in training."""
    game = restore_game(facts)
    evaluation = NetworkEvaluation(searched(network, settings, facts), game, "float32")
    return NetworkPlayer(
        game, evaluation, make_rule(settings, 1.0, explores=False), simulations or settings.simulations
    )


def play(
    network: nn.Module, settings: Settings, facts: dict[str, Any], *, seed: int, options: PlayOptions
) -> GameSession:
    """Return a game against the network."""
    player = make_player(network, settings, facts, options.simulations)
    owners = (lambda state: network(player.game.observe(state))[2][0]) if learns_territory(settings, facts) else None
    return GameSession(player.game, player, options.side, hints=options.hints, owners=owners)


def predict(
    network: nn.Module, settings: Settings, facts: dict[str, Any], inputs: Sequence[str], options: PredictOptions
) -> list[Prediction | AxoneError]:
    """Return the best move after each line of moves."""
    player = make_player(network, settings, facts, options.simulations)
    return predict_moves(player.game, player, inputs)


def answering(network: nn.Module, settings: Settings, facts: dict[str, Any]) -> nn.Module:
    """Return the module from planes to the probabilities of the moves and the value, without a search."""
    return PolicyAndValue(searched(network, settings, facts))


class PolicyAndValue(nn.Module):
    """The network with its policy as probabilities."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, planes: Float[Tensor, "batch channels height width"]) -> tuple[Tensor, Tensor]:
        """Return probabilities [N, actions], of moves that are not allowed too, and values [N, 1]."""
        logits, values = self.network(planes)
        return logits.softmax(1), values
