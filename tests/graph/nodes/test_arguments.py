"""The checks of layer arguments: accepted values, and the description of what was expected otherwise."""

import numpy as np
import pytest

from axone.graph.nodes import arguments
from axone.graph.nodes.arguments import Integer, Number, OneOf, PerDimension


@pytest.mark.parametrize(
    ("check", "value", "result"),
    [
        (Integer(), 3, 3),
        (Integer(), np.int64(3), 3),
        (Integer(minimum=0), 0, 0),
        (Integer(count=2), 3, 3),
        (Integer(count=2), [3, 4], (3, 4)),
        (Number(0.0, 1.0), 1, 1.0),
        (Number(0.0, 1.0), np.float32(0.5), 0.5),
        (OneOf(("tanh", "relu")), "relu", "relu"),
        (PerDimension(0, ("same",)).for_dimensions(3), [1, 0, 2], (1, 0, 2)),
        (PerDimension(0, ("same",)).for_dimensions(3), "same", "same"),
        (PerDimension(words=(None,)).for_dimensions(1), None, None),
        (arguments.check_boolean, False, False),
        (arguments.check_activation_name, None, None),
        (arguments.check_activation_name, "leaky_relu(0.2)", "leaky_relu(0.2)"),
        (arguments.check_node_name, "layer1.0.conv1", "layer1.0.conv1"),
        (arguments.check_target_shape, [7, -1], (7, -1)),
        (arguments.check_shape, [1, 28, 28], (1, 28, 28)),
        (arguments.check_dimension_order, [2, 3, 1], (2, 3, 1)),
        (arguments.check_optional_index, None, None),
        (arguments.check_optional_index, 0, 0),
        (arguments.check_scale_factor, [2, 3], (2, 3)),
        (arguments.check_scale_factor, 2, 2),
    ],
)
def test_accepted_values_are_returned_with_lists_as_tuples(check, value, result) -> None:
    checked = check(value)
    assert checked == result and type(checked) is type(result)


@pytest.mark.parametrize(
    ("check", "value", "expected"),
    [
        (Integer(), 0, "an integer of at least 1"),
        (Integer(), True, "an integer of at least 1"),
        (Integer(), 2.0, "an integer of at least 1"),
        (Integer(), "3", "an integer of at least 1"),
        (Integer(), 2**31, "an integer of at least 1"),
        (Integer(maximum=100), 101, "an integer from 1 to 100"),
        (Integer(count=2), (3, 4, 5), "an integer of at least 1, or 2 of them"),
        (Integer(count=2), (3, 0), "an integer of at least 1, or 2 of them"),
        (Number(0.0, 1.0), 1.5, "a number from 0 to 1"),
        (Number(0.0, 1.0), float("nan"), "a number from 0 to 1"),
        (Number(0.0, 1.0), True, "a number from 0 to 1"),
        (OneOf(("tanh", "relu")), "rellu", 'one of tanh, relu; did you mean "relu"?'),
        (OneOf(("tanh", "relu")), 3, "one of tanh, relu"),
        (PerDimension(0, ("valid", "same")).for_dimensions(2), "full",
         '"valid", "same", or an integer of at least 0, or 2 of them'),
        (PerDimension().for_dimensions(1), (3,), "an integer of at least 1"),
        (PerDimension(words=(None,)).for_dimensions(2), 0, "an integer of at least 1, or 2 of them"),
        (arguments.check_boolean, 1, "True or False"),
        (arguments.check_activation_name, "relu(2)", '"relu" without a number'),
        (arguments.check_node_name, "a..b", 'letters, digits and _, in parts joined by dots, such as "layer1.0.conv1"'),
        (arguments.check_node_name, "a" * 201,
         'letters, digits and _, in parts joined by dots, such as "layer1.0.conv1"'),
        (arguments.check_target_shape, (-1, -1), "one to eight sizes, of which one may be -1"),
        (arguments.check_target_shape, (3, 0), "one to eight sizes, of which one may be -1"),
        (arguments.check_shape, (1,) * 9, "up to eight sizes, such as (1, 28, 28)"),
        (arguments.check_shape, 4, "up to eight sizes, such as (1, 28, 28)"),
        (arguments.check_optional_size, 0, "an integer of at least 1"),
        (arguments.check_dimension_order, (2, 2), "the dimensions from 1 in their new order, such as (2, 1)"),
        (arguments.check_optional_index, -1, "an integer of at least 0"),
        (arguments.check_scale_factor, (2, 0), "an integer of at least 1"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("unchecked")
def test_other_values_are_refused_with_what_was_expected(check, value, expected: str) -> None:
    with pytest.raises(ValueError) as caught:
        check(value)
    assert str(caught.value) == expected
