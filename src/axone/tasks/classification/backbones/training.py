"""From the images and the network of a published architecture to its training.

Initial weights are loaded, layer groups get their learning rates, and where only the head learns from images that do
not change, the features before it are computed once.
"""

from __future__ import annotations

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.optimization.layer_groups import LayerGroups
from axone.messages import _
from axone.tasks.classification.backbones import pretrained
from axone.tasks.classification.backbones.frozen_features import FeatureStream, HeadClassifier, can_compute_once
from axone.tasks.classification.backbones.network import Backbone
from axone.tasks.classification.backbones.settings import BackboneSettings
from axone.tasks.classification.data import ClassificationData
from axone.tasks.classification.figures import make_figures
from axone.tasks.classification.learner import Classifier
from axone.tasks.classification.views import views_of


def assemble_experiment(
    network: Backbone, data: ClassificationData, settings: BackboneSettings, context: BuildContext
) -> Experiment:
    """Return the training of a network on images with cross-entropy. Raises DataError, ResourceError, RunError."""
    notes = load_initial_weights(network, settings, context)
    views, groups = views_of(settings), group_layers(network, settings)
    if not can_compute_once(network, settings):
        learner = Classifier(network, settings, views, class_weights=data.class_weights, layer_groups=groups)
        return data.experiment(learner, make_figures, notes)
    head = HeadClassifier(network, settings, views, class_weights=data.class_weights, layer_groups=groups)
    if notes:  # a new training
        notes.append(_("Only the last layer is trained, on features of the images that are computed once."))
    experiment = data.experiment(head, make_figures, notes)
    experiment.train = FeatureStream(data.train, head.compute_features, context.progress)
    if data.validation is not None:
        experiment.validation = FeatureStream(data.validation, head.compute_features, context.progress)
    return experiment


def load_initial_weights(network: Backbone, settings: BackboneSettings, context: BuildContext) -> list[str]:
    """Load the pretrained weights that the settings name, and return notes on them.

    Nothing is loaded, and no note returned, for random initialization or where a run's own weights will be restored.
    Raises DataError, RunError.
    """
    if not settings.weights or context.facts is not None:
        return []
    return pretrained.load_weights(network, settings.weights, context.progress)


def group_layers(network: Backbone, settings: BackboneSettings) -> LayerGroups:
    """Return the layer groups of a network with their learning rates, and which of them are frozen at first."""
    frozen = settings.freeze or settings.unfreeze_every > 0
    return LayerGroups(network.layer_groups, settings.layer_decay, frozen, settings.unfreeze_every)
