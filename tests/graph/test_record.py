"""The flat list of nodes: names, order, shared weights, and errors of inputs and names."""

import pytest

from axone.graph import Conv2d, GraphError, Input, Linear, Model
from axone.graph.record import NodeRecord, find_ancestors, record_nodes


def test_nodes_are_listed_in_the_order_of_writing_with_their_facts() -> None:
    x = Input(1, 6, 6)
    conv = Conv2d(8, 3, name="conv")
    records, names = record_nodes((x,), (y := conv(x),))
    assert names == {x: "input_1", y: "conv"}
    assert records == [
        NodeRecord("input_1", x.layer, (), (1, 6, 6), 0, 0),
        NodeRecord("conv", conv, ("input_1",), (8, 4, 4), 80, 2 * 4 * 4 * 9 * 8),
    ]
    assert [record.kind for record in records] == ["Input", "Conv2d"]


def test_unnamed_layers_are_numbered_by_kind_and_skip_taken_names() -> None:
    x = Input(4)
    y = Linear(4)(Linear(4, name="linear_1")(Linear(4)(x)))
    records, _names = record_nodes((x,), (y,))
    assert [record.name for record in records] == ["input_1", "linear_2", "linear_1", "linear_3"]


def test_a_shared_layer_counts_its_parameters_once() -> None:
    a, b = Input(6, name="left"), Input(6, name="right")
    tower = Linear(4, name="tower")
    records, _names = record_nodes((a, b), (tower(a) * tower(b),))
    assert [record.name for record in records] == ["left", "right", "tower", "tower:2", "multiply_1"]
    assert [record.parameters for record in records] == [0, 0, 28, 0, 0]
    assert [record.shared for record in records] == [None, None, None, "tower", None]
    assert records[3].module == "tower" and records[3].weights == 28


def test_ancestors_include_the_outputs() -> None:
    x, unused = Input(3), Input(3)
    h = Linear(2)(x)
    y = Linear(1)(h)
    assert find_ancestors([y]) == {x, h, y} and unused not in find_ancestors([y])


@pytest.mark.usefixtures("unchecked")
def test_wrong_inputs_are_refused() -> None:
    a, b = Input(3), Input(3)
    y = Linear(2)(a)
    for inputs, outputs, message in (
        ((b,), (y,), "depends on .* which is not an input of the model"),
        ((a, b), (y,), "no output uses"),
        ((a, a), (y,), "appears twice among the inputs"),
        ((a, y), (Linear(1)(y),), r"begins with Input\(...\), not with Linear\(2\).\nWrite Input\(2,\) there"),
    ):
        with pytest.raises(GraphError, match=message):
            record_nodes(inputs, outputs)


def test_names_that_clash_are_refused() -> None:
    x = Input(4)
    with pytest.raises(GraphError, match=r'Two layers are named "a": Linear\(2\) and Linear\(3\)'):
        record_nodes((x,), (Linear(3, name="a")(Linear(2, name="a")(x)),))
    with pytest.raises(GraphError, match=r'"head" is a layer and cannot also contain "head\.out"'):
        record_nodes((x,), (Linear(2, name="head.out")(Linear(2, name="head")(x)),))


def test_names_restart_in_each_model() -> None:
    def build() -> Model:
        x = Input(4)
        return Model(x, Linear(2)(Linear(3)(x)))

    keys = ["linear_1.weight", "linear_1.bias", "linear_2.weight", "linear_2.bias"]
    assert list(build().state_dict()) == keys == list(build().state_dict())
