"""Models: weights, names, execution, copies, and published parameter counts."""

import copy
import pickle

import pytest
import torch
from torch import nn

from axone.graph import (
    Activation,
    AdaptiveAvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAveragePool2d,
    GraphError,
    Input,
    Linear,
    MaxPool2d,
    Model,
)
from tests.helpers.networks.graph import copy_weights, count_flops_with_torch


def build_course_network() -> Model:
    """Return the convolutional network of the course, for Fashion-MNIST."""
    x = Input(1, 28, 28)
    h = MaxPool2d(2)(Conv2d(32, 3, activation="relu")(x))
    h = MaxPool2d(2)(Conv2d(64, 3, activation="relu")(h))
    return Model(x, Linear(10)(Linear(128, activation="relu")(Flatten()(h))))


@pytest.mark.parametrize(
    ("shape", "expected"), [((1, 28, 28), 100_480), ((3, 28, 28), 301_184), ((3, 224, 224), 19_267_712)]
)
def test_parameter_counts_of_the_course(shape: tuple[int, ...], expected: int) -> None:
    x = Input(*shape)
    model = Model(x, Linear(128)(Flatten()(x)), device="meta")
    assert model.parameter_count == expected
    assert sum(parameter.numel() for parameter in model.parameters()) == expected


def test_a_model_on_the_meta_device_allocates_nothing() -> None:
    x = Input(3, 224, 224)
    model = Model(x, Linear(4_000_000)(Flatten()(x)), device="meta")  # 2.4 TB if it were allocated
    assert model.parameter_count == 150_528 * 4_000_000 + 4_000_000
    assert all(parameter.is_meta for parameter in model.parameters())
    assert "602,116,000,000" in model.summary()


def test_ten_billion_parameters_are_described_without_being_allocated() -> None:
    x = Input(100_000)
    model = Model(x, Linear(100_000, bias=False)(x), device="meta")  # 40 GB if it were allocated
    assert model.parameter_count == 10_000_000_000
    assert "10,000,000,000 parameters" in model.summary()
    assert "10,000,000,000 parameters" in model.draw()
    assert "nn.Linear(100000, 100000, bias=False)" in model.to_source()
    assert all(parameter.is_meta for parameter in model.parameters())


def test_vgg_16_has_the_published_parameter_count() -> None:
    x = h = Input(3, 224, 224)
    for channels, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _conv in range(count):
            h = Conv2d(channels, 3, padding=1, activation="relu")(h)
        h = MaxPool2d(2)(h)
    h = Flatten()(AdaptiveAvgPool2d(7)(h))
    for units in (4096, 4096):
        h = Dropout()(Linear(units, activation="relu")(h))
    model = Model(x, Linear(1000)(h), device="meta")
    assert model.parameter_count == 138_357_544
    assert all(parameter.is_meta for parameter in model.parameters())
    lines = model.summary().splitlines()
    assert "212 x 212" in next(line for line in lines if line.startswith("max_pool2d_5"))
    assert lines[-1].startswith("138,357,544 parameters, 30.9 GFLOPs")
    assert model.draw().count("<rect") == len(model.nodes)


def test_a_chain_computes_what_a_sequential_with_the_same_weights_computes() -> None:
    model = build_course_network()
    plain = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip
    copy_weights(model, plain)
    images = torch.rand(5, 1, 28, 28)
    assert torch.equal(model(images), plain(images))


def test_the_same_seed_gives_the_same_weights() -> None:
    torch.manual_seed(3)
    first = build_course_network().state_dict()
    torch.manual_seed(3)
    second = build_course_network().state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_dotted_names_become_nested_submodules() -> None:
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
def test_names_of_a_module_attribute_are_refused(name: str) -> None:
    x = Input(4)
    with pytest.raises(GraphError, match="another name"):
        Model(x, Linear(2, name=name)(x))


def test_a_shared_layer_has_one_set_of_weights() -> None:
    a, b = Input(6, name="left"), Input(6, name="right")
    tower = Linear(4, name="tower")
    model = Model((a, b), tower(a) * tower(b))
    assert list(model.state_dict()) == ["tower.weight", "tower.bias"] and model.parameter_count == 28
    left, right = torch.rand(3, 6), torch.rand(3, 6)
    weight, bias = model.state_dict().values()
    torch.testing.assert_close(model(left, right), (left @ weight.T + bias) * (right @ weight.T + bias))


def test_inputs_and_outputs_have_the_order_in_which_they_are_passed() -> None:
    a, b = Input(3, name="three"), Input(5, name="five")
    model = Model((b, a), (Linear(2)(a), Linear(4)(b)))
    assert model.input_names == ("five", "three") and model.output_names == ("linear_1", "linear_2")
    assert model.input_shapes == ((5,), (3,)) and model.output_shapes == ((2,), (4,))
    two, four = model(torch.rand(7, 5), torch.rand(7, 3))
    assert two.shape == (7, 2) and four.shape == (7, 4)


def test_a_sequence_of_outputs_returns_a_tuple_even_for_one() -> None:
    x = Input(3)
    y = Linear(2)(x)
    assert isinstance(Model(x, [y])(torch.rand(7, 3)), tuple) and Model(x, [y]).returns_tuple
    assert isinstance(Model(x, y)(torch.rand(7, 3)), torch.Tensor) and not Model(x, y).returns_tuple


def test_inputs_and_inner_nodes_can_be_outputs() -> None:
    x = Input(3)
    h = Linear(2, activation="relu")(x)
    values = Model(x, (x, h, Linear(1)(h)))(torch.rand(4, 3))
    assert [value.shape[1] for value in values] == [3, 2, 1]


@pytest.mark.usefixtures("unchecked")
def test_wrong_inputs_and_outputs_are_refused() -> None:
    x = Input(3)
    y = Linear(2)(x)
    for inputs, outputs in ((torch.rand(2), y), ((), y), (x, [y, "y"])):
        with pytest.raises(GraphError, match="Model takes the network's inputs and outputs"):
            Model(inputs, outputs)
    with pytest.raises(GraphError, match=r"got 2 inputs\.\nexpected 1: input_1"):
        Model(x, y)(torch.rand(2, 3), torch.rand(2, 3))


def test_activations_are_the_outputs_of_nodes_after_their_activation() -> None:
    model = build_course_network()
    images = torch.rand(2, 1, 28, 28)
    outputs = model.activations(images, ["conv2d_1", "max_pool2d_1", "linear_2"])
    expected = torch.relu(model.get_submodule("conv2d_1")(images))
    assert torch.equal(outputs["conv2d_1"], expected)
    assert torch.equal(outputs["max_pool2d_1"], nn.functional.max_pool2d(expected, 2))
    assert torch.equal(model.activations(images, "linear_2"), model(images))
    with pytest.raises(GraphError, match="Did you mean conv2d_1"):
        model.activations(images, "conv2d1")


def test_activations_compute_only_the_nodes_that_are_needed() -> None:
    model = build_course_network()
    calls: list[str] = []
    for name, module in model.named_children():
        module.register_forward_hook(lambda *_ignored, name=name: calls.append(name))
    model.activations(torch.rand(1, 1, 28, 28), "max_pool2d_1")
    assert calls == ["conv2d_1", "max_pool2d_1"]


def test_a_replaced_submodule_is_executed() -> None:
    model = build_course_network()
    model.linear_2 = nn.Linear(128, 3)
    assert model(torch.rand(2, 1, 28, 28)).shape == (2, 3)


def test_copies_and_pickles_are_independent_and_load_a_state_dict() -> None:
    model = build_course_network()
    images = torch.rand(2, 1, 28, 28)
    expected = model(images)
    copied = copy.deepcopy(model)
    assert torch.equal(pickle.loads(pickle.dumps(model))(images), expected)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    assert torch.equal(copied(images), expected)
    new = build_course_network()
    new.load_state_dict(copied.state_dict())
    assert torch.equal(new(images), expected)


def test_a_deep_network_is_copied_without_deep_recursion() -> None:
    x = h = Input(2)
    for _layer in range(600):
        h = Activation("tanh")(h)
    model = Model(x, h)
    assert torch.equal(copy.deepcopy(model)(torch.ones(1, 2)), model(torch.ones(1, 2)))
    pickle.dumps(model)


def test_flops_equal_those_of_torch_and_those_computed_by_hand() -> None:
    model = build_course_network()
    assert model.flops == count_flops_with_torch(model)
    # 26 x 26 positions x 3 x 3 x 1 x 32 multiply-adds; 11 x 11 x 3 x 3 x 32 x 64; 1600 x 128; 128 x 10; twice each.
    assert [node.flops for node in model.nodes if node.flops] == [389_376, 4_460_544, 409_600, 2_560]


def test_other_image_sizes_are_accepted_where_the_layers_permit() -> None:
    x = Input(3, 32, 32)
    model = Model(x, Linear(2)(GlobalAveragePool2d()(Conv2d(4, 3, stride=2, padding="same")(x))))
    assert model(torch.rand(1, 3, 17, 50)).shape == (1, 2)


def build_encoder_and_classifier() -> tuple[Model, Model, Model]:
    """Return two models over the same nodes, and one that begins like them and ends elsewhere."""
    x = Input(6)
    code = Linear(3, activation="tanh")(BatchNorm1d()(x))
    logits = Linear(4)(Dropout(0.5)(code))
    return Model(x, code), Model(x, logits), Model(x, (Linear(6)(code), logits))


def test_models_over_the_same_nodes_share_weights() -> None:
    encoder, classifier, both = build_encoder_and_classifier()
    assert encoder.linear_1 is classifier.linear_1 and encoder.batch_norm1d_1 is both.batch_norm1d_1
    assert classifier.linear_2 is both.linear_2 is not both.linear_3
    batch = torch.rand(8, 6)
    before = encoder.eval()(batch)
    optimizer = torch.optim.SGD(classifier.parameters(), 0.5)
    classifier.train()
    assert encoder.linear_1.training  # a mode belongs to the module
    nn.functional.cross_entropy(classifier(batch), torch.arange(8) % 4).backward()
    optimizer.step()
    after = encoder.eval()(batch)
    assert not torch.equal(before, after)
    torch.testing.assert_close(classifier.activations(batch, "linear_1"), after)


def test_shared_weights_stay_shared_when_a_model_is_moved_or_loaded() -> None:
    encoder, classifier, both = build_encoder_and_classifier()
    classifier.double()
    assert encoder.linear_1.weight.dtype == torch.float64 and both.linear_1.weight is classifier.linear_1.weight
    state = {name: torch.ones_like(tensor) for name, tensor in encoder.state_dict().items()}
    encoder.load_state_dict(state)
    assert torch.equal(classifier.linear_1.weight, torch.ones(3, 6, dtype=torch.float64))
    both.requires_grad_(False)
    assert not encoder.linear_1.weight.requires_grad


def test_each_model_over_shared_nodes_is_saved_alone() -> None:
    encoder, classifier, both = build_encoder_and_classifier()
    batch = torch.rand(5, 6)
    for model in (encoder, classifier, both):
        expected = model.eval()(batch)
        other = Model.from_json(model.to_json()).eval()
        other.load_state_dict(model.state_dict())
        restored = pickle.loads(pickle.dumps(model))
        for again in (other(batch), restored(batch), copy.deepcopy(model)(batch)):
            torch.testing.assert_close(again, expected, rtol=0, atol=0)
    other = Model.from_json(encoder.to_json())
    assert other.linear_1 is not encoder.linear_1  # weights of its own


def test_a_copy_shares_nothing_with_the_models_over_the_same_nodes() -> None:
    encoder, classifier, _both = build_encoder_and_classifier()
    copied = copy.deepcopy(classifier)
    nn.init.zeros_(encoder.linear_1.weight)
    assert copied.linear_1.weight.any() and not classifier.linear_1.weight.any()
    together = copy.deepcopy(nn.ModuleList([encoder, classifier]))
    assert together[0].linear_1 is together[1].linear_1 is not encoder.linear_1


def test_a_description_on_the_meta_device_shares_only_with_other_descriptions() -> None:
    x = Input(6)
    y = Linear(3)(x)
    described = Model(x, y, device="meta")
    model = Model(x, y)
    assert described.linear_1.weight.is_meta and not model.linear_1.weight.is_meta
    with torch.device("meta"):
        again = Model(x, y)
    assert again.linear_1.weight.is_meta and Model(x, y).linear_1 is model.linear_1
    assert again.linear_1 is described.linear_1


def test_nodes_that_a_block_wrote_share_weights_with_the_nodes_of_the_block() -> None:
    x, y = Input(6), Input(6)
    h = Linear(6, name="dense")(x)
    block = Model(x, h, name="block")
    whole = Model(y, block(block(y)))
    assert whole.get_submodule("block.dense") is block.dense is Model(x, h).dense
    mixed = Model((x, y), h + block(y))
    assert mixed.parameter_count == 42
    assert [node.name for node in mixed.nodes] == ["input_1", "input_2", "dense", "dense:2", "add_1"]


def test_a_second_model_creates_no_weights_and_draws_no_random_number() -> None:
    x = Input(6)
    y = Linear(3)(x)
    Model(x, y)
    state = torch.random.get_rng_state()
    Model(x, y)
    assert torch.equal(state, torch.random.get_rng_state())
