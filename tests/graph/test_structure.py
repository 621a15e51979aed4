"""Inputs and outputs as one value, a sequence or a dict, in every form of the network."""

import json

import pytest
import torch

from axone.graph import GraphError, Input, Linear, Model
from tests.graph.describe.test_source import load_network


def build_tickets() -> Model:
    title, body = Input(4, name="words"), Input(6)
    h = Linear(5, activation="relu")(title) * Linear(5)(body)
    return Model(
        {"title": title, "body": body}, {"priority": Linear(1)(h), "department": Linear(3, name="department")(h)}
    )


INPUTS = {"title": torch.rand(2, 4), "body": torch.rand(2, 6)}


def test_a_dict_of_inputs_gives_a_dict_of_outputs() -> None:
    model = build_tickets()
    outputs = model(INPUTS)
    assert list(outputs) == ["priority", "department"] and outputs["department"].shape == (2, 3)
    assert model.input_keys == ("title", "body") and model.output_keys == ("priority", "department")
    assert not model.returns_tuple
    for again in (model(**INPUTS), model({"body": INPUTS["body"], "title": INPUTS["title"]}), model(*INPUTS.values())):
        assert all(torch.equal(again[key], outputs[key]) for key in outputs)
    assert torch.equal(model.activations(INPUTS, "department"), outputs["department"])


def test_a_model_with_dicts_survives_json_and_source() -> None:
    model = build_tickets()
    data = json.loads(json.dumps(model.to_json()))
    assert data["inputs"] == {"title": "words", "body": "input_1"}
    assert data["outputs"] == {"priority": "linear_3", "department": "department"}
    outputs = model(INPUTS)
    source = model.to_source()
    assert 'words = inputs["title"]' in source and 'outputs = network({"title": torch.rand(1, 4), ' in source
    for other in (Model.from_json(data), load_network(source)):
        other.load_state_dict(model.state_dict())
        again = other(INPUTS)
        assert list(again) == list(outputs) and all(torch.equal(again[key], outputs[key]) for key in outputs)
    assert Model.from_json(data).to_json() == model.to_json()


def test_a_block_with_dicts_takes_and_returns_nodes_in_dicts() -> None:
    block = build_tickets()
    title, body = Input(4), Input(6)
    nodes = block({"title": title, "body": body})
    assert {key: node.shape for key, node in nodes.items()} == {"priority": (1,), "department": (3,)}
    model = Model((title, body), nodes["priority"])
    assert torch.equal(model(*INPUTS.values()), block(INPUTS)["priority"])


def test_a_model_with_a_sequence_is_called_with_one_or_by_the_names_of_its_nodes() -> None:
    a, b = Input(3, name="left"), Input(3)
    model = Model((a, b), a - b)
    one, two = torch.rand(2, 3), torch.rand(2, 3)
    for again in (model(one, two), model([one, two]), model((one, two)), model({"input_1": two, "left": one}),
                  model(left=one, input_1=two)):  # fmt: skip
        assert torch.equal(again, one - two)


def test_a_model_with_dicts_is_exported() -> None:
    model = build_tickets().eval()
    exported = torch.export.export(model, (INPUTS,)).module()
    torch.testing.assert_close(exported(INPUTS), model(INPUTS))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m({"titel": 1, "body": 2}), r"has no input 'titel'.\nexpected 2: title, body\nDid you mean title"),
        (lambda m: m({"title": 1}), "got no input body"),
        (lambda m: m({**INPUTS, "more": 1}), "has no input 'more'"),
        (lambda m: m(INPUTS["title"], body=INPUTS["body"]), "with and without a name"),
        (lambda m: m(INPUTS["title"]), r"got 1 inputs.\nexpected 2: title, body"),
        (lambda m: m(), "got 0 inputs"),
        (lambda m: Model({}, Input(3)), "Model takes the network's inputs and outputs, not {}"),
        (lambda m: Model({1: (x := Input(3))}, x), "Model takes"),
        (lambda m: Model(Input(3), Linear(2)), r"inputs and outputs, not Linear\(2\)"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_wrong_inputs_are_refused(call, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        call(build_tickets())
