"""What the famous architectures share: rounding, sizes, minimums, the answers in training and in use."""

import pytest
import torch

import axone
from axone import catalogue
from axone.errors import SettingsError
from axone.graph import Flatten, Input, Linear
from axone.settings import resolve
from axone.tasks.classification.backbone_settings import BackboneSettings
from axone.tasks.classification.backbones import IMAGENET, Backbone, choose_size, round_channels
from axone.tasks.images.splits import adapt_statistics

MIN_SIDES = {"imagenet": 32, "small": 8}
# With the published stem, what torchvision says of its own networks (`weights.meta["min_size"]`).
LEAST_OF = {
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
def test_channels_are_rounded_as_in_the_mobilenet_papers(channels, rounded):
    assert round_channels(channels) == rounded


@pytest.mark.parametrize(
    ("given", "input", "small", "width"),
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
def test_stem_and_width_follow_the_pictures_unless_they_are_given(given, input, small, width):
    chosen = choose_size(BackboneSettings(**given), {"input": input}, small_width=0.25, min_sides=MIN_SIDES)
    assert (chosen.small, chosen.width) == (small, width)


@pytest.mark.parametrize("system", ["vgg", "resnet", "inception", "mobilenet"])
@pytest.mark.parametrize("stem", ["imagenet", "small"])
def test_the_least_pictures_work_and_smaller_ones_name_the_minimum(system, stem):
    module = catalogue.load(catalogue.find(system))
    least = LEAST_OF[system][stem]
    for variant in module.Settings.model_fields["variant"].annotation.__args__:
        network = axone.network(
            system, variant=variant, stem=stem, width=0.125, input=(3, least, least), classes=4, device="meta"
        )
        assert network.output_shapes[0] == (4,)
    if least == 1:
        return
    with pytest.raises(SettingsError) as refused:
        axone.network(system, stem=stem, input=(3, least + 9, least - 1), classes=4, device="meta")
    assert refused.value.exit_code == 2
    assert f"{least + 9}x{least - 1}" in refused.value.what and f"{least}x{least}" in refused.value.expected
    assert f"--image-size {least}" in refused.value.hint


@pytest.mark.parametrize("system", ["vgg", "resnet", "inception", "mobilenet"])
@pytest.mark.parametrize("channels", [1, 3, 5])
def test_any_number_of_channels_and_classes_and_any_size(system, channels):
    network = axone.network(system, input=(channels, 30, 41), classes=7, width=0.125).eval()
    assert network(torch.randn(2, channels, 30, 41)).shape == (2, 7)
    assert network(torch.randn(2, channels, 36, 28)).shape == (2, 7)  # in use, another size than in training


def test_answers_behind_the_first_are_for_training_only():
    pixels = Input(2)
    h = Linear(3, name="body.0")(pixels)
    outputs = [Linear(2, name="main")(h), Linear(2, name="side")(Flatten(name="between")(h))]
    network = Backbone(pixels, outputs, layer_groups=(("body",), ("main", "side")), head=("main",), published=None)
    x = torch.randn(5, 2)
    main, side = network(x)
    seen = []
    network.between.register_forward_hook(lambda *_: seen.append(True))
    assert torch.equal(network.eval()(x), main) and not seen  # nothing that only the side needs was computed
    assert side.shape == main.shape and torch.equal(network.train()(x)[1], side)


def test_statistics_for_other_channels_are_means():
    assert adapt_statistics(IMAGENET, 3) == IMAGENET
    mean, std = adapt_statistics(IMAGENET, 1)
    assert mean == [pytest.approx(0.449, abs=1e-6)] and std == [pytest.approx(0.226, abs=1e-6)]
    assert len(adapt_statistics(IMAGENET, 4)[0]) == 4


@pytest.mark.parametrize("system", ["vgg", "resnet", "inception", "mobilenet"])
def test_stages_hold_every_parameter_once_and_the_head_stands_last(system):
    module = catalogue.load(catalogue.find(system))
    for variant in module.Settings.model_fields["variant"].annotation.__args__:
        for side in (28, 96):
            settings = resolve(module.Settings, {"variant": variant, "width": 0.125})
            facts = {"input": [3, side, side], "classes": ["a", "b"]}
            with torch.device("meta"):
                network = module.model(settings, facts)
            prefixes = [tuple(f"{name}." for name in names) for names in network.layer_groups]
            homes = {
                name: [number for number, starts in enumerate(prefixes) if name.startswith(starts)]
                for name, _parameter in network.named_parameters()
            }
            assert all(len(home) == 1 for home in homes.values())
            numbers = [home[0] for home in homes.values()]
            assert set(numbers) == set(range(len(network.layer_groups)))
            assert all(homes[f"{layer}.weight"] == [len(network.layer_groups) - 1] for layer in network.head)
            for names in network.layer_groups:
                assert all(network.get_submodule(name) is not None for name in names)
