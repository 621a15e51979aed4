"""Settings of systems that learn a game by self-play. This module does not import torch: flags are checked at once."""

from __future__ import annotations

from typing import ClassVar, Literal

from axone.messages import mark
from axone.settings import Settings, option


class GameSettings(Settings):
    """Which game is played, how moves are searched, and how many games a step of the training sees."""

    # There are no data: the game is the source of all positions.
    UNUSED: ClassVar[frozenset[str]] = frozenset({"data", "target", "limit", "validation", "label_smoothing", "shards"})

    game: Literal["connect_four", "tic_tac_toe", "othello", "go"] = option("connect_four", mark("game to learn"))
    board_size: int = option(0, mark("side of the board, where a game has several; 0: the usual one"), ge=0, le=19)
    komi: float = option(-1.0, mark("Go: points for the second player; below 0: the usual number"), ge=-1, le=100)
    games: int = option(512, mark("games that are played at once"), ge=1, le=65_536)
    rule: Literal["gumbel", "puct"] = option("gumbel", mark("rule of the tree search: Gumbel AlphaZero, or PUCT"))
    reuse: bool = option(False, mark("a search continues in the subtree of the move that was played; for --rule puct"))
    simulations: int = option(16, mark("simulations of a full search"), ge=1, le=65_536)
    fast_simulations: int = option(8, mark("simulations of the other searches"), ge=1, le=65_536)
    full_share: float = option(
        1.0, mark("share of the moves with a full search; only these train the policy"), gt=0, le=1
    )
    considered: int = option(16, mark("gumbel: moves that are considered at the root"), ge=2, le=65_536)
    opening: int = option(
        20,
        mark("each game begins with a random number of random moves, up to this one"),
        auto=mark("as many as suit the game"),
        ge=0,
        le=1000,
    )
    symmetries: bool = option(True, mark("turn and mirror positions before learning from them"))
    pool_share: float = option(
        0.0, mark("share of the games of self-play in which an earlier network has one side"), ge=0, le=1
    )
    pool: int = option(4, mark("networks of the last epochs, one of which is the opponent in an epoch"), ge=1, le=1000)
    window: int = option(120_000, mark("positions that are remembered, the newest ones"), ge=1, le=100_000_000)
    passes: float = option(3.0, mark("times that each position is learned from, on average"), gt=0, le=100)
    batches: int = option(200, mark("training batches in an epoch"), ge=1, le=1_000_000)
    ruler: float = option(
        0.15, mark("share of the evaluations of positions that measure the strength after each epoch; 0: none"),
        ge=0, le=1,
    )  # fmt: skip
    # Small networks, and trees in between: more threads wait for each other.
    threads: int = option(1, mark("number of CPU threads; 0: one for each core"), ge=0, le=4096)
