"""Pooling before the activation: the same values and the same gradients as in the order written."""

import pytest
import torch

from axone.graph import (
    ACTIVATIONS,
    Activation,
    AvgPool2d,
    BatchNorm2d,
    Conv1d,
    Conv2d,
    Conv3d,
    Flatten,
    Input,
    Linear,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    Model,
)


def gradients(model: Model, images: torch.Tensor, outputs: torch.Tensor) -> list[torch.Tensor]:
    weight = torch.linspace(-1, 1, outputs.numel()).reshape(outputs.shape)
    return list(torch.autograd.grad((outputs * weight).sum(), [images, *model.parameters()]))


def both(model: Model, shape: tuple[int, ...]) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """[values, gradients...] as the model computes, and as it was written."""
    images = torch.randn(3, *shape, generator=torch.Generator().manual_seed(5), requires_grad=True)
    fast = model(images)
    slow = model.activations(images, model.nodes[-1].name)
    return [fast, *gradients(model, images, fast)], [slow, *gradients(model, images, slow)]


def is_rewritten(model: Model, name: str) -> bool:
    index = [node.name for node in model.nodes].index(name)
    return len(model._optimized_plan[index].calls) < len(model._plan[index].calls)


def chain(activation: str, **pool) -> Model:
    torch.manual_seed(0)
    x = Input(2, 13, 13)
    h = MaxPool2d(**pool)(Conv2d(5, 3, activation=activation)(x))
    h = MaxPool2d(**pool)(Activation(activation)(BatchNorm2d()(Conv2d(4, 2)(h))))
    return Model(x, Linear(3)(Flatten()(h)))


POOLS = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2},
    {"kernel_size": 2, "stride": 1},
    {"kernel_size": 2, "padding": "same"},
    {"kernel_size": 3, "stride": 2, "padding": 1},
]


@pytest.mark.parametrize("pool", POOLS, ids=str)
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "leaky_relu(0.2)"])
def test_exactly_equal_for_the_relu_family(activation: str, pool) -> None:
    model = chain(activation, **pool)
    assert is_rewritten(model, "conv2d_1") and is_rewritten(model, "activation_1")
    fast, slow = both(model, (2, 13, 13))
    # Where windows overlap, a winner of several adds up gradients before rather than after the factor 0.2.
    exactly = activation == "relu" or pool["kernel_size"] == pool.get("stride", pool["kernel_size"])
    assert torch.equal(fast[0], slow[0])
    for one, two in zip(fast, slow, strict=True):
        torch.testing.assert_close(one, two, **({"rtol": 0, "atol": 0} if exactly else {}))


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_equal_for_every_activation(activation: str) -> None:
    model = chain(activation, kernel_size=2)
    expected = ACTIVATIONS[activation].is_monotonic and activation != "linear"
    assert is_rewritten(model, "conv2d_1") == expected
    for fast, slow in zip(*both(model, (2, 13, 13)), strict=True):
        torch.testing.assert_close(fast, slow, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_what_the_registry_says_of_each_activation_is_true(name: str) -> None:
    row = ACTIVATIONS[name]
    if row.over_channels:
        assert not row.is_monotonic
        return
    x = torch.linspace(-12, 12, 200_001, dtype=torch.float64)
    assert bool((row.function(x).diff() >= -1e-12).all()) == row.is_monotonic


@pytest.mark.parametrize(("layer", "pool", "shape"), [(Conv1d, MaxPool1d, (2, 13)), (Conv3d, MaxPool3d, (2, 7, 7, 7))])
def test_equal_in_one_and_three_dimensions(layer, pool, shape) -> None:
    x = Input(*shape)
    model = Model(x, pool(2, padding="same")(layer(3, 3, activation="relu", name="conv")(x)))
    assert is_rewritten(model, "conv")
    for fast, slow in zip(*both(model, shape), strict=True):
        assert torch.equal(fast, slow)


def test_poolings_in_a_row_wait_for_the_last() -> None:
    x = Input(1, 12, 12)
    model = Model(x, MaxPool2d(2)(MaxPool2d(2)(Conv2d(3, 1, activation="relu")(x))))
    assert [len(step.calls) for step in model._optimized_plan] == [0, 1, 1, 2]
    for fast, slow in zip(*both(model, (1, 12, 12)), strict=True):
        assert torch.equal(fast, slow)


def test_not_where_the_activation_is_read_elsewhere() -> None:
    x = Input(1, 8, 8)
    h = Conv2d(3, 3, padding="same", activation="relu", name="read_twice")(x)
    y = MaxPool2d(2)(h) + Conv2d(3, 2, 2)(h)
    assert not is_rewritten(Model(x, y), "read_twice")


def test_not_where_the_activation_is_an_output() -> None:
    x = Input(1, 8, 8)
    h = Conv2d(3, 3, activation="relu", name="seen")(x)
    model = Model(x, (h, MaxPool2d(2)(h)))
    assert not is_rewritten(model, "seen")
    assert model(torch.randn(2, 1, 8, 8))[0].min() == 0


def test_names_and_summary_keep_the_order_as_written() -> None:
    model = chain("relu", kernel_size=2)
    names = [node.name for node in model.nodes]
    assert names.index("activation_1") < names.index("max_pool2d_2")
    assert model.activations(torch.randn(2, 2, 13, 13), "conv2d_1").min() == 0


def mean_then_mixing(pool: dict, bias: bool = False, features: int = 2, kernel: int = 1) -> Model:
    torch.manual_seed(0)
    x = Input(5, 9, 9)
    h = AvgPool2d(**pool, name="means")(x)
    h = Conv2d(features, kernel, bias=bias, activation="relu", name="mixing")(h)
    return Model(x, h + Conv2d(features, 9, padding="same")(h))


@pytest.mark.parametrize("pool", [{"kernel_size": 3, "stride": 1, "padding": 1}, {"kernel_size": 3, "stride": 1},
                                  {"kernel_size": 2, "stride": 1, "padding": "same"}], ids=str)  # fmt: skip
def test_channels_are_mixed_before_means_are_taken(pool) -> None:
    model = mean_then_mixing(pool)
    index = [node.name for node in model.nodes].index("mixing")
    assert model._optimized_plan[index].calls[0] == ("means",) and model._optimized_plan[index - 1].calls == (
        ("mixing",),
    )
    for fast, slow in zip(*both(model, (5, 9, 9)), strict=True):
        torch.testing.assert_close(fast, slow, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "other", [{"bias": True}, {"features": 5}, {"kernel": 2}, {"pool": {"kernel_size": 2, "stride": 2}}], ids=str
)
def test_the_order_stays_where_it_would_change_the_result_or_cost_more(other) -> None:
    model = mean_then_mixing(**{"pool": {"kernel_size": 3, "stride": 1, "padding": 1}, **other})
    assert [step.calls for step in model._optimized_plan] == [step.calls for step in model._plan]
