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
from torch.optim import SGD, Adam, AdamW
from torch.optim import Optimizer as TorchOptimizer

from axone.engine.layer_groups import LayerGroups


def make_torch_optimizers(
    network: nn.Module,
    name: str,
    learning_rate: float,
    weight_decay: float,
    device: torch.device,
    layer_groups: LayerGroups | None = None,
    **options: Any,
) -> list[TorchOptimizer]:
    """Return the optimizers of a network's trainable parameters: one, or two for "muon".

    Weight decay pulls matrices and kernels only: a bias or the scale of a norm has nothing to gain from it.
    Each stage is a group of its own: it has its share of the learning rate, and may begin to learn later (fused SGD
    wants all momentum of a group to begin at once). Each group carries "base_rate", which the schedule multiplies.
    """
    parameters = [(key, parameter) for key, parameter in network.named_parameters() if parameter.requires_grad]
    # A fused step is one pass over the weights instead of several; MPS and others take torch's choice.
    fused: dict[str, Any] = {"fused": True} if device.type in ("cpu", "cuda") else {}

    def groups(matrices: bool, decay: float) -> list[dict[str, Any]]:
        members: dict[int, list[nn.Parameter]] = {}
        for key, parameter in parameters:
            if (parameter.ndim >= 2) == matrices:
                members.setdefault(layer_groups.of(key) if layer_groups else 0, []).append(parameter)
        return [
            {
                "params": params,
                "lr": learning_rate * (layer_groups.factor(stage) if layer_groups else 1.0),
                "weight_decay": decay,
            }
            for stage, params in members.items()
        ]

    matrices, vectors = groups(True, weight_decay), groups(False, 0.0)
    if not (weight_decay or layer_groups or name == "muon") and matrices and vectors:  # all alike: one pass over all
        matrices, vectors = [{**matrices[0], "params": matrices[0]["params"] + vectors[0]["params"]}], []
    torch_optimizers: list[TorchOptimizer] = []
    if name == "muon":
        if matrices:
            torch_optimizers.append(Muon(matrices, learning_rate, **options))
        if vectors:
            torch_optimizers.append(AdamW(vectors, learning_rate, **fused))
    elif name == "sgd":
        momentum: dict[str, Any] = {"momentum": 0.9, "nesterov": True}
        torch_optimizers.append(SGD(matrices + vectors, learning_rate, **{**momentum, **fused, **options}))
    elif name == "adam":
        torch_optimizers.append(Adam(matrices + vectors, learning_rate, **fused, **options))
    elif name == "adamw":
        torch_optimizers.append(AdamW(matrices + vectors, learning_rate, **fused, **options))
    else:
        raise ValueError(f"unknown optimizer {name!r}")
    for torch_optimizer in torch_optimizers:
        for group in torch_optimizer.param_groups:
            group["base_rate"] = group["lr"]
    return torch_optimizers


_FUSED = {Adam: torch._fused_adam_, AdamW: torch._fused_adamw_}


@torch.no_grad()
def take_step(torch_optimizer: TorchOptimizer) -> None:
    """Change the weights: `optimizer.step()`, with the same result, and without most of its Python where it is Adam.

    Around its one fused pass torch looks at each parameter again and again, which takes a small network longer than
    the pass itself. So here the pass is called as torch calls it, once the optimizer's state is there.
    """
    fused = _FUSED.get(type(torch_optimizer))
    groups = torch_optimizer.param_groups
    ready = fused is not None and all(
        group["fused"] and all(p.grad is not None and p.is_cpu and p in torch_optimizer.state for p in group["params"])
        for group in groups
    )
    if not ready or fused is None:
        torch_optimizer.step()
        return
    for group in groups:
        params = group["params"]
        states = [torch_optimizer.state[parameter] for parameter in params]
        steps = [state["step"] for state in states]
        torch._foreach_add_(steps, 1)
        fused(
            params,
            [parameter.grad for parameter in params],
            [state["exp_avg"] for state in states],
            [state["exp_avg_sq"] for state in states],
            [],
            steps,
            amsgrad=False,
            lr=group["lr"],
            beta1=group["betas"][0],
            beta2=group["betas"][1],
            weight_decay=group["weight_decay"],
            eps=group["eps"],
            maximize=False,
        )


# Up to so many numbers, matrices of one shape are multiplied together: in one call rather than many. Larger ones gain
# nothing: what takes the time there is their arithmetic (docs/lab-notes.md).
SMALL = 10_000


class Muon(TorchOptimizer):
    """Momentum, orthogonalised (Nesterov's form), for parameters of two or more dimensions.

    torch.optim.Muon takes matrices only and multiplies in bfloat16; kernels are most of our networks, and a
    processor without bfloat16 emulates it slowly. A kernel (out, in, height, width) counts as the matrix
    (out, in * height * width).
    """

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
        """Move each matrix by lr times its orthogonalised momentum. Small ones of a shape go together."""
        for group in self.param_groups:
            shapes: dict[tuple[int, int], list[nn.Parameter]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    shapes.setdefault((parameter.shape[0], parameter[0].numel()), []).append(parameter)
            for (rows, columns), parameters in shapes.items():
                directions = [self._direction(parameter, group["momentum"]) for parameter in parameters]
                small = rows * columns <= SMALL and len(parameters) > 1
                updates = orthogonalise(torch.stack(directions)) if small else map(orthogonalise, directions)
                # Scaled so that its mean square is that of AdamW's steps: one learning rate serves both
                # (Liu et al. 2025, "Muon is scalable for LLM training", arXiv:2502.16982, section 2.2).
                scale = 0.2 * max(rows, columns) ** 0.5
                if group["weight_decay"]:
                    torch._foreach_mul_([*parameters], 1 - group["lr"] * group["weight_decay"])
                for parameter, update in zip(parameters, updates):
                    parameter.add_(update.view(parameter.shape), alpha=-group["lr"] * scale)

    def _direction(self, parameter: nn.Parameter, momentum: float) -> Float[Tensor, "rows columns"]:
        """Where a matrix would go with Nesterov's momentum, which this moves on."""
        assert parameter.grad is not None
        state = self.state[parameter]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(parameter)
        state["momentum"].lerp_(parameter.grad, 1 - momentum)
        return parameter.grad.lerp(state["momentum"], momentum).flatten(1)


def orthogonalise(
    matrices: Float[Tensor, "*together rows columns"], steps: int = 5
) -> Float[Tensor, "*together rows columns"]:
    """Push every singular value of each matrix towards 1 by Newton and Schulz's iteration.

    The coefficients are Jordan's: they climb fast and end between about 0.7 and 1.2, which trains as well
    as exactly 1.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices.bfloat16() if matrices.is_cuda else matrices.float()
    tall = x.shape[-2] > x.shape[-1]
    add_product = torch.addmm if x.ndim == 2 else torch.baddbmm
    if tall:
        x = x.mT
    x = x / (torch.linalg.matrix_norm(x, keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = add_product(a * x, add_product(b * gram, gram, gram, alpha=c), x)
    return (x.mT if tall else x).to(matrices.dtype)
