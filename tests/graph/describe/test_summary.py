"""The summary table: columns, shared weights, totals, and short numbers."""

from axone.graph import Conv2d, Flatten, Input, Linear, MaxPool2d, Model
from axone.graph.describe.summary import format_before_unit, format_shape, format_short


def test_the_table_has_a_line_per_node_and_totals() -> None:
    x = Input(1, 6, 6)
    conv = Conv2d(8, 3, activation="relu", name="conv")
    twice = Conv2d(8, 1)
    model = Model(x, Linear(10)(Flatten()(MaxPool2d(2, name="pool")(twice(twice(conv(x)))))))
    assert model.summary().splitlines() == [
        "name        layer                            output shape  parameters   FLOPs  receptive field  from",
        "----------------------------------------------------------------------------------------------------------",
        "input_1     Input(1, 6, 6)                   1 x 6 x 6              0       0",
        "conv        Conv2d(8, 3, activation='relu')  8 x 4 x 4             80   2.3 k  3 x 3            input_1",
        "conv2d_1    Conv2d(8, 1)                     8 x 4 x 4             72  2.05 k  3 x 3            conv",
        "conv2d_1:2  Conv2d(8, 1)                     8 x 4 x 4         shared  2.05 k  3 x 3            conv2d_1",
        "pool        MaxPool2d(2)                     8 x 2 x 2              0       0  4 x 4            conv2d_1:2",
        "flatten_1   Flatten()                        32                     0       0                   pool",
        "linear_1    Linear(10)                       10                   330     640                   flatten_1",
        "----------------------------------------------------------------------------------------------------------",
        "482 parameters, 7.04 kFLOPs per example",
    ]


def test_networks_without_windows_have_no_column_for_receptive_fields() -> None:
    x = Input(4)
    assert Model(x, Linear(2)(x)).summary().splitlines()[0].split() == [
        "name", "layer", "output", "shape", "parameters", "FLOPs", "from",
    ]  # fmt: skip


def test_numbers_have_three_digits_and_a_prefix() -> None:
    assert [format_short(number) for number in (0, 7, 999, 999.7, 1_260, 100_480, 19_267_712, 4e18)] == [
        "0", "7", "999", "1 k", "1.26 k", "100 k", "19.3 M", "4e+03 P",
    ]  # fmt: skip


def test_a_unit_follows_the_prefix_directly() -> None:
    assert [format_before_unit(number) + "FLOPs" for number in (12, 1_260)] == ["12 FLOPs", "1.26 kFLOPs"]


def test_shapes_are_written_with_crosses() -> None:
    assert format_shape((3, 32, 32)) == "3 x 32 x 32" and format_shape(()) == "()"
