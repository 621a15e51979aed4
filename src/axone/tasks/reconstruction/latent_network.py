"""An encoder and a decoder as one network, with the memory of how well it does on what is usual."""

from __future__ import annotations

from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.graph import Input, Model, Node

STEPS = 100  # into which the errors of usual examples are divided: so many are remembered, and one

Inputs = Float[Tensor, "batch ..."]
Latents = Float[Tensor, "batch latent"]


class LatentNetwork(nn.Module):
    """What is encoded into a few numbers, and decoded from them.

    The encoder answers the latents, or (mean, logarithm of the variance) of a normal distribution of them. `graph` is
    the whole way through both, and holds their weights. `threshold` is the error above which an input is unusual, 0
    until it is chosen; `usual` the quantiles of the errors of held-out examples, which say how unusual it is.
    """

    threshold: Tensor
    usual: Tensor

    def __init__(self, encoder: Model, decoder: Model) -> None:
        super().__init__()
        x = Input(*encoder.input_shapes[0])
        code = encoder(x)
        codes = cast(tuple[Node, ...], code if isinstance(code, tuple) else (code,))
        self.graph = Model(x, (cast(Node, decoder(codes[0])), *codes))
        self._halves = encoder, decoder  # the same weights: not registered a second time
        self.register_buffer("threshold", torch.zeros(()))
        self.register_buffer("usual", torch.zeros(STEPS + 1))

    @property
    def latent(self) -> int:
        """Numbers that stand for an input."""
        return self._halves[1].input_shapes[0][0]

    @property
    def variational(self) -> bool:
        """Whether latents are distributions, so that new ones can be drawn."""
        return self._halves[0].returns_tuple

    def distribution(self, inputs: Inputs) -> tuple[Latents, Latents | None]:
        """Return the latents of inputs, and the logarithm of their variance where they are distributions."""
        code = self._halves[0](inputs)
        return cast(tuple[Tensor, Tensor], code) if isinstance(code, tuple) else (cast(Tensor, code), None)

    def encode(self, inputs: Inputs) -> Latents:
        """Return the latents of inputs; of a distribution its mean."""
        return self.distribution(inputs)[0]

    def decode(self, latents: Latents) -> Inputs:
        """Return what latents stand for."""
        return cast(Tensor, self._halves[1](latents))

    def forward(self, inputs: Inputs) -> Inputs:
        """Return inputs as they come out of their latents."""
        return self.decode(self.encode(inputs))

    def remember(self, errors: Float[Tensor, " examples"], quantile: float) -> None:
        """Take the errors of usual examples; the share `quantile` of them stays below the threshold."""
        places = torch.linspace(0, 1, STEPS + 1, dtype=torch.float64)
        kept = errors.double().cpu()
        self.usual.copy_(torch.quantile(kept, places))
        self.threshold.copy_(torch.quantile(kept, quantile))

    def rank(self, errors: Float[Tensor, " inputs"]) -> Float[Tensor, " inputs"]:
        """Return the share of usual examples whose error is smaller, in steps of a hundredth."""
        return torch.searchsorted(self.usual, errors.to(self.usual)).sub(1).clamp_min(0) / STEPS


def error_of(inputs: Inputs, made: Inputs) -> Float[Tensor, " batch"]:
    """Return the mean squared error of each input."""
    return (made.float() - inputs.float()).square().flatten(1).mean(1)


@torch.inference_mode()
def through(network: LatentNetwork, inputs: Inputs) -> tuple[Latents, Inputs, Float[Tensor, " batch"]]:
    """Return latents, what comes out of them, and the error of each input: in float32, as an answer is given."""
    network.eval()
    latents = network.encode(inputs)
    made = network.decode(latents)
    return latents, made, error_of(inputs, made)
