"""Several networks of one architecture that compute at once: one for each seed of a training.

The weights of M networks are stacked along a first dimension, so that their gradients are those of M separate
trainings, and every operation of the optimizer is one for all. A network of dense layers computes as one batched matrix
product per layer. Any other one (convolutions, recurrent layers) is called member by member, because one such call has
more work than a call costs.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import layer_norm

from axone.graph import Model

# Layers that compute the same on stacked inputs: functions of each number or of the last dimension.
STACKABLE = frozenset({"Input", "Linear", "LayerNorm", "Activation"})


class StackedLinear(nn.Module):
    """M dense layers as one batched matrix product.

    Args:
        layers: The dense layers, of the same sizes.
    """

    def __init__(self, layers: Sequence[nn.Module]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.stack([layer.get_parameter("weight").detach() for layer in layers]))
        self.bias = nn.Parameter(torch.stack([layer.get_parameter("bias").detach() for layer in layers]))

    def forward(self, inputs: Float[Tensor, "members batch in"]) -> Float[Tensor, "members batch out"]:
        """Apply the layer of each member to its own inputs."""
        return torch.baddbmm(self.bias[:, None], inputs, self.weight.mT)


class StackedLayerNorm(nn.Module):
    """M layer norms of the last dimension.

    Args:
        layers: The layer norms, of the same size.
    """

    def __init__(self, layers: Sequence[nn.Module]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.stack([layer.get_parameter("weight").detach() for layer in layers]))
        self.bias = nn.Parameter(torch.stack([layer.get_parameter("bias").detach() for layer in layers]))

    def forward(self, inputs: Float[Tensor, "members batch units"]) -> Float[Tensor, "members batch units"]:
        """Normalize the outputs of each member, and apply its own scale and shift."""
        normalized = layer_norm(inputs, inputs.shape[-1:])
        return torch.addcmul(self.bias[:, None], normalized, self.weight[:, None])


class Ensemble(nn.Module):
    """M networks of one architecture; its inputs and outputs have the member as their first dimension.

    Args:
        members: The networks, whose outputs are a dict. Their weights are copied.

    Attributes:
        network: The architecture, whose parameters are stacked: [M, ...].
        size: The number of members.
    """

    def __init__(self, members: Sequence[Model]) -> None:
        super().__init__()
        self.size = len(members)
        self.network = copy.deepcopy(members[0])
        self.is_stacked = all(record.kind in STACKABLE for record in self.network.nodes)
        for name, module in list(self.network.named_modules()):
            layers = [member.get_submodule(name) for member in members]
            if self.is_stacked and isinstance(module, nn.Linear | nn.LayerNorm):
                kind = StackedLinear if isinstance(module, nn.Linear) else StackedLayerNorm
                self.network.set_submodule(name, kind(layers))
                continue
            for key, parameter in list(module.named_parameters(recurse=False)):
                stacked = torch.stack([getattr(layer, key).detach() for layer in layers])
                setattr(module, key, nn.Parameter(stacked, requires_grad=parameter.requires_grad))

    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Compute the outputs of each member from its own inputs, by name: [M, batch, ...] -> [M, batch, ...]."""
        if self.is_stacked:
            outputs: dict[str, Tensor] = self.network(dict(inputs))
            return outputs
        stacked = dict(self.network.named_parameters())
        names, weights = list(stacked), [parameter.unbind(0) for parameter in stacked.values()]
        parts = {name: values.unbind(0) for name, values in inputs.items()}
        each: list[dict[str, Tensor]] = [
            functional_call(
                self.network,
                dict(zip(names, [weight[number] for weight in weights])),
                ({name: values[number] for name, values in parts.items()},),
            )
            for number in range(self.size)
        ]
        return {name: torch.stack([outputs[name] for outputs in each]) for name in each[0]}

    def member(self, number: int) -> Model:
        """Return a copy of one member as an ordinary network."""
        network = Model.from_json(self.network.to_json())
        network.load_state_dict({name: values[number] for name, values in self.network.state_dict().items()})
        return network.to(next(self.network.parameters()).device)
