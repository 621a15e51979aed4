"""Feature vectors of all images of a stream, without augmentation: for trees, nearest neighbors and channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.images.stream import ImageStream
from axone.tasks.classification.views import Views

BATCH_SIZE = 500  # no gradients are stored, so batches can be larger than in training


def collect_features(
    compute: Callable[[Tensor], Tensor],
    stream: ImageStream,
    on_batch: Callable[[int, int], Any] = lambda done, total: None,
    views: Views | None = None,
) -> tuple[Float[Tensor, "samples features"], Int64[Tensor, " samples"], Int64[Tensor, " samples"]]:
    """Compute a vector for each image of a stream.

    Args:
        compute: Maps normalized images [batch, channels, height, width] to vectors [batch, features].
        stream: The images; each is used once, in a fixed order and without augmentation.
        on_batch: Called as `on_batch(done, total)` after each batch. It may raise to stop.
        views: Where an image has several views, each view is an example of its own.

    Returns:
        The vectors, on the processor, their classes, and the indices of their images.
    """
    stream = stream.without_augmentation(BATCH_SIZE)
    features: Tensor | None = None
    count = 0
    targets, indices = [], []
    for number, batch in enumerate(stream.batches(1), 1):
        batch_views = (batch.inputs,) if views is None else views(batch.inputs)
        for view in batch_views:
            vectors = compute(view).cpu()
            if features is None:  # allocated once: concatenating at the end would need the memory twice
                features = torch.empty(len(batch_views) * stream.samples, vectors.shape[1])
            features[count : count + len(vectors)] = vectors
            count += len(vectors)
            targets.append(batch.targets.cpu())
            indices.append(batch.index.cpu())
        on_batch(number, len(stream))
    assert features is not None, "a stream without images has no features"
    return features, torch.cat(targets), torch.cat(indices)
