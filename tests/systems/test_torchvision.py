"""The same outputs as torchvision's networks with the same weights: a check for machines that have torchvision.

torchvision's builds want the very build of torch with which they were made, so the project does not depend on it, and
these tests run with `make check-long` only, and only where `import torchvision` works. The recipe:

    python -m venv /tmp/tv && /tmp/tv/bin/pip install torch==2.13.0 torchvision==0.28.0 \\
        --index-url https://download.pytorch.org/whl/cpu
    /tmp/tv/bin/pip install -c constraints.txt -e '.[develop]'
    /tmp/tv/bin/python -m pytest -m long tests/systems/test_torchvision.py

Where only the wheel of PyPI (built for CUDA) can be had, its Python part will do, for these networks need none of its
compiled operators: unpack it without its dependencies into a folder, and name the folder in AXONE_TORCHVISION. Its
operators are then declared without code.
"""

import os
import sys

import pytest
import torch

import axone
from tests.helpers.networks.architectures import build_published
from tests.systems.test_published import NAMES, PARAMETERS, names_sha256

pytestmark = pytest.mark.long

OURS = [key for key in PARAMETERS if key != ("mobilenet", "v1")]


@pytest.fixture(scope="module")
def models():
    folder = os.environ.get("AXONE_TORCHVISION")
    if folder:
        sys.path.insert(0, folder)
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor boxes, Tensor scores, float threshold) -> Tensor")
    return pytest.importorskip("torchvision.models", reason="torchvision is not installed: see the recipe above")


def theirs(models, system, variant):
    name = {
        "vgg": f"vgg{variant.replace('-', '_')}",
        "resnet": f"resnet{variant}",
        "inception": "inception_v3",
        "mobilenet": f"mobilenet_{variant.replace('-', '_')}",
    }[system]
    options = {"init_weights": False} if system in ("vgg", "inception") else {}
    return getattr(models, name)(weights=None, **options)


@pytest.mark.parametrize(("system", "variant"), OURS)
def test_names_and_shapes(models, system, variant):
    with torch.device("meta"):
        expected = theirs(models, system, variant)
    assert names_sha256(expected) == names_sha256(build_published(system, variant)) == NAMES[system, variant]


@pytest.mark.parametrize(
    ("system", "variant"),
    [("vgg", "11"), ("vgg", "11-bn"), ("resnet", "18"), ("resnet", "50"), ("inception", "v3"), ("mobilenet", "v2"),
     ("mobilenet", "v3-small"), ("mobilenet", "v3-large")],
)  # fmt: skip
def test_outputs_equal_those_of_torchvision(models, system, variant, tmp_path):
    torch.manual_seed(0)
    expected = theirs(models, system, variant)
    for name, value in expected.state_dict().items():
        if "running_var" in name:
            value.uniform_(0.5, 2.0)  # trained norms are not at their start
        elif "running_mean" in name or "bn" in name:
            value.add_(torch.randn_like(value), alpha=0.1) if value.is_floating_point() else None
    torch.save(expected.state_dict(), tmp_path / "weights.pth")
    side = 299 if system == "inception" else 224
    network = axone.network(
        system, variant=variant, input=(3, side, side), classes=1000, weights=tmp_path / "weights.pth"
    )
    images = torch.randn(2, 3, side, side)
    with torch.no_grad():
        wanted, actual = expected.eval()(images), network.eval()(images)
        scale = wanted.abs().max()
        assert torch.allclose(actual / scale, wanted / scale, atol=1e-4) and torch.allclose(actual, wanted, atol=1e-4)
        if system == "inception":  # with the auxiliary head, in training; dropout would differ
            for one in (expected, network):
                one.train()
                for module in one.modules():
                    if isinstance(module, torch.nn.Dropout | torch.nn.BatchNorm2d):
                        module.eval()
            for one, other in zip(expected(images), network(images), strict=True):
                assert torch.allclose(one, other, atol=1e-4)
