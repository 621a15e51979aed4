"""Every function of the registry, called on nodes and on tensors."""

import pytest
import torch
from torch.nn import functional as F

from axone.graph import Input, Model
from axone.graph.functions.registry import FUNCTIONS, NAMES, OPERATORS, find_method

# Calls of the functions that need more than one tensor of numbers; `h` is a node or a tensor of (batch, 3, 4).
CALLS = {
    "torch.atan2": lambda f, h: f(h, h + 1), "torch.clamp": lambda f, h: f(h, 0.2, 0.7),
    "torch.eq": lambda f, h: f(h, h[:, :1]), "torch.ne": lambda f, h: f(h, h[:, :1]),
    "torch.logical_and": lambda f, h: f(h > 0.2, h < 0.7), "torch.logical_or": lambda f, h: f(h > 0.2, h < 0.7),
    "torch.lerp": lambda f, h: f(h, h * 2, 0.3), "torch.logaddexp": lambda f, h: f(h, -h),
    "torch.maximum": lambda f, h: f(h, h * h), "torch.minimum": lambda f, h: f(h, h * h),
    "torch.pow": lambda f, h: f(h, 2.5), "torch.nn.functional.threshold": lambda f, h: f(h, 0.5, 0.0),
    "torch.cumprod": lambda f, h: f(h, 1), "torch.cumsum": lambda f, h: f(h, dim=-1),
    "torch.flip": lambda f, h: f(h, [1, 2]), "torch.roll": lambda f, h: f(h, 1, 2),
    "torch.where": lambda f, h: f(h.any(2, keepdim=True), h, -h), "torch.bmm": lambda f, h: f(h, h.transpose(1, 2)),
    "torch.matmul": lambda f, h: f(h, h.transpose(-1, 1)), "torch.cat": lambda f, h: f([h, 2 * h], 1),
    "torch.einsum": lambda f, h: f("bij,bkj->bik", h, 2 * h),
    "torch.stack": lambda f, h: f([h, h], dim=2), "torch.flatten": lambda f, h: f(h, 1),
    "torch.narrow": lambda f, h: f(h, 2, 1, 2), "torch.select": lambda f, h: f(h, 1, 0),
    "torch.permute": lambda f, h: f(h, (0, 2, 1)), "torch.swapaxes": lambda f, h: f(h, 1, 2),
    "torch.transpose": lambda f, h: f(h, 1, 2), "torch.squeeze": lambda f, h: f(h[:, :1], 1),
    "torch.unsqueeze": lambda f, h: f(h, -1), "torch.tile": lambda f, h: f(h, (1, 2, 1)),
    "torch.unflatten": lambda f, h: f(h, 2, (2, 2)),
    "torch.nn.functional.cosine_similarity": lambda f, h: f(h, h * h, dim=2),
    "torch.nn.functional.pairwise_distance": lambda f, h: f(h, h * h),
    "torch.nn.functional.interpolate": lambda f, h: f(h, scale_factor=2, mode="linear", align_corners=True),
    "torch.nn.functional.local_response_norm": lambda f, h: f(h, 2),
    "torch.nn.functional.normalize": lambda f, h: f(h, dim=-1),
    "torch.nn.functional.one_hot": lambda f, h: f(h.argmax(2), 4),
    "torch.nn.functional.pad": lambda f, h: f(h, (1, 2), value=0.5),
    "torch.nn.functional.pixel_shuffle": lambda f, h: f(h.flatten(1).unflatten(1, (4, 3, 1)), 2),
    "torch.nn.functional.scaled_dot_product_attention": lambda f, h: f(h, h, 2 * h, is_causal=True),
}  # fmt: skip
REDUCTIONS = [
    "all", "amax", "amin", "any", "argmax", "argmin", "diff", "logsumexp", "mean", "prod", "std", "sum", "var",
    "softmax", "log_softmax", "softmin", "glu",
]  # fmt: skip


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in ("torch.nn.functional.pixel_unshuffle",)])
def test_a_function_on_nodes_computes_what_it_computes_on_tensors(name: str) -> None:
    function, x = FUNCTIONS[name].call, Input(3, 4)
    call = CALLS.get(name)
    if call is None and name.startswith("operator."):
        call = (lambda f, h: f(h, h.transpose(1, 2))) if name == "operator.matmul" else (lambda f, h: f(h, 1.5))
    elif call is None and name.rpartition(".")[2] in REDUCTIONS:
        call = lambda f, h: f(h, dim=2)  # noqa: E731
    call = call or (lambda f, h: f(h))
    model = Model(x, call(function, x))
    batch = torch.rand(5, 3, 4) * 0.9 + 0.05
    expected = call(function, batch)
    torch.testing.assert_close(model(batch), expected, rtol=0, atol=0, equal_nan=True)
    assert model.output_shapes == (tuple(expected.shape[1:]),)


def test_images_are_unshuffled() -> None:
    x = Input(2, 4, 6)
    images = torch.rand(3, 2, 4, 6)
    assert torch.equal(Model(x, F.pixel_unshuffle(x, 2))(images), F.pixel_unshuffle(images, 2))


def test_every_function_is_known_by_its_object_and_aliases_have_one_name() -> None:
    assert all(NAMES[entry.call] in FUNCTIONS for entry in FUNCTIONS.values())
    assert NAMES[torch.concat] == "torch.cat" and NAMES[torch.div] == "operator.truediv"
    assert set(OPERATORS) == {name.removeprefix("operator.") for name in FUNCTIONS if name.startswith("operator.")}


def test_methods_have_the_names_of_functions() -> None:
    assert find_method("mean") == "torch.mean" and find_method("gelu") == "torch.nn.functional.gelu"
    assert find_method("clip") == "torch.clamp" and find_method("mul") == "operator.mul"
    assert find_method("numpy") is None and find_method("backward") is None
