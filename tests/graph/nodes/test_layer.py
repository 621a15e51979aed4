"""The base class of layers: calls on nodes, and the checks of input shapes that layers share."""

import pytest

from axone.graph import Concatenate, Conv1d, Conv2d, Conv3d, GraphError, Input, InstanceNorm2d, MaxPool2d, Permute


def test_nodes_are_passed_one_by_one_or_as_a_list() -> None:
    a, b = Input(4, 8, 8), Input(3, 8, 8)
    assert Concatenate()(a, b).inputs == Concatenate()([a, b]).inputs == (a, b)


def test_expand_repeats_a_number_for_each_spatial_dimension() -> None:
    assert Conv1d(2, 3).expand(3) == ((3,),)
    assert Conv2d(2, 3).expand(3, (1, 2)) == ((3, 3), (1, 2))
    assert Conv3d(2, 3).expand(3) == ((3, 3, 3),)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (
            lambda: Conv2d(8, 3)(Input(28, 28)),
            r"got \(28, 28\).\nexpected \(channels, height, width\)\nUse Conv1d",
        ),
        (lambda: Conv2d(8, 3)(Input(28, 28)), r"Put Reshape\(\(1, 28, 28\)\) before it where the channels are missing"),
        (lambda: Conv3d(8, 3)(Input(3, 9, 9)), r"channels, depth, height, width\)\nUse Conv2d here"),
        (lambda: MaxPool2d(2)(Input(9)), r"Put Reshape\(\(channels, height, width\)\) before it"),
        (lambda: InstanceNorm2d()(Input(3, 4, 5, 6)), r"expected \(channels, height, width\)$"),
        (lambda: Permute((2, 1))(Input(3, 4, 5)), "expected 2 dimensions"),
    ],
)
def test_inputs_of_a_wrong_rank_are_refused_with_a_suggestion(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write()
