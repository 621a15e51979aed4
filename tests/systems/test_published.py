"""All published architectures: the exact number of parameters, torchvision's names, and the width multiplier."""

import hashlib

import pytest

from axone.tasks.classification.backbones.size import round_channels
from tests.helpers.networks.architectures import build_published

# With 1000 classes, for photographs of 224 x 224 (inception: 299 x 299) in three channels.
PARAMETERS = {
    ("vgg", "11"): 132_863_336,
    ("vgg", "13"): 133_047_848,
    ("vgg", "16"): 138_357_544,
    ("vgg", "19"): 143_667_240,
    ("vgg", "11-bn"): 132_868_840,
    ("vgg", "13-bn"): 133_053_736,
    ("vgg", "16-bn"): 138_365_992,
    ("vgg", "19-bn"): 143_678_248,
    ("inception", "v3"): 27_161_264,
    ("resnet", "18"): 11_689_512,
    ("resnet", "34"): 21_797_672,
    ("resnet", "50"): 25_557_032,
    ("resnet", "101"): 44_549_160,
    ("resnet", "152"): 60_192_808,
    ("mobilenet", "v1"): 4_231_976,
    ("mobilenet", "v2"): 3_504_872,
    ("mobilenet", "v3-small"): 2_542_856,
    ("mobilenet", "v3-large"): 5_483_032,
    ("mobilenet", "efficientnet-lite0"): 4_652_008,
}


@pytest.mark.parametrize(("system", "variant"), PARAMETERS)
def test_the_number_of_parameters_is_the_published_one(system, variant):
    network = build_published(system, variant)
    assert sum(parameter.numel() for parameter in network.parameters()) == PARAMETERS[system, variant]
    assert network.parameter_count == PARAMETERS[system, variant]
    assert all(parameter.is_meta for parameter in network.parameters())


@pytest.mark.parametrize(
    ("system", "variant"), [("vgg", "16-bn"), ("resnet", "50"), ("inception", "v3"), ("mobilenet", "v1")]
)
def test_a_quarter_of_the_width_is_a_quarter_of_every_convolution_rounded(system, variant):
    whole, quarter = (
        {node.name: node.shape for node in network.nodes if node.kind == "Conv2d"}
        for network in (build_published(system, variant), build_published(system, variant, width=0.25))
    )
    assert quarter == {name: (round_channels(shape[0] / 4), *shape[1:]) for name, shape in whole.items()}


# sha256 of the names and shapes of torchvision 0.28's own networks, sorted, one per line (test_torchvision.py computes
# them again where torchvision can be imported). It has neither MobileNet v1 nor EfficientNet-Lite.
NAMES = {
    ("vgg", "11"): "b11acd4f90d9643fb47e4326d0f40d1ae7ee580b0509f272826300b0996358c2",
    ("vgg", "13"): "79ca8fd7a1480aa7c17b8cdc8d302bc34640bccfe080031fa21b40f7b70edc21",
    ("vgg", "16"): "ba63c2556d912509cba94697742dd762a05c284047650150bab0c2ddc806bb59",
    ("vgg", "19"): "393fac8b08b63fbee1e3ef721e98f1710adc57be373a2067ea1af78fc5ccb504",
    ("vgg", "11-bn"): "56ed5816909a813293b13a7b24c808b5f2594f625d2f5b4ae45cac233d75a268",
    ("vgg", "13-bn"): "e4f52ce016e5e82f373b5f48665a1bbeb1a16e6ead9829c72cfed1b3d6635444",
    ("vgg", "16-bn"): "86bad13b66635552f31b1a53eaf739fc05bf6111f696e97fd006755355d50d26",
    ("vgg", "19-bn"): "faf0fdbb92f698c6862d90e64500a658c4328d5dbadfc9e24785038b3c1208a6",
    ("inception", "v3"): "4c9e13f64584de741d008cd24d3aae249cd3871df374ba3da192ffb031ba7376",
    ("resnet", "18"): "5191d63ec398959223d67ef37376f9061e6965b859fc2d4e40e23d037147a0d7",
    ("resnet", "34"): "f8de2a1812ef85e46b3f60c61589921afee0c2a6d4165e27508ad215f101671b",
    ("resnet", "50"): "a87e91cd6bd1f939e0b723852e567a7205d33b0ac984ac02dd1a5f225d37c036",
    ("resnet", "101"): "dbc3ca74fffafc728641ec2b524ccedcbae337de9d3e3cf1f0552330d07303ea",
    ("resnet", "152"): "7d486dbdc941506eeed76c4b06e6a00c943ff5aa11c0ced1b2e1b12faebd4729",
    ("mobilenet", "v2"): "e3eb10f890f74c6ee65e79c53b1a3c9ee5dd5c8d8eb4ec3185d92cbea9d47b89",
    ("mobilenet", "v3-small"): "8fee267f118ca2d792c601972a6569784230d072ae8bdc09f798603f30decf4f",
    ("mobilenet", "v3-large"): "555a3f5e3bcc126ea392ac52ab422c6a68f733ea2a9046dbf0f1b191dd1a09af",
}


@pytest.mark.parametrize(("system", "variant"), NAMES)
def test_parameters_and_buffers_have_the_names_of_torchvision(system, variant):
    assert names_sha256(build_published(system, variant)) == NAMES[system, variant]


def names_sha256(network):
    lines = sorted(f"{name} {tuple(value.shape)}" for name, value in network.state_dict().items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
