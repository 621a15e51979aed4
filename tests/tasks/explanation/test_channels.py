"""The channels that matter most to trees: their shares, and the images drawn for them."""

import pytest
import torch

from axone.data.images.stream import ImageStream, ImageTransform
from axone.graph import Conv2d, GlobalMaxPool2d, Input, Linear, Model
from axone.tasks.explanation import channels
from axone.tasks.explanation.channels import compute_channel_shares, draw_important_channels

FACTS = {"input": [1, 4, 4], "classes": ["dark", "bright"]}


@pytest.fixture
def network():
    """Two channels, the image and its negative, and the maximum of each."""
    x = Input(1, 4, 4)
    h = GlobalMaxPool2d(name="pool")(Conv2d(2, 1, bias=False, name="maps")(x))
    model = Model(x, Linear(2)(h)).eval()
    with torch.no_grad():
        model.get_submodule("maps").weight.copy_(torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1))
    return model


def test_shares_add_the_gains_of_a_channels_features():
    shares = compute_channel_shares(torch.tensor([1.0, 2.0, 0.0, 0.0, 3.0, 4.0]), 3)
    assert shares.tolist() == pytest.approx([0.3, 0.0, 0.7])
    assert not compute_channel_shares(torch.zeros(4), 2).any()


@pytest.mark.parametrize("layer", ["pool", "maps"])
def test_the_channel_with_the_largest_gain_is_first_with_its_strongest_images(network, layer, monkeypatch):
    drawn = {}

    def keep(tiles, captions, columns):
        drawn.update(tiles=tiles, captions=captions, columns=columns)
        return draw_contact_sheet(tiles, captions, columns)

    draw_contact_sheet = channels.draw_contact_sheet
    monkeypatch.setattr(channels, "draw_contact_sheet", keep)
    pixels = torch.arange(0, 250, 25, dtype=torch.uint8)[:, None, None, None].repeat(1, 4, 4, 1)
    stream = ImageStream.from_pixels(
        pixels, (torch.arange(10) > 4).long(), batch_size=4, transform=ImageTransform((0.5,), (0.5,))
    )
    gains = torch.tensor([1.0, 3.0]) if layer == "pool" else torch.tensor([1.0] * 16 + [3.0] * 16)
    figure = draw_important_channels(network, layer, gains, stream, FACTS)
    assert figure.name == "channels" and drawn["columns"] == 8 and len(drawn["tiles"]) == 16
    title, label = drawn["captions"][0].split("\n")
    assert title.startswith("channel 1: 75") and label == "dark"  # the negative is largest where the image is black
    assert drawn["captions"][8].endswith("bright") and drawn["captions"][8].startswith("channel 0: 25")
    assert len(stream.indices) == 10  # the stream itself is not changed
