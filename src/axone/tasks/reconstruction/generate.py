"""New examples from a variational autoencoder: latents from the standard normal distribution, decoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from axone.errors import UsageError
from axone.messages import _
from axone.tasks.answers import GeneratedImage, GeneratedRow, to_uint8
from axone.tasks.images.splits import EVAL_BATCH_SIZE
from axone.tasks.reconstruction.latent_network import LatentNetwork
from axone.tasks.reconstruction.row_vectors import decode_vectors


def generate_examples(
    network: LatentNetwork, facts: Mapping[str, Any], *, count: int, label: str | None, seed: int
) -> list[GeneratedImage] | list[GeneratedRow]:
    """Sample latents and decode them.

    Raises UsageError for a network that is not variational, and for a class, because none was learned.
    """
    if not network.variational:
        raise UsageError(
            _("This run cannot generate: its encoder returns single points, not distributions to sample from."),
            hint=_("type: axone train autoencoder --preset variational"),
        )
    if label is not None:
        raise UsageError(
            _("The training used no classes, so --class does not apply."), hint=_("type the command without --class")
        )
    latents = torch.randn(count, network.latent, generator=torch.Generator().manual_seed(seed))  # [N, L]
    examples: list[Any] = []
    with torch.inference_mode():
        for batch in latents.split(EVAL_BATCH_SIZE):
            outputs = network.eval().decode(batch.to(network.threshold.device))
            images = "columns" not in facts
            examples += map(GeneratedImage, to_uint8(outputs).numpy()) if images else decode_vectors(outputs, facts)
    return examples
