"""Indices and slices of nodes, in every form of the network."""

import json

import pytest
import torch

from axone.graph import Conv1d, GraphError, Index, Input, Model

INDICES = {
    "[:, 0]": lambda h: h[:, 0], "[..., :2]": lambda h: h[..., :2], "[:, ::2]": lambda h: h[:, ::2],
    "[:, -1]": lambda h: h[:, -1], "[:, 1:-1, 3]": lambda h: h[:, 1:-1, 3], "[:, None]": lambda h: h[:, None],
    "[..., None]": lambda h: h[..., None], "[:, [0, -1, 0]]": lambda h: h[:, [0, -1, 0]],
    "[:, :, 1:4:2]": lambda h: h[:, :, 1:4:2], "[:, ..., 0]": lambda h: h[:, ..., 0], "[:]": lambda h: h[:],
    "[:, -3:]": lambda h: h[:, -3:], "[...]": lambda h: h[...],
}  # fmt: skip


@pytest.mark.parametrize("name", INDICES)
def test_an_index_is_that_of_a_tensor_in_every_form(name: str) -> None:
    x, batch = Input(5, 6), torch.rand(4, 5, 6)
    node = INDICES[name](x)
    expected = INDICES[name](batch)
    model = Model(x, node)
    namespace: dict = {}
    exec(model.to_source(), namespace)
    for network in (model, Model.from_json(json.loads(json.dumps(model.to_json()))), namespace["Network"]()):
        assert torch.equal(network(batch), expected)
    assert node.shape == tuple(expected.shape[1:])
    assert name.startswith(repr(node.layer)[:-1].rstrip(":")) and "index_1" in model.summary()


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (0, r"would take examples out of a batch.\nThe first dimension is the batch: write h\[:, ...\]"),
        (slice(2), "would take examples out of a batch"),
        (None, "would take examples out of a batch"),
        ((slice(None), 9), "out of bounds|out of range"),
        ((slice(None), slice(5, 9)), "no empty dimension"),
        ((slice(None), slice(None, None, -1)), r"must be at least 1.\nWrite torch.flip"),
        ((Ellipsis, 0, 0, 0), "first dimension is the batch"),
        ((Ellipsis, Ellipsis), 'more than one "..."'),
        ((slice(None), 0.5), "expected integers, slices, None"),
        ((slice(None), True), "expected integers, slices, None"),
        ((slice(None), torch.tensor([0])), "expected integers, slices, None"),
        ((slice(None), 0, 0, 0), "too many indices"),
        ((slice(None), []), "expected integers, slices, None"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("unchecked")
def test_indices_that_do_not_fit_are_refused_at_their_line(index, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        Input(5, 6)[index]


@pytest.mark.parametrize(
    "text", ["", "0:1:2:3", ":, __import__('os')", ":, 99999999999", ":, [", 3.5, ["0"], ":," * 9_000]
)
@pytest.mark.usefixtures("unchecked")
def test_texts_that_are_no_index_are_refused(text) -> None:
    with pytest.raises(GraphError, match="index cannot be"):
        Index(text)


def test_one_number_per_example_is_a_node() -> None:
    x = Input(5, 6)
    node = x[:, 0, 0]
    model = Model(x, node)
    assert node.shape == () and model(torch.rand(4, 5, 6)).shape == (4,)
    assert " ()  " in model.summary() and model.draw() and Model.from_json(model.to_json()).output_shapes == ((),)
    assert Model(x, node[:, None]).output_shapes == ((1,),)


def test_a_node_is_no_sequence() -> None:
    with pytest.raises(TypeError, match="not iterable"):
        list(Input(3, 4))


def test_receptive_fields_pass_through_slices_of_positions() -> None:
    x = Input(2, 20)
    model = Model(x, Conv1d(3, 3)(Conv1d(3, 3)(x)[:, :, ::2]))
    assert "7" in model.summary().splitlines()[-3].split("  ")[-2] or "7" in model.summary()
    assert Index(":, 0").window((5, 6)) is None and Index("..., 1:").window((5, 6)) == ()
