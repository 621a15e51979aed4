"""Further results of a layer: names, sharing, blocks, files, source and activations."""

import json

import torch

from axone.graph import GRU, LSTM, AttentionPooling, Flatten, Input, Linear, Model


def build_translator() -> Model:
    source, target, lengths = Input(6, 3, name="source"), Input(4, 3, name="target"), Input(dtype="int64", name="count")
    _output, state = LSTM(5, name="encoder")(source, lengths=lengths)
    output, (hidden, _cell) = LSTM(5, name="decoder")(target, state=state)
    return Model((source, target, lengths), (Linear(2)(output), hidden))


def example() -> tuple[torch.Tensor, ...]:
    return torch.randn(3, 6, 3), torch.randn(3, 4, 3), torch.tensor([6, 1, 4])


def test_parts_that_nothing_uses_do_not_belong_to_the_model() -> None:
    x = Input(6, 3)
    output, _state = LSTM(5)(x)
    assert [node.name for node in Model(x, output).nodes] == ["input_1", "lstm_1"]
    assert [node.kind for node in build_translator().nodes].count("Part") == 3


def test_the_first_result_is_not_needed() -> None:
    x = Input(6, 3)
    _output, (_hidden, cell) = LSTM(5)(x)
    model = Model(x, Flatten()(cell))
    batch = torch.randn(2, 6, 3)
    assert torch.equal(model(batch), model.lstm_1(batch)[2][:, 0])


def test_files_sources_and_activations_have_the_parts() -> None:
    model, inputs = build_translator().eval(), example()
    expected = model(*inputs)
    other = Model.from_json(json.loads(json.dumps(model.to_json())))
    assert other.to_json() == model.to_json() and other.summary() == model.summary()
    other.load_state_dict(model.state_dict())
    names: dict = {}
    exec(model.to_source(), names)
    plain = names["Network"]()
    plain.load_state_dict(model.state_dict())
    for one in (other.eval(), plain.eval()):
        for result, wanted in zip(one(*inputs), expected, strict=True):
            torch.testing.assert_close(result, wanted)
    assert torch.equal(model.activations(inputs, "hidden_2"), expected[1])
    assert "Part(&#x27;cell&#x27;)" in model.draw() and "cell_1" in model.summary()


def test_a_state_from_one_call_is_read_by_the_next_call_of_the_same_layer() -> None:
    x, y = Input(4, 3), Input(4, 3)
    cell = GRU(5, name="cell")
    _first, state = cell(x)
    second, last = cell(y, state=state)
    model = Model((x, y), (second, last))
    batch = torch.randn(2, 8, 3)
    whole = model.cell(batch)
    output, final = model(batch[:, :4], batch[:, 4:])
    torch.testing.assert_close(output, whole[0][:, 4:])
    torch.testing.assert_close(final, whole[1])
    assert [node.name for node in model.nodes][2:] == ["cell", "hidden_1", "cell:2", "hidden_2"]
    assert Model.from_json(model.to_json()).to_json() == model.to_json()


def test_parts_belong_to_blocks() -> None:
    x = Input(4, 3)
    pooled, weights = AttentionPooling().with_weights(LSTM(5)(x)[0])
    reader = Model(x, (pooled, weights), name="reader")
    y = Input(4, 3)
    means, shares = reader(y)
    outer = Model(y, (Linear(2)(means), shares))
    batch = torch.randn(2, 4, 3)
    assert torch.equal(outer(batch)[1], reader(batch)[1])
    assert [node.name for node in outer.nodes if node.kind == "Part"] == ["reader.weights_1"]
