"""The architectures against what was published: parameters to the last one, shapes on the way, torchvision's names.

No weights are allocated: the networks stand on the meta device.
"""

import hashlib

import pytest

import axone
from axone.tasks.classification.backbones import round_channels

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
}


def full(system, variant, **given):
    side = 299 if system == "inception" else 224
    return axone.network(system, variant=variant, input=(3, side, side), classes=1000, device="meta", **given)


@pytest.mark.parametrize(("system", "variant"), PARAMETERS)
def test_parameters(system, variant):
    network = full(system, variant)
    assert sum(parameter.numel() for parameter in network.parameters()) == PARAMETERS[system, variant]
    assert network.parameter_count == PARAMETERS[system, variant]
    assert all(parameter.is_meta for parameter in network.parameters())


def maps(network, *names):
    shapes = {node.name: node.shape for node in network.nodes}
    return [shapes[name] for name in names]


def test_shapes_on_the_way_of_resnet_50():
    found = maps(full("resnet", "50"), "conv1", "layer1.2.conv3", "layer2.3.conv3", "layer3.5.conv3", "layer4.2.conv3")
    assert found == [(64, 112, 112), (256, 56, 56), (512, 28, 28), (1024, 14, 14), (2048, 7, 7)]


def test_shapes_on_the_way_of_vgg_16():
    network = full("vgg", "16")
    found = maps(network, "features.2", "features.7", "features.14", "features.21", "features.28", "classifier.0")
    assert found == [(64, 224, 224), (128, 112, 112), (256, 56, 56), (512, 28, 28), (512, 14, 14), (4096,)]


def test_shapes_on_the_way_of_inception():
    network = full("inception", "v3")
    assert [node.shape for node in network.nodes if node.kind == "Concatenate"] == [
        *[(256, 35, 35), (288, 35, 35), (288, 35, 35)],
        *[(768, 17, 17)] * 5,
        *[(1280, 8, 8), (2048, 8, 8), (2048, 8, 8)],
    ]
    assert maps(network, "Conv2d_4a_3x3.conv", "AuxLogits.conv0.conv", "AuxLogits.conv1.conv") == [
        (192, 71, 71), (128, 5, 5), (768, 1, 1),
    ]  # fmt: skip
    assert network.output_shapes == ((1000,), (1000,))


def test_shapes_on_the_way_of_mobilenet():
    names = ("features.1.conv.1", "features.3.conv.2", "features.17.conv.2", "features.18.0")
    found = maps(full("mobilenet", "v2"), *names)
    assert found == [(16, 112, 112), (24, 56, 56), (320, 7, 7), (1280, 7, 7)]
    found = maps(full("mobilenet", "v3-large"), "features.4.block.2.fc1", "features.16.0", "classifier.0")
    assert found == [(24, 1, 1), (960, 7, 7), (1280,)]


def test_small_pictures_keep_their_size_longer():
    def last_map(system):
        nodes = axone.network(system, input=(1, 28, 28), device="meta").nodes
        return [node.shape[1] for node in nodes if len(node.shape) == 3][-1]

    assert {system: last_map(system) for system in ("vgg", "resnet", "inception", "mobilenet")} == {
        "vgg": 3, "resnet": 4, "inception": 4, "mobilenet": 4,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("system", "variant"), [("vgg", "16-bn"), ("resnet", "50"), ("inception", "v3"), ("mobilenet", "v1")]
)
def test_a_quarter_of_the_width_is_a_quarter_of_every_convolution_rounded(system, variant):
    whole, quarter = (
        {node.name: node.shape for node in network.nodes if node.kind == "Conv2d"}
        for network in (full(system, variant), full(system, variant, width=0.25))
    )
    assert quarter == {name: (round_channels(shape[0] / 4), *shape[1:]) for name, shape in whole.items()}


# sha256 of the names and shapes of torchvision 0.28's own networks, sorted, one a line (test_torchvision.py makes them
# again where torchvision can be imported). MobileNet v1 is not among its networks.
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
def test_parameters_and_buffers_bear_the_names_of_torchvision(system, variant):
    assert names_sha256(full(system, variant)) == NAMES[system, variant]


def names_sha256(network):
    lines = sorted(f"{name} {tuple(value.shape)}" for name, value in network.state_dict().items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
