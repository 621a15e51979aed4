"""Which network evaluates a generator: a run's, the pretrained one, or a small one that is trained first."""

from __future__ import annotations

from axone.engine.context import BuildContext
from axone.engine.machine.device import choose_device
from axone.graph import Model
from axone.messages import _
from axone.runs import folder
from axone.tasks.classification.backbones.efficientnet_lite import PUBLISHED
from axone.tasks.classification.backbones.packaged_weights import INSTALL
from axone.tasks.classification.saved_classifier import read_classifier
from axone.tasks.explanation.features import Layers
from axone.tasks.generation.evaluator import Evaluator
from axone.tasks.generation.pretrained_evaluator import NAME, load_pretrained_evaluator
from axone.tasks.generation.trained_evaluator import train_evaluator
from axone.tasks.images.splits import Splits

TRAINED = "small"  # the value of `--evaluator` for the small network
PRETRAINED = "efficientnet-lite0"  # and for the pretrained one


def choose_evaluator(splits: Splits, context: BuildContext, choice: str = "") -> Evaluator:
    """Return the evaluator of a generator.

    Args:
        splits: The images of the generator.
        context: With the folder of runs, and the facts of a run that is restored: it keeps its evaluator.
        choice: The setting `evaluator`: "efficientnet-lite0", "small", the run of a classifier, or "" for the first of
            these that is installed.

    Raises UsageError or RunError if the run is not an image classifier, ResourceError without the pretrained weights.
    """
    if not choice and context.facts is not None:
        choice = PRETRAINED if context.facts.get("evaluator") == NAME else TRAINED
    if not choice:
        choice = PRETRAINED if PUBLISHED.is_installed() else TRAINED
    if choice == PRETRAINED:
        return load_pretrained_evaluator(splits)
    if choice == TRAINED:
        return train_evaluator(splits, context)
    return load_evaluator(choice, splits, context)


def load_evaluator(run: str, splits: Splits, context: BuildContext) -> Evaluator:
    """Return the classifier of a run, from its folder alone."""
    path = folder.find(run, context.runs_folder)
    trained = read_classifier(path)
    network = Model.from_json(trained.graph)
    trained.load_into(network)
    network.to(choose_device(splits.settings.device))
    layers, facts = Layers(network, trained.facts["input"]), trained.facts
    return Evaluator(
        f"{trained.system} {path.name}", network, layers.penultimate, layers.head, list(facts["mean"]),
        list(facts["std"]), list(facts["classes"]) == splits.facts["classes"],
    )  # fmt: skip


def describe_evaluator(evaluator: Evaluator, choice: str) -> str:
    """Return a sentence on the features that a generator is evaluated with, and what its numbers compare with."""
    if evaluator.id:
        return _(
            "Generated images are evaluated with features of {name} (ImageNet weights, Apache-2.0), which are the same "
            "for all data.",
            name=evaluator.name,
        )
    text = _(
        "Generated images are evaluated with features of {name}, a classifier of these images: its numbers compare "
        "generators on the same data only.",
        name=evaluator.name,
    )
    if not choice and not PUBLISHED.is_installed():
        text += " " + _("For features that are the same for all data: {command}", command=INSTALL)
    return text
