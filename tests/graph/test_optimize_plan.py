"""The optimized order of execution: the same values and the same gradients as in the order written."""

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
from axone.graph.optimize_plan import optimize_plan
from axone.graph.plan import Step, build_plan


def plans_of(model: Model) -> tuple[dict[str, Step], dict[str, Step]]:
    """Return the plan as written and the optimized plan, by node name."""
    names = [node.name for node in model.nodes]
    written = build_plan(model.nodes)
    optimized = optimize_plan(written, {names.index(name) for name in model.output_names})
    return dict(zip(names, written)), dict(zip(names, optimized))


def is_moved(model: Model, name: str) -> bool:
    """Whether a call of this node is made later."""
    written, optimized = plans_of(model)
    return len(optimized[name].calls) < len(written[name].calls)


def compute_gradients(model: Model, images: torch.Tensor, outputs: torch.Tensor) -> list[torch.Tensor]:
    weight = torch.linspace(-1, 1, outputs.numel()).reshape(outputs.shape)
    return list(torch.autograd.grad((outputs * weight).sum(), [images, *model.parameters()]))


def run_both(model: Model, shape: tuple[int, ...]) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Return [output, gradients...] in the optimized order and in the order written."""
    images = torch.randn(3, *shape, generator=torch.Generator().manual_seed(5), requires_grad=True)
    fast = model(images)
    slow = model.activations(images, model.nodes[-1].name)
    return [fast, *compute_gradients(model, images, fast)], [slow, *compute_gradients(model, images, slow)]


def build_chain(activation: str, **pool) -> Model:
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
def test_pooling_before_the_relu_family_is_exactly_equal(activation: str, pool) -> None:
    model = build_chain(activation, **pool)
    assert is_moved(model, "conv2d_1") and is_moved(model, "activation_1")
    fast, slow = run_both(model, (2, 13, 13))
    # Where windows overlap, the largest input of several windows sums gradients before instead of after the factor 0.2.
    exactly = activation == "relu" or pool["kernel_size"] == pool.get("stride", pool["kernel_size"])
    assert torch.equal(fast[0], slow[0])
    for one, two in zip(fast, slow, strict=True):
        torch.testing.assert_close(one, two, **({"rtol": 0, "atol": 0} if exactly else {}))


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_monotonic_activations_move_and_all_results_are_equal(activation: str) -> None:
    model = build_chain(activation, kernel_size=2)
    expected = ACTIVATIONS[activation].is_monotonic and activation != "linear"
    assert is_moved(model, "conv2d_1") == expected
    for fast, slow in zip(*run_both(model, (2, 13, 13)), strict=True):
        torch.testing.assert_close(fast, slow, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("layer", "pool", "shape"), [(Conv1d, MaxPool1d, (2, 13)), (Conv3d, MaxPool3d, (2, 7, 7, 7))])
def test_results_are_equal_in_one_and_three_dimensions(layer, pool, shape) -> None:
    x = Input(*shape)
    model = Model(x, pool(2, padding="same")(layer(3, 3, activation="relu", name="conv")(x)))
    assert is_moved(model, "conv")
    for fast, slow in zip(*run_both(model, shape), strict=True):
        assert torch.equal(fast, slow)


def test_an_activation_moves_past_several_poolings() -> None:
    x = Input(1, 12, 12)
    model = Model(x, MaxPool2d(2)(MaxPool2d(2)(Conv2d(3, 1, activation="relu")(x))))
    assert [len(step.calls) for step in plans_of(model)[1].values()] == [0, 1, 1, 2]
    for fast, slow in zip(*run_both(model, (1, 12, 12)), strict=True):
        assert torch.equal(fast, slow)


def test_an_activation_with_another_reader_stays() -> None:
    x = Input(1, 8, 8)
    h = Conv2d(3, 3, padding="same", activation="relu", name="read_twice")(x)
    y = MaxPool2d(2)(h) + Conv2d(3, 2, 2)(h)
    assert not is_moved(Model(x, y), "read_twice")


def test_an_activation_that_is_an_output_stays() -> None:
    x = Input(1, 8, 8)
    h = Conv2d(3, 3, activation="relu", name="output")(x)
    model = Model(x, (h, MaxPool2d(2)(h)))
    assert not is_moved(model, "output")
    assert model(torch.randn(2, 1, 8, 8))[0].min() == 0


def test_names_and_activations_keep_the_order_written() -> None:
    model = build_chain("relu", kernel_size=2)
    names = [node.name for node in model.nodes]
    assert names.index("activation_1") < names.index("max_pool2d_2")
    assert model.activations(torch.randn(2, 2, 13, 13), "conv2d_1").min() == 0


def build_mean_and_mixing(pool: dict, bias: bool = False, features: int = 2, kernel: int = 1) -> Model:
    torch.manual_seed(0)
    x = Input(5, 9, 9)
    h = AvgPool2d(**pool, name="means")(x)
    h = Conv2d(features, kernel, bias=bias, activation="relu", name="mixing")(h)
    return Model(x, h + Conv2d(features, 9, padding="same")(h))


@pytest.mark.parametrize("pool", [{"kernel_size": 3, "stride": 1, "padding": 1}, {"kernel_size": 3, "stride": 1},
                                  {"kernel_size": 2, "stride": 1, "padding": "same"}], ids=str)  # fmt: skip
def test_channels_are_mixed_before_means_are_taken(pool) -> None:
    model = build_mean_and_mixing(pool)
    optimized = plans_of(model)[1]
    assert optimized["means"].calls == (("mixing",),) and optimized["mixing"].calls[0] == ("means",)
    for fast, slow in zip(*run_both(model, (5, 9, 9)), strict=True):
        torch.testing.assert_close(fast, slow, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "other", [{"bias": True}, {"features": 5}, {"kernel": 2}, {"pool": {"kernel_size": 2, "stride": 2}}], ids=str
)
def test_means_stay_where_moving_them_changes_the_result_or_costs_more(other) -> None:
    written, optimized = plans_of(
        build_mean_and_mixing(**{"pool": {"kernel_size": 3, "stride": 1, "padding": 1}, **other})
    )
    assert written == optimized
