import numpy as np
import pandas
import pytest
import torch

from axone.data.images.in_memory.labels import encode_labels
from axone.errors import DataError


@pytest.mark.parametrize(
    ("y", "classes", "indices"),
    [
        (["dog", "cat", "dog"], ("cat", "dog"), [1, 0, 1]),
        ([10, 9, 10], ("9", "10"), [1, 0, 1]),
        (np.array([2.0, 0.0, 2.0]), ("0", "2"), [1, 0, 1]),
        ([True, False, True], ("False", "True"), [1, 0, 1]),
        (torch.tensor([[3], [1], [3]]), ("1", "3"), [1, 0, 1]),
        (pandas.Series(["b", "a", "b"], index=[7, 8, 9]), ("a", "b"), [1, 0, 1]),
        (pandas.Categorical(["b", "a", "b"]), ("a", "b"), [1, 0, 1]),
        (np.array(["x", 1, "x"], object), ("1", "x"), [1, 0, 1]),
    ],
    ids=str,
)
def test_classes_of_every_kind(y, classes, indices):
    labels, names = encode_labels(y, 3)
    assert names == classes and labels.tolist() == indices and labels.dtype == np.int64


@pytest.mark.parametrize(
    ("y", "what"),
    [
        (["a", "b"], "3 images, but y has 2"),
        (["a", None, "b"], "of image 1"),
        (["a", "", ""], "classes of 2 images"),
        ([1.0, np.nan, 2.0], "of image 1"),
        ([0.5, 1, 2], "0.5"),
        (np.eye(3), "argmax"),
        (np.zeros((3, 1, 1)), "shape"),
    ],
    ids=str,
)
def test_classes_that_cannot_be_used(y, what):
    with pytest.raises(DataError) as caught:
        encode_labels(y, 3)
    assert what in str(caught.value)
