"""`axone.network`: a system's network with default and other settings, with weights, and errors."""

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import axone
from axone.errors import RunError, SettingsError, UsageError
from axone.network import network

SMALL = {"channels": (8, 8), "dense": (16,)}


def test_the_course_network_has_the_course_parameters():
    course = network("cnn")
    assert isinstance(course, nn.Module)
    assert sum(parameter.numel() for parameter in course.parameters()) == 225_034


def test_input_classes_and_settings_change_the_network():
    other = network("cnn", input=(3, 32, 32), classes=7, channels=(4,), dense=(5,))
    assert other(torch.zeros(1, 3, 32, 32)).shape == (1, 7)


def test_it_is_the_function_that_the_package_offers():
    assert axone.network is network


def test_the_same_random_state_gives_the_same_weights():
    torch.manual_seed(3)
    first = network("cnn", **SMALL).state_dict()
    torch.manual_seed(3)
    second = network("cnn", **SMALL).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_weights_of_a_file_are_loaded(tmp_path):
    weights = network("cnn", input=(1, 24, 24), classes=3, **SMALL).state_dict()
    save_file(weights, tmp_path / "weights.safetensors")
    loaded = network("cnn", input=(1, 24, 24), classes=3, weights=tmp_path / "weights.safetensors", **SMALL)
    assert all(torch.equal(value, weights[name]) for name, value in loaded.state_dict().items())


def test_weights_of_another_network_are_refused_with_names_and_shapes(tmp_path):
    save_file(network("cnn", **SMALL).state_dict(), tmp_path / "weights.safetensors")
    with pytest.raises(RunError) as caught:
        network("cnn", weights=tmp_path / "weights.safetensors")
    assert "conv2d_1.weight: (8, 1, 3, 3) / (32, 1, 3, 3)" in caught.value.what


def test_on_the_meta_device_nothing_is_allocated_or_read(tmp_path):
    large = network("cnn", device="meta", dense=(10_000_000,), weights=tmp_path / "none.safetensors")
    assert all(parameter.is_meta for parameter in large.parameters())


def test_wrong_arguments_are_errors_that_name_them(tmp_path):
    (tmp_path / "no.safetensors").write_text("no")
    for system, options, kind, message in (
        ("cn", {}, UsageError, "cn"),
        ("cnn", {"weights": tmp_path / "none.safetensors"}, RunError, "none.safetensors"),
        ("cnn", {"weights": tmp_path / "no.safetensors"}, RunError, "no.safetensors"),
        ("cnn", {"kernel": 3}, SettingsError, "kernel_size"),
        ("cnn", {"padding": "valid", "input": (1, 4, 4)}, SettingsError, "needs at least"),
    ):
        with pytest.raises(kind) as caught:
            network(system, **options)
        assert message in caught.value.what
