"""The images of a published architecture, normalized as its pretrained weights require."""

from __future__ import annotations

from axone.engine.context import BuildContext
from axone.tasks.classification.backbones import pretrained
from axone.tasks.classification.backbones.pretrained import Published
from axone.tasks.classification.backbones.settings import BackboneSettings
from axone.tasks.classification.data import ClassificationData, read_data
from axone.tasks.images.splits import Statistics

# Mean and standard deviation of ImageNet's red, green and blue, with which most published weights were trained.
IMAGENET: Statistics = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def read_images(
    settings: BackboneSettings,
    context: BuildContext,
    published: Published | None,
    statistics: Statistics = IMAGENET,
) -> ClassificationData:
    """Read the data of a backbone; images for pretrained weights are normalized as those weights require.

    `published` are the weights that "imagenet" stands for, as in `Backbone`, and `statistics` theirs. Whether the
    weights can be had is checked first, because reading images may take long. Raises DataError, ResourceError,
    RunError.
    """
    if settings.weights and context.facts is None:
        pretrained.require_source(settings.weights, published)
    return read_data(settings, context, statistics=statistics if settings.weights else None)
