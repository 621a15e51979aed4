"""Generated shapes: noise by row, voxels above one half, and the files of one shape."""

import numpy as np
import torch
from torch import nn

from axone.settings import Settings
from axone.tasks.shapes.generate import GeneratedShape, answering, generate_solids, one_hot, sample_noise

CLASSES = 3


class Network(nn.Module):
    """Returns logits whose sign is that of the first number of the noise, except in the layer of the class."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, noise, label):
        logits = noise[:, :1, None, None].expand(-1, 4, 4, 4).clone()
        logits[:, :CLASSES] += 1000 * label[:, :, None, None]
        return self.scale * logits[:, None]


def test_a_row_of_noise_does_not_depend_on_the_number_of_rows():
    assert torch.equal(sample_noise(3, 8, 7), sample_noise(10, 8, 7)[:3])
    assert not torch.equal(sample_noise(3, 8, 7), sample_noise(3, 8, 8))


def test_one_hot_classes():
    assert one_hot(torch.tensor([2, 0]), 3).tolist() == [[0, 0, 1], [1, 0, 0]]


def test_voxels_with_positive_logits_are_full():
    noise, labels = torch.tensor([[-1.0], [1.0]]), torch.tensor([1, 0])
    solids = generate_solids(Network(), noise, labels, CLASSES)
    assert solids.shape == (2, 4, 4, 4) and solids.dtype == bool
    assert solids[1].all() and solids[0, 1].all() and not solids[0, [0, 2, 3]].any()


def test_many_solids_are_generated_in_batches_with_the_same_result():
    noise, labels = sample_noise(150, 2, 0), torch.arange(150) % CLASSES
    solids = generate_solids(Network(), noise, labels, CLASSES)
    module = answering(Network(), Settings(), {"classes": ["a", "b", "c"]})
    assert np.array_equal(solids, module(noise, labels).numpy())


def test_a_shape_is_written_as_two_meshes_and_a_drawing():
    solid = np.zeros((4, 4, 4), dtype=bool)
    solid[:2] = True
    shape = GeneratedShape(solid, "box", 1)
    assert set(shape.files()) == {".obj", ".stl", ".png"} and all(shape.files().values())
    assert shape.text() == "box, 32 of 64 voxels"
    assert shape.to_json() == {"label": "box", "voxels": 32, "size": 4, "connected": True}
    assert shape.preview().shape[2] == 3


def test_a_shape_of_two_parts_is_not_connected():
    solid = np.zeros((4, 4, 4), dtype=bool)
    solid[0, 0, 0] = solid[3, 3, 3] = True
    assert GeneratedShape(solid).to_json()["connected"] is False
