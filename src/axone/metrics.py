"""The metrics that systems report: a stable id, and what people read for it.

Learners, events, `metrics.csv`, `--json` and comparisons use ids. A label, in the user's language, appears only in
the terminal, the report and the page. A user's own system may report an id that is not listed here: its label is the
id with spaces, and lower values count as better unless its experiment says otherwise.

An id may be followed by a colon and the name of a part of the data that alone was measured: "auc:crack",
"score:random".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from axone.messages import _, mark
from axone.numbers import format_number, format_percent, is_number

PART = ":"  # between the id of a metric and the part of the data that was measured
PARTS = ("score", "mistakes")  # the ids whose parts are opponents and phases of games, which have names for people
Direction = Literal["higher", "lower", "none"]


@dataclass(frozen=True)
class Metric:
    """What is known about one metric.

    Args:
        label: The English label, marked for translation.
        direction: Which values are better; "none" for what is only observed.
        percentage: Whether values from 0 to 1 are shown as percentages.
        unit: The unit shown after a value, for example "dB".
    """

    label: str
    direction: Direction = "lower"
    percentage: bool = False
    unit: str = ""


METRICS: dict[str, Metric] = {
    "loss": Metric(mark("loss")),
    # Classification and regression.
    "accuracy": Metric(mark("accuracy"), "higher", percentage=True),
    "precision": Metric(mark("precision"), "higher", percentage=True),
    "recall": Metric(mark("recall"), "higher", percentage=True),
    "f1": Metric(mark("F1 score"), "higher", percentage=True),
    "auc": Metric(mark("area under the ROC curve"), "higher", percentage=True),
    "mean_absolute_error": Metric(mark("mean absolute error")),
    "root_mean_squared_error": Metric(mark("root mean squared error")),
    "r2": Metric(mark("R²"), "higher"),
    "relative_error": Metric(mark("error over that of the last value")),
    # Transcription of recordings.
    "symbol_error_rate": Metric(mark("symbol error rate"), percentage=True),
    "word_error_rate": Metric(mark("word error rate"), percentage=True),
    # Reconstruction and restoration.
    "reconstruction_error": Metric(mark("reconstruction error")),
    "kl_divergence": Metric(mark("KL divergence"), "none"),
    "psnr": Metric(mark("PSNR"), "higher", unit="dB"),
    "ssim": Metric(mark("SSIM"), "higher"),
    # Generative adversarial networks.
    "discriminator_loss": Metric(mark("discriminator loss"), "none"),
    "score_gap": Metric(mark("score gap"), "none"),
    "gradient_penalty": Metric(mark("gradient penalty"), "none"),
    "frechet_distance": Metric(mark("Fréchet distance")),
    "class_coverage": Metric(mark("class coverage"), "higher", percentage=True),
    "class_agreement": Metric(mark("class agreement"), "higher", percentage=True),
    "cycle_loss": Metric(mark("cycle loss")),
    "l1": Metric(mark("L1 distance")),
    "patch_distance": Metric(mark("patch distance")),
    # Motion.
    "displacement_error": Metric(mark("mean displacement error")),
    "final_displacement_error": Metric(mark("displacement error at the last step")),
    "final_frame_error": Metric(mark("error of the last frame")),
    "error_if_still": Metric(mark("error if everything stays"), "none"),
    "error_if_straight": Metric(mark("error if everything goes straight on"), "none"),
    "error_if_turning": Metric(mark("error at a constant turn rate"), "none"),
    # Three-dimensional shapes.
    "matching_distance": Metric(mark("minimum matching distance")),
    "shape_coverage": Metric(mark("coverage"), "higher", percentage=True),
    "valid": Metric(mark("valid shapes"), "higher", percentage=True),
    "connected": Metric(mark("connected shapes"), "higher", percentage=True),
    # Language models.
    "bits_per_character": Metric(mark("bits per character")),
    # Reinforcement learning.
    "reward": Metric(mark("reward"), "higher"),
    "return": Metric(mark("return"), "higher"),
    "lowest_return": Metric(mark("return of the lowest policy"), "higher"),
    "highest_return": Metric(mark("return of the highest policy"), "higher"),
    "best_return": Metric(mark("return of the policy that is used"), "higher"),
    "exploring_return": Metric(mark("return while exploring"), "higher"),
    "episode_length": Metric(mark("episode length"), "none"),
    "solved": Metric(mark("policies that solve the world"), "higher", percentage=True),
    "policy_loss": Metric(mark("policy loss"), "none"),
    "value_loss": Metric(mark("value loss"), "none"),
    "ownership_loss": Metric(mark("loss of the owners of points"), "none"),
    "score_loss": Metric(mark("loss of the score"), "none"),
    "entropy": Metric(mark("entropy of the policy"), "none"),
    "mean_value": Metric(mark("mean action value"), "none"),
    "epsilon": Metric(mark("probability of a random action"), "none"),
    "clipped_share": Metric(mark("clipped probability ratios"), "none", percentage=True),
    # Games.
    "elo": Metric(mark("Elo rating"), "higher"),
    "score": Metric(mark("share of the points"), "higher", percentage=True),
    "mistakes": Metric(mark("mistakes in solved positions"), percentage=True),
    "policy_entropy": Metric(mark("entropy of the searched policies"), "none", percentage=True),
    "visit_concentration": Metric(mark("visits of the most visited move"), "none", percentage=True),
    "first_player_wins": Metric(mark("games that the first player wins"), "none", percentage=True),
    "drawn_games": Metric(mark("drawn games"), "none", percentage=True),
    "repeated_games": Metric(mark("repeated games"), "none", percentage=True),
    "game_length": Metric(mark("moves of a game"), "none"),
    "win_rate": Metric(mark("win rate"), "higher", percentage=True),
    "exploring_win_rate": Metric(mark("win rate while exploring"), "higher", percentage=True),
    "draw_rate": Metric(mark("draws"), "none", percentage=True),
    "exploring_draw_rate": Metric(mark("draws while exploring"), "none", percentage=True),
    "unfinished_rate": Metric(mark("battles without a winner"), "none", percentage=True),
}

EXTRACTORS = {"efficientnet_lite0": "EfficientNet-Lite0"}
"""Fixed networks whose features metrics of generated images depend on, by the end of the ids of these metrics."""


def metric(identifier: str) -> Metric:
    """Return what is known about a metric.

    An id that is not listed gets its own words as its label. When it ends in a listed one (`top5_accuracy`), it is
    read like that one; otherwise lower values are better.
    """
    identifier = identifier.partition(PART)[0]
    if identifier in METRICS:
        return METRICS[identifier]
    base, name = split_extractor(identifier)
    if name:
        return METRICS[base]
    words = identifier.replace("_", " ")
    last = METRICS.get(identifier.rpartition("_")[2])
    return replace(last, label=words) if last else Metric(words)


def label(identifier: str, facts: Mapping[str, Any] | None = None) -> str:
    """Return the label of a metric in the user's language.

    A Fréchet distance depends on the network whose features it compares: with the run's `facts`, the label names it.
    """
    text = _(metric(identifier).label) if identifier else ""  # the empty message is the header of a catalog
    base, _colon, part = identifier.partition(PART)
    if part:
        return _("{metric} ({name})", metric=text, name=describe_part(part) if base in PARTS else part)
    base, name = split_extractor(identifier)
    if base != "frechet_distance":  # precision, recall and classes follow it where they are printed
        return text
    name = name or (facts or {}).get("evaluator", "")
    return _("{metric} (features: {name})", metric=text, name=name) if name else text


def describe_part(name: str) -> str:
    """Return what a part of an id of `PARTS` means: an opponent, or a phase of a game."""
    kind, _underscore, number = name.partition("_")
    texts = {
        "search": _("search by {count} random games", count=number),
        "minimax": _("minimax, {count} moves ahead", count=number),
        "epoch": _("epoch {number}", number=number),
        "random": _("random moves"),
        "pool": _("an earlier network"),
        "early": _("early in the game"),
        "middle": _("in the middle of the game"),
        "late": _("late in the game"),
    }
    return texts.get(kind, name)


def split_extractor(identifier: str) -> tuple[str, str]:
    """Return the metric of an id without the fixed network on whose features it depends, and that network's name.

    The name is "" for all other ids: `frechet_distance_efficientnet_lite0` is ("frechet_distance",
    "EfficientNet-Lite0"), `frechet_distance` is ("frechet_distance", "").
    """
    for end, name in EXTRACTORS.items():
        base = identifier.removesuffix(f"_{end}")
        if base != identifier and base in METRICS:
            return base, name
    return identifier, ""


def higher_is_better(identifier: str) -> bool:
    """Return whether higher values of a metric are better."""
    return metric(identifier).direction == "higher"


def is_percentage(identifier: str) -> bool:
    """Return whether values of a metric from 0 to 1 are shown as percentages."""
    return metric(identifier).percentage


def format_value(identifier: str, value: object) -> str:
    """Return a value of a metric as people read it: `91.50 %`, `23.07 dB`, `0.2104`."""
    if not is_number(value):
        return _("not a number")
    known = metric(identifier)
    if known.percentage and 0 <= value <= 1:
        return format_percent(value)
    return format_number(value) + (f" {known.unit}" if known.unit else "")


def describe_unmeasured(results: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """Return a sentence for a classifier of images that was measured on no image but those it learned, else "".

    Args:
        results: The metrics of the splits "validation" and "test".
        facts: The facts of the run.
    """
    if facts.get("task") != "image-classification" or results.get("validation") or results.get("test"):
        return ""
    return _("How good the model is on other images is not known: none were held out to measure it.")
