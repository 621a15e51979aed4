import numpy as np
import pytest
import torch

from axone.data.images.in_memory.layout import is_batch, move_channels_last, to_array
from axone.errors import DataError

GRAY, COLOR = [1, 28, 28], [3, 28, 28]


@pytest.mark.parametrize(
    ("shape", "moved"),
    [
        ((9, 8, 3), (9, 8, 3)),
        ((3, 9, 8), (9, 8, 3)),
        ((1, 9, 8), (9, 8, 1)),
        ((4, 8, 3), (4, 8, 3)),
        ((5, 3, 9, 8), (5, 9, 8, 3)),
        ((3, 9, 8, 3), (3, 9, 8, 3)),
        ((5, 9, 8, 2), (5, 9, 8, 2)),
    ],
)
def test_the_axis_of_the_channels_is_recognized_by_its_length(shape, moved):
    array = np.arange(np.prod(shape)).reshape(shape)
    result = move_channels_last(array)
    assert result.shape == moved
    assert np.array_equal(result, array if moved == shape else np.moveaxis(array, -3, -1))


@pytest.mark.parametrize("shape", [(3, 3, 3), (5, 3, 28, 3), (1, 28, 3), (3, 28, 1)])
def test_both_readings_are_an_error_that_says_what_to_do(shape):
    with pytest.raises(DataError, match=r"channels.*or.*channels") as caught:
        move_channels_last(np.zeros(shape))
    assert "PIL.Image.fromarray" in str(caught.value.hint)


def test_the_images_that_a_network_takes_decide():
    assert move_channels_last(np.zeros((3, 28, 1)), [3, 28, 1]).shape == (28, 1, 3)
    assert move_channels_last(np.zeros((3, 28, 1)), [1, 3, 28]).shape == (3, 28, 1)
    assert move_channels_last(np.zeros((1, 8, 3)), GRAY).shape == (8, 3, 1)


@pytest.mark.parametrize("shape", [(5, 6, 7), (4, 6, 7), (2, 5, 6, 7)])
def test_without_an_axis_of_channels_it_is_no_image(shape):
    with pytest.raises(DataError, match="not an image"):
        move_channels_last(np.zeros(shape))


@pytest.mark.parametrize(
    ("shape", "expected", "batch", "batch_of_tensors", "batch_in_list"),
    [
        ((28, 28), GRAY, False, False, False),
        ((5, 28, 28, 1), GRAY, True, True, True),
        ((28, 28, 3), COLOR, False, False, False),
        ((3, 28, 28), COLOR, False, False, False),
        ((3, 28, 28), GRAY, True, True, False),
        ((1, 28, 28), GRAY, True, False, False),
        ((9, 28, 28), GRAY, True, True, True),
        ((9, 28, 28), None, True, True, True),
    ],
)
def test_one_image_or_several(shape, expected, batch, batch_of_tensors, batch_in_list):
    assert is_batch(np.zeros(shape), expected) is batch
    assert is_batch(torch.zeros(shape), expected) is batch_of_tensors
    assert is_batch(np.zeros(shape), expected, in_list=True) is batch_in_list


def test_tensors_of_every_kind_become_arrays():
    for kind in (torch.uint8, torch.int64, torch.float16, torch.bfloat16, torch.float64):
        assert to_array(torch.ones(2, 2, dtype=kind)).tolist() == [[1, 1], [1, 1]]
    assert to_array(torch.ones(2, requires_grad=True)).tolist() == [1, 1]
    assert to_array([[True, False]]).tolist() == [[255, 0]]


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (np.array([{}], object), "object"),
        ([[1], [1, 2]], "object"),
        (np.array(["a"]), "not an image"),
        (np.ones(3, complex), "complex"),
        (np.zeros((0, 8, 8)), "empty"),
        (np.array([1.0, np.nan, np.inf]), "2 of the 3 values"),
    ],
)
def test_what_is_not_numbers_is_refused(values, what):
    with pytest.raises(DataError, match=what):
        to_array(values)
