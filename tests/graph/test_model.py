import copy
import pickle

import pytest
import torch
from torch import nn

from axone.graph import (
    Activation,
    AdaptiveAvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    GraphError,
    Input,
    Linear,
    MaxPool2d,
    Model,
)


def course() -> Model:
    x = Input(1, 28, 28)
    h = MaxPool2d(2)(Conv2d(32, 3, activation="relu")(x))
    h = MaxPool2d(2)(Conv2d(64, 3, activation="relu")(h))
    return Model(x, Linear(10)(Linear(128, activation="relu")(Flatten()(h))))


def test_course_parameter_counts() -> None:
    for shape, expected in (((1, 28, 28), 100_480), ((3, 28, 28), 301_184), ((3, 224, 224), 19_267_712)):
        x = Input(*shape)
        model = Model(x, Linear(128)(Flatten()(x)), device="meta")
        assert model.parameters_count == expected
        assert sum(parameter.numel() for parameter in model.parameters()) == expected


def test_meta_device_allocates_nothing() -> None:
    x = Input(3, 224, 224)
    model = Model(x, Linear(4_000_000)(Flatten()(x)), device="meta")  # 2.4 TB, were it allocated
    assert model.parameters_count == 150_528 * 4_000_000 + 4_000_000
    assert all(parameter.is_meta for parameter in model.parameters())
    assert "602,116,000,000" in model.summary()


def test_ten_thousand_million_parameters_are_described_without_being_made() -> None:
    x = Input(100_000)
    model = Model(x, Linear(100_000, bias=False)(x), device="meta")  # 40 GB, were it allocated
    assert model.parameters_count == 10_000_000_000
    assert "10,000,000,000 parameters" in model.summary()
    assert "10,000,000,000 parameters" in model.draw()
    assert "nn.Linear(100000, 100000, bias=False)" in model.to_source()
    assert all(parameter.is_meta for parameter in model.parameters())


def test_vgg_16_is_described_without_being_made() -> None:
    x = h = Input(3, 224, 224)
    for channels, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _conv in range(count):
            h = Conv2d(channels, 3, padding=1, activation="relu")(h)
        h = MaxPool2d(2)(h)
    h = Flatten()(AdaptiveAvgPool2d(7)(h))
    for units in (4096, 4096):
        h = Dropout()(Linear(units, activation="relu")(h))
    model = Model(x, Linear(1000)(h), device="meta")
    assert model.parameters_count == 138_357_544  # the published count
    assert all(parameter.is_meta for parameter in model.parameters())
    lines = model.summary().splitlines()
    assert "212 x 212" in next(line for line in lines if line.startswith("max_pool2d_5"))
    assert lines[-1].startswith("138,357,544 parameters, 30.9 GFLOPs")
    assert model.draw().count("<rect") == len(model.nodes)


def test_answers_like_a_plain_sequential_with_the_same_weights() -> None:
    model = course()
    plain = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip
    plain.load_state_dict(dict(zip(plain.state_dict(), model.state_dict().values())))
    images = torch.rand(5, 1, 28, 28)
    assert torch.equal(model(images), plain(images))


def test_same_seed_same_weights_and_writing_draws_no_random_number() -> None:
    torch.manual_seed(3)
    first = course().state_dict()
    torch.manual_seed(3)
    second = course().state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)
    before = torch.random.get_rng_state()
    Linear(10)(Flatten()(Conv2d(8, 3)(Input(1, 9, 9))))
    assert torch.equal(before, torch.random.get_rng_state())


def test_automatic_names_are_counted_per_model() -> None:
    keys = ["conv2d_1.weight", "conv2d_1.bias", "conv2d_2.weight", "conv2d_2.bias",
            "linear_1.weight", "linear_1.bias", "linear_2.weight", "linear_2.bias"]  # fmt: skip
    assert list(course().state_dict()) == keys == list(course().state_dict())


def test_dotted_names_are_nested_submodules() -> None:
    x = Input(3, 8, 8, name="image")
    h = BatchNorm2d(name="features.bn1")(Conv2d(4, 3, bias=False, name="features.0.conv")(x))
    model = Model(x, Linear(2, name="classifier.1")(Flatten()(h)))
    assert list(model.state_dict()) == [
        "features.0.conv.weight", "features.bn1.weight", "features.bn1.bias", "features.bn1.running_mean",
        "features.bn1.running_var", "features.bn1.num_batches_tracked", "classifier.1.weight", "classifier.1.bias",
    ]  # fmt: skip
    assert isinstance(model.get_submodule("features.0.conv"), nn.Conv2d)
    assert model(torch.rand(2, 3, 8, 8)).shape == (2, 2)


@pytest.mark.parametrize("name", ["forward", "summary", "training", "head.half", "__class__", "_nodes"])
def test_names_that_a_module_already_uses_are_refused(name: str) -> None:
    x = Input(4)
    with pytest.raises(GraphError, match="another name"):
        Model(x, Linear(2, name=name)(x))


def test_a_layer_cannot_be_a_group_too() -> None:
    x = Input(4)
    with pytest.raises(GraphError, match='"head"'):
        Model(x, Linear(2, name="head.out")(Linear(2, name="head")(x)))


def test_two_layers_cannot_have_one_name() -> None:
    x = Input(4)
    with pytest.raises(GraphError, match=r"Two layers.*Linear\(2\).*Linear\(3\)"):
        Model(x, Linear(3, name="a")(Linear(2, name="a")(x)))


def test_shared_layers_have_one_set_of_weights() -> None:
    a, b = Input(6, name="left"), Input(6, name="right")
    tower = Linear(4, name="tower")
    model = Model((a, b), tower(a) * tower(b))
    assert list(model.state_dict()) == ["tower.weight", "tower.bias"]
    assert [node.name for node in model.nodes] == ["left", "right", "tower", "tower:2", "multiply_1"]
    assert [node.parameters for node in model.nodes] == [0, 0, 28, 0, 0]
    assert model.parameters_count == 28
    left, right = torch.rand(3, 6), torch.rand(3, 6)
    weight, bias = model.state_dict().values()
    torch.testing.assert_close(model(left, right), (left @ weight.T + bias) * (right @ weight.T + bias))


def test_a_shared_layer_refuses_inputs_that_its_weights_do_not_fit() -> None:
    conv, pool = Conv2d(4, 3), MaxPool2d(2)
    conv(Input(1, 9, 9))
    assert conv(Input(1, 30, 30)).shape == (4, 28, 28)
    with pytest.raises(GraphError, match=r"has weights for \(1, 9, 9\).*\(3, 9, 9\)"):
        conv(Input(3, 9, 9))
    pool(Input(1, 8, 8))
    assert pool(Input(5, 4, 4)).shape == (5, 2, 2)


def test_several_inputs_and_outputs() -> None:
    a, b = Input(3), Input(5)
    model = Model((b, a), (Linear(2)(a), Linear(4)(b)))
    assert model.input_shapes == ((5,), (3,)) and model.output_shapes == ((2,), (4,))
    two, four = model(torch.rand(7, 5), torch.rand(7, 3))
    assert two.shape == (7, 2) and four.shape == (7, 4)
    assert isinstance(Model(a, [Linear(2)(a)])(torch.rand(7, 3)), tuple)


def test_an_input_or_a_middle_node_may_be_an_output() -> None:
    x = Input(3)
    h = Linear(2, activation="relu")(x)
    values = Model(x, (x, h, Linear(1)(h)))(torch.rand(4, 3))
    assert [value.shape[1] for value in values] == [3, 2, 1]


@pytest.mark.usefixtures("unchecked")
def test_wrong_inputs_and_outputs() -> None:
    a, b = Input(3), Input(3)
    y = Linear(2)(a)
    for inputs, outputs, message in (
        (b, y, "not an input of the model"),
        ((a, b), y, "no output uses"),
        (y, y, "not an input of the model"),
        ((a, a), y, "twice"),
        (torch.rand(2), y, "inputs and outputs"),
        ((), y, "inputs and outputs"),
        (a, [y, "y"], "inputs and outputs"),
    ):
        with pytest.raises(GraphError, match=message):
            Model(inputs, outputs)
    with pytest.raises(GraphError, match="got 2 inputs"):
        Model(a, y)(torch.rand(2, 3), torch.rand(2, 3))
    with pytest.raises(GraphError, match="begins with Input"):
        Model((a, y), Linear(1)(y))


def test_activations_are_those_after_the_activation() -> None:
    model = course()
    images = torch.rand(2, 1, 28, 28)
    found = model.activations(images, ["conv2d_1", "max_pool2d_1", "linear_2"])
    expected = torch.relu(model.get_submodule("conv2d_1")(images))
    assert torch.equal(found["conv2d_1"], expected)
    assert torch.equal(found["max_pool2d_1"], nn.functional.max_pool2d(expected, 2))
    assert torch.equal(model.activations(images, "linear_2"), model(images))
    with pytest.raises(GraphError, match="Did you mean conv2d_1"):
        model.activations(images, "conv2d1")


def test_activations_compute_only_what_they_need() -> None:
    model = course()
    calls: list[str] = []
    for name, module in model.named_children():
        module.register_forward_hook(lambda *_ignored, name=name: calls.append(name))
    model.activations(torch.rand(1, 1, 28, 28), "max_pool2d_1")
    assert calls == ["conv2d_1", "max_pool2d_1"]


def test_a_replaced_submodule_is_the_one_that_works() -> None:
    model = course()
    model.linear_2 = nn.Linear(128, 3)
    assert model(torch.rand(2, 1, 28, 28)).shape == (2, 3)


def test_copies_pickles_and_loads() -> None:
    model = course()
    images = torch.rand(2, 1, 28, 28)
    expected = model(images)
    copied = copy.deepcopy(model)
    assert torch.equal(pickle.loads(pickle.dumps(model))(images), expected)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    assert torch.equal(copied(images), expected)
    fresh = course()
    fresh.load_state_dict(copied.state_dict())
    assert torch.equal(fresh(images), expected)


def test_a_deep_network_copies_without_deep_recursion() -> None:
    x = h = Input(2)
    for _layer in range(600):
        h = Activation("tanh")(h)
    model = Model(x, h)
    assert torch.equal(copy.deepcopy(model)(torch.ones(1, 2)), model(torch.ones(1, 2)))
    pickle.dumps(model)


def awkward() -> Model:
    x = Input(3, 9, 10)
    h = Conv2d(4, 3, stride=2, padding="same", activation="leaky_relu(0.2)")(x)
    h = MaxPool2d(2, padding="same")(Activation("relu")(BatchNorm2d()(h + Conv2d(4, 1, stride=2, padding="same")(x))))
    return Model(x, Linear(3, activation="softmax")(Dropout(0.3)(Flatten()(h)))).eval()


@pytest.mark.parametrize("way", ["export", "trace", "compile", "functional"])
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning", "ignore::DeprecationWarning")
@pytest.mark.usefixtures("unchecked")  # compilers cannot see through the checks of annotations
def test_is_an_ordinary_module_to_torch(way: str) -> None:
    model, images = awkward(), torch.rand(4, 3, 9, 10)
    expected = model(images)
    if way == "export":
        batch = torch.export.Dim("batch")
        other = torch.export.export(model, (images,), dynamic_shapes={"inputs": ({0: batch},)}).module()
    elif way == "trace":
        other = torch.jit.trace(model, images)
    elif way == "compile":
        other = torch.compile(model, backend="eager", fullgraph=True)
    else:
        other = lambda each: torch.func.functional_call(model, dict(model.state_dict()), (each,))  # noqa: E731
    torch.testing.assert_close(other(images), expected)
    torch.testing.assert_close(other(images[:2]), expected[:2])


def test_flops_agree_with_torch_own_counter() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    for model in (course(), awkward()):
        with FlopCounterMode(display=False) as counter:
            model(torch.rand(1, *model.input_shapes[0]))
        assert model.flops == counter.get_total_flops()


def test_course_flops_by_hand() -> None:
    # 26 x 26 positions x 3 x 3 x 1 x 32 multiply-adds; 11 x 11 x 3 x 3 x 32 x 64; 1600 x 128; 128 x 10; twice each.
    assert [node.flops for node in course().nodes if node.flops] == [389_376, 4_460_544, 409_600, 2_560]


def test_any_picture_size_that_the_layers_allow() -> None:
    from axone.graph import GlobalAveragePool2d

    x = Input(3, 32, 32)
    model = Model(x, Linear(2)(GlobalAveragePool2d()(Conv2d(4, 3, stride=2, padding="same")(x))))
    assert model(torch.rand(1, 3, 17, 50)).shape == (1, 2)
