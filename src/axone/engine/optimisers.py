"""The rules that change the weights: SGD, Adam, AdamW, and Muon for matrices and kernels.

Muon (Jordan 2024, https://kellerjordan.github.io/posts/muon) replaces the momentum of each matrix by the
nearest orthogonal one, so that every direction of the weights moves by the same amount. Vectors (biases,
norms) and whatever is not a matrix go to AdamW.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer


def make_optimisers(
    network: nn.Module, name: str, learning_rate: float, weight_decay: float, device: torch.device, **options: Any
) -> list[Optimizer]:
    """Return the optimisers of a network's trainable parameters: one, or two for "muon".

    Weight decay pulls matrices and kernels only: a bias or the scale of a norm has nothing to gain from it.
    Each parameter group carries "base_rate", which the schedule multiplies.
    """
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    matrices = [p for p in parameters if p.ndim >= 2]
    vectors = [p for p in parameters if p.ndim < 2]
    # A fused step is one pass over the weights instead of several; MPS and others take torch's choice.
    fused: dict[str, Any] = {"fused": True} if device.type in ("cpu", "cuda") else {}

    def groups(*pairs: tuple[list[nn.Parameter], float]) -> list[dict[str, Any]]:
        return [{"params": list(params), "weight_decay": decay} for params, decay in pairs if params]

    optimisers: list[Optimizer] = []
    if name == "muon":
        if matrices:
            optimisers.append(Muon(matrices, learning_rate, weight_decay=weight_decay, **options))
        if vectors:
            optimisers.append(AdamW(vectors, learning_rate, weight_decay=0.0, **fused))
    else:
        kept = groups((matrices, weight_decay), (vectors, 0.0))
        if name == "sgd":
            optimisers.append(SGD(kept, learning_rate, momentum=0.9, nesterov=True, **fused, **options))
        elif name == "adam":
            optimisers.append(Adam(kept, learning_rate, **fused, **options))
        elif name == "adamw":
            optimisers.append(AdamW(kept, learning_rate, **fused, **options))
        else:
            raise ValueError(f"unknown optimiser {name!r}")
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["base_rate"] = group["lr"]
    return optimisers


class Muon(Optimizer):
    """Momentum, orthogonalised (Nesterov's form), for parameters of two or more dimensions.

    torch.optim.Muon takes matrices only and multiplies in bfloat16; kernels are most of our networks, and a
    processor without bfloat16 emulates it slowly. A kernel (out, in, height, width) counts as the matrix
    (out, in * height * width).
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        learning_rate: float,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, {"lr": learning_rate, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Move each matrix by lr times its orthogonalised momentum."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(parameter)
                momentum: Tensor = state["momentum"]
                momentum.lerp_(parameter.grad, 1 - group["momentum"])
                direction = parameter.grad.lerp(momentum, group["momentum"])
                update = orthogonalise(direction.flatten(1)).view(parameter.shape)
                # Scaled so that its mean square is that of AdamW's steps: one learning rate serves both
                # (Liu et al. 2025, "Muon is scalable for LLM training", arXiv:2502.16982, section 2.2).
                scale = 0.2 * max(parameter.shape[0], parameter[0].numel()) ** 0.5
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(update, alpha=-group["lr"] * scale)


def orthogonalise(matrix: Float[Tensor, "rows columns"], steps: int = 5) -> Float[Tensor, "rows columns"]:
    """Push every singular value of a matrix towards 1 by Newton and Schulz's iteration.

    The coefficients are Jordan's: they climb fast and end between about 0.7 and 1.2, which trains as well
    as exactly 1.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.bfloat16() if matrix.is_cuda else matrix.float()
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = torch.addmm(a * x, torch.addmm(b * gram, gram, gram, alpha=c), x)
    return (x.T if tall else x).to(matrix.dtype)
