"""Muon: momentum, orthogonalized, for matrices and convolution kernels.

Muon (Jordan 2024, https://kellerjordan.github.io/posts/muon) replaces the momentum of each matrix by the nearest
orthogonal matrix, so that every direction of the weights changes by the same amount.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.engine.optimization.without_tracer import OptimizerWithoutTracer

# Matrices of one shape with up to this many elements are multiplied together, in one call. Larger ones gain nothing:
# what takes the time there is their arithmetic (docs/lab-notes.md).
BATCHED_ELEMENTS = 10_000


class Muon(OptimizerWithoutTracer):
    """Momentum (Nesterov's form), orthogonalized, for parameters of two or more dimensions.

    torch.optim.Muon accepts matrices only and multiplies in bfloat16; most parameters of convolutional networks are
    kernels, and a CPU without bfloat16 emulates it slowly. A kernel (out, in, height, width) is treated as the matrix
    (out, in * height * width). Like torch's fused optimizers, it reads the attribute `found_inf`, a scalar on the
    device: 1.0 makes the step change nothing.
    """

    found_inf: Tensor | None = None

    def __init__(
        self,
        parameters: Iterable[nn.Parameter] | list[dict[str, Any]],
        learning_rate: float,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, {"lr": learning_rate, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Change each matrix by the learning rate times its orthogonalized momentum."""
        for group in self.param_groups:
            shapes: dict[tuple[int, int], list[nn.Parameter]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    shapes.setdefault((parameter.shape[0], parameter[0].numel()), []).append(parameter)
            for (rows, columns), parameters in shapes.items():
                momenta = [self._update_momentum(parameter, group["momentum"]) for parameter in parameters]
                is_batched = rows * columns <= BATCHED_ELEMENTS and len(parameters) > 1
                updates = orthogonalize(torch.stack(momenta)) if is_batched else map(orthogonalize, momenta)
                # Scaled so that its mean square is that of AdamW's steps: one learning rate serves both
                # (Liu et al. 2025, "Muon is scalable for LLM training", arXiv:2502.16982, section 2.2).
                scale = 0.2 * max(rows, columns) ** 0.5
                self._apply(parameters, updates, group["lr"], scale, group["weight_decay"])

    def _apply(
        self, parameters: list[nn.Parameter], updates: Iterable[Tensor], rate: Any, scale: float, decay: float
    ) -> None:
        if self.found_inf is None and not isinstance(rate, Tensor):
            if decay:
                torch._foreach_mul_([*parameters], 1 - rate * decay)
            for parameter, update in zip(parameters, updates):
                parameter.add_(update.view(parameter.shape), alpha=-rate * scale)
            return
        rate = torch.as_tensor(rate, dtype=torch.float32, device=parameters[0].device)
        if self.found_inf is not None:
            rate = rate * (1 - self.found_inf)
        for parameter, update in zip(parameters, updates):
            # A skipped step may have no finite update; zero times infinity would not be zero.
            change = (
                update.view(parameter.shape) if self.found_inf is None else update.view(parameter.shape).nan_to_num()
            )
            if decay:
                parameter.mul_(1 - rate * decay)
            parameter.sub_(change * (rate * scale))

    def _update_momentum(self, parameter: nn.Parameter, momentum: float) -> Float[Tensor, "rows columns"]:
        """Update the momentum of a parameter and return Nesterov's look-ahead of it as a matrix."""
        assert parameter.grad is not None
        state = self.state[parameter]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(parameter)
        if self.found_inf is None:
            state["momentum"].lerp_(parameter.grad, 1 - momentum)
            return parameter.grad.lerp(state["momentum"], momentum).flatten(1)
        gradient = torch.where(self.found_inf > 0, state["momentum"], parameter.grad)  # leaves the momentum as it is
        state["momentum"].lerp_(gradient, 1 - momentum)
        return gradient.lerp(state["momentum"], momentum).flatten(1)


def orthogonalize(
    matrices: Float[Tensor, "*together rows columns"], steps: int = 5
) -> Float[Tensor, "*together rows columns"]:
    """Move every singular value of each matrix towards 1 by the iteration of Newton and Schulz.

    The coefficients are Jordan's: singular values grow fast and end between about 0.7 and 1.2, which trains as well
    as exactly 1.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices.bfloat16() if matrices.is_cuda else matrices.float()
    is_tall = x.shape[-2] > x.shape[-1]
    add_product = torch.addmm if x.ndim == 2 else torch.baddbmm
    if is_tall:
        x = x.mT
    x = x / (torch.linalg.matrix_norm(x, keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = add_product(a * x, add_product(b * gram, gram, gram, alpha=c), x)
    return (x.mT if is_tall else x).to(matrices.dtype)
