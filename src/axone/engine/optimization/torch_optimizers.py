"""The torch optimizers of a network: SGD, Adam, AdamW, or Muon for matrices and kernels with AdamW for the rest."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer as TorchOptimizer

from axone.engine.optimization.layer_groups import LayerGroups
from axone.engine.optimization.muon import Muon
from axone.engine.optimization.without_tracer import SGD, Adam, AdamW


def make_torch_optimizers(
    network: nn.Module,
    name: str,
    learning_rate: float,
    weight_decay: float,
    device: torch.device,
    layer_groups: LayerGroups | None = None,
    *,
    tensor_learning_rate: bool = False,
    **options: Any,
) -> list[TorchOptimizer]:
    """Return the optimizers of a network's trainable parameters: one, or two for "muon".

    Weight decay applies to matrices and kernels only: biases and the scales of norms gain nothing from it. Each layer
    group is a parameter group of its own: it has its share of the learning rate, and may begin to learn later (fused
    SGD requires that all momentum of a group begins at once). Each group has "base_rate", the rate that the schedule
    multiplies.
    """
    parameters = [(key, parameter) for key, parameter in network.named_parameters() if parameter.requires_grad]
    # A fused step is one pass over the weights instead of several; MPS and others use torch's default.
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
    if not (weight_decay or layer_groups or name == "muon") and matrices and vectors:  # one group: one pass
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
            if tensor_learning_rate:
                group["lr"] = torch.tensor(group["lr"], dtype=torch.float32, device=device)
    return torch_optimizers


def set_learning_rate(group: dict[str, Any], rate: float) -> None:
    """Set the learning rate of a parameter group, in place where it is a tensor that a captured step reads."""
    if isinstance(group["lr"], Tensor):
        group["lr"].fill_(rate)
    else:
        group["lr"] = rate


@torch.no_grad()
def take_step(torch_optimizer: TorchOptimizer, found_inf: Tensor | None = None) -> None:
    """Update the weights: `torch_optimizer.step()` with the same result, and with less Python for Adam on the CPU.

    Around its one fused pass, torch inspects each parameter again and again, which takes longer than the pass itself
    for a small network. Here the pass is called as torch calls it, once the optimizer's state exists. The functions
    are private to torch, so a torch without them falls back to the public step, and a test compares both.

    Args:
        torch_optimizer: A fused torch optimizer, or `Muon`.
        found_inf: 1.0 on the device when the gradients are not finite: then the step changes nothing. None when the
            caller has checked.
    """
    if found_inf is not None:
        # What torch's gradient scaler does: fused optimizers read this attribute and skip the step on the device.
        torch_optimizer.found_inf = found_inf  # type: ignore[attr-defined]
        torch_optimizer.grad_scale = None  # type: ignore[attr-defined]
        try:
            torch_optimizer.step()
        finally:
            del torch_optimizer.found_inf, torch_optimizer.grad_scale  # type: ignore[attr-defined]
        return
    fused = {Adam: _FUSED_ADAM, AdamW: _FUSED_ADAMW}.get(type(torch_optimizer))
    groups = torch_optimizer.param_groups
    ready = fused is not None and all(
        group["fused"]
        and not isinstance(group["lr"], Tensor)
        and all(p.grad is not None and p.is_cpu and p in torch_optimizer.state for p in group["params"])
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


_FUSED_ADAM = getattr(torch, "_fused_adam_", None)
_FUSED_ADAMW = getattr(torch, "_fused_adamw_", None)
