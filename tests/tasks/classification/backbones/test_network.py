"""What the published architectures share: rounding of channels, sizes, auxiliary heads and layer groups."""

import pytest
import torch

import axone
from axone import catalogue
from axone.errors import SettingsError
from axone.graph import Flatten, Input, Linear
from axone.settings import resolve
from axone.tasks.classification.backbones.data import IMAGENET
from axone.tasks.classification.backbones.network import Backbone
from axone.tasks.classification.backbones.settings import BackboneSettings
from axone.tasks.classification.backbones.size import choose_size, round_channels
from axone.tasks.images.splits import adapt_statistics

MIN_SIDES = {"imagenet": 32, "small": 8}
# The smallest sides; for the published stem those in torchvision's `weights.meta["min_size"]`.
SMALLEST = {
    "vgg": {"imagenet": 32, "small": 8},
    "resnet": {"imagenet": 1, "small": 1},
    "inception": {"imagenet": 75, "small": 8},
    "mobilenet": {"imagenet": 1, "small": 1},
}


@pytest.mark.parametrize(
    ("channels", "rounded"),
    # The nearest multiple of 8 to 9 or 10 is 8, less than nine tenths of them. The last three: MobileNetV2 at 0.35.
    [(1, 8), (8.8, 8), (9, 16), (10, 16), (11, 16), (12, 16), (32 * 0.35, 16), (24 * 0.35, 8), (160 * 0.35, 56)],
)
def test_channels_are_rounded_as_in_the_code_of_the_mobilenet_papers(channels, rounded):
    assert round_channels(channels) == rounded


@pytest.mark.parametrize(
    ("changes", "input", "small", "width"),
    [
        ({}, [1, 28, 28], True, 0.25),
        ({}, [3, 63, 200], True, 0.25),
        ({}, [3, 64, 64], False, 1.0),
        ({"width": 0.5}, [1, 28, 28], True, 0.5),
        ({"stem": "imagenet"}, [3, 32, 32], False, 1.0),
        ({"stem": "small"}, [3, 224, 224], True, 0.25),
        ({"weights": "imagenet"}, [3, 32, 32], False, 1.0),
    ],
)
def test_stem_and_width_depend_on_the_images_unless_they_are_set(changes, input, small, width):
    chosen = choose_size(BackboneSettings(**changes), {"input": input}, small_width=0.25, min_sides=MIN_SIDES)
    assert (chosen.small, chosen.width) == (small, width)


@pytest.mark.parametrize("system", ["vgg", "resnet", "inception", "mobilenet"])
@pytest.mark.parametrize("stem", ["imagenet", "small"])
def test_the_smallest_images_work_and_smaller_ones_are_an_error_with_the_minimum(system, stem):
    module = catalogue.load(catalogue.find(system))
    side = SMALLEST[system][stem]
    for variant in module.Settings.model_fields["variant"].annotation.__args__:
        network = axone.network(
            system, variant=variant, stem=stem, width=0.125, input=(3, side, side), classes=4, device="meta"
        )
        assert network.output_shapes[0] == (4,)
    if side == 1:
        return
    with pytest.raises(SettingsError) as refused:
        axone.network(system, stem=stem, input=(3, side + 9, side - 1), classes=4, device="meta")
    assert refused.value.exit_code == 2
    assert f"{side + 9}x{side - 1}" in refused.value.what and f"{side}x{side}" in refused.value.expected
    assert f"--image-size {side}" in refused.value.hint


@pytest.mark.parametrize("system", ["vgg", "resnet", "inception", "mobilenet"])
@pytest.mark.parametrize("channels", [1, 3, 5])
def test_any_number_of_channels_and_classes_and_any_size(system, channels):
    network = axone.network(system, input=(channels, 30, 41), classes=7, width=0.125).eval()
    assert network(torch.randn(2, channels, 30, 41)).shape == (2, 7)
    assert network(torch.randn(2, channels, 36, 28)).shape == (2, 7)  # at inference, other sizes than in training


def test_auxiliary_outputs_are_computed_in_training_only():
    image = Input(2)
    h = Linear(3, name="body.0")(image)
    outputs = [Linear(2, name="main")(h), Linear(2, name="side")(Flatten(name="between")(h))]
    network = Backbone(image, outputs, layer_groups=(("body",), ("main", "side")), head=("main",), published=None)
    x = torch.randn(5, 2)
    main, side = network(x)
    ran = []
    network.between.register_forward_hook(lambda *_: ran.append(True))
    assert torch.equal(network.eval()(x), main) and not ran  # no layer that only the auxiliary output needs ran
    assert side.shape == main.shape and torch.equal(network.train()(x)[1], side)


def test_statistics_for_another_number_of_channels_are_means():
    assert adapt_statistics(IMAGENET, 3) == IMAGENET
    mean, std = adapt_statistics(IMAGENET, 1)
    assert mean == [pytest.approx(0.449, abs=1e-6)] and std == [pytest.approx(0.226, abs=1e-6)]
    assert len(adapt_statistics(IMAGENET, 4)[0]) == 4


@pytest.mark.parametrize("system", ["vgg", "resnet", "inception", "mobilenet"])
def test_layer_groups_contain_every_parameter_once_and_the_head_is_in_the_last(system):
    module = catalogue.load(catalogue.find(system))
    for variant in module.Settings.model_fields["variant"].annotation.__args__:
        for side in (28, 96):
            settings = resolve(module.Settings, {"variant": variant, "width": 0.125})
            facts = {"input": [3, side, side], "classes": ["a", "b"]}
            with torch.device("meta"):
                network = module.model(settings, facts)
            prefixes = [tuple(f"{name}." for name in names) for names in network.layer_groups]
            groups_of = {
                name: [number for number, starts in enumerate(prefixes) if name.startswith(starts)]
                for name, _parameter in network.named_parameters()
            }
            assert all(len(groups) == 1 for groups in groups_of.values())
            numbers = [groups[0] for groups in groups_of.values()]
            assert set(numbers) == set(range(len(network.layer_groups)))
            assert all(groups_of[f"{layer}.weight"] == [len(network.layer_groups) - 1] for layer in network.head)
            for names in network.layer_groups:
                assert all(network.get_submodule(name) is not None for name in names)
