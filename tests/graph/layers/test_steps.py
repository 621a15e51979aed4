"""Layers over the steps of sequences: by hand, and with padding that must not matter."""

import pytest
import torch

from axone.graph import (
    AttentionPooling,
    GraphError,
    Input,
    MaxPooling,
    MeanPooling,
    Model,
    VariationalDropout,
    ZeroPadding,
)
from axone.graph.layers.steps import find_own_steps, pool_by_attention

BATCH = torch.tensor([[[1.0, -2.0], [3.0, -4.0], [100.0, 100.0]], [[5.0, 6.0], [7.0, 8.0], [9.0, -1.0]]])
LENGTHS = torch.tensor([2, 3])


def build(layer) -> Model:
    x, lengths = Input(3, 2), Input(dtype="int64", name="lengths")
    return Model((x, lengths), layer(x, lengths))


def test_own_steps_are_those_before_the_length() -> None:
    assert find_own_steps(3, torch.tensor([0, 2, 3])).int().tolist() == [[0, 0, 0], [1, 1, 0], [1, 1, 1]]


def test_pools_ignore_the_padding() -> None:
    assert build(MeanPooling())(BATCH, LENGTHS).tolist() == [[2.0, -3.0], [7.0, pytest.approx(13 / 3)]]
    assert build(MaxPooling())(BATCH, LENGTHS).tolist() == [[3.0, -2.0], [9.0, 8.0]]
    x = Input(3, 2)
    assert Model(x, MaxPooling()(x))(BATCH).tolist() == [[100.0, 100.0], [9.0, 8.0]]
    assert Model(x, MeanPooling()(x))(BATCH)[1].tolist() == [7.0, pytest.approx(13 / 3)]


@pytest.mark.parametrize("layer", [MeanPooling(), MaxPooling(), AttentionPooling()], ids=repr)
def test_a_sequence_without_steps_is_zero(layer) -> None:
    result = build(layer)(BATCH, torch.tensor([0, 3]))
    assert result[0].tolist() == [0.0, 0.0] and result[1].isfinite().all()


def test_attention_is_a_mean_with_the_softmax_of_the_scores() -> None:
    scores = torch.tensor([[0.0, 0.0, 50.0], [0.0, torch.log(torch.tensor(2.0)), -1e9]])
    pooled, weights = pool_by_attention(BATCH, scores, LENGTHS)
    assert weights[0].tolist() == [0.5, 0.5, 0.0]
    torch.testing.assert_close(weights[1], torch.tensor([1 / 3, 2 / 3, 0.0]))
    torch.testing.assert_close(pooled[0], torch.tensor([2.0, -3.0]))
    torch.testing.assert_close(pooled[1], torch.tensor([19 / 3, 22 / 3]))


def test_attention_returns_its_weights() -> None:
    x, lengths = Input(3, 2), Input(dtype="int64", name="lengths")
    pooled, weights = AttentionPooling(4, name="attention").with_weights(x, lengths)
    model = Model((x, lengths), (pooled, weights))
    values, shares = model(BATCH, LENGTHS)
    torch.testing.assert_close(shares.sum(1), torch.ones(2))
    assert shares[0, 2] == 0 and weights.shape == (3,)
    own = BATCH.clone()
    own[0, 2] = 0
    torch.testing.assert_close(values, torch.einsum("bs,bsf->bf", shares, own))
    assert torch.equal(model.activations((BATCH, LENGTHS), "weights_1"), shares)


def test_padding_that_is_not_finite_does_not_matter() -> None:
    batch = BATCH.clone()
    batch[0, 2] = torch.nan
    for layer in (MeanPooling(), MaxPooling(), ZeroPadding()):
        assert build(layer)(batch, LENGTHS).isfinite().all()


def test_padding_is_set_to_zero_along_the_dimension_of_the_steps() -> None:
    assert build(ZeroPadding())(BATCH, LENGTHS)[0].tolist() == [[1.0, -2.0], [3.0, -4.0], [0.0, 0.0]]
    x, lengths = Input(2, 3), Input(dtype="int64", name="lengths")
    for dim in (2, -1):
        result = Model((x, lengths), ZeroPadding(dim)(x, lengths))(BATCH.transpose(1, 2), LENGTHS)
        assert result[0].tolist() == [[1.0, 3.0, 0.0], [-2.0, -4.0, 0.0]]


def test_variational_dropout_drops_a_feature_at_all_steps() -> None:
    x = Input(5, 200)
    model = Model(x, VariationalDropout(0.25)(x))
    ones = torch.ones(3, 5, 200)
    dropped = model(ones)
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped)) and not torch.equal(dropped[0], dropped[1])
    assert dropped.unique().tolist() == [0.0, pytest.approx(4 / 3)]
    assert 0.1 < (dropped == 0).float().mean() < 0.4
    assert torch.equal(model.eval()(ones), ones)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: MeanPooling()(Input(3)), r"expected \(steps, features\)"),
        (lambda: MeanPooling()(Input(3, 2), Input(3)), "one number per example"),
        (lambda: AttentionPooling(0)(Input(3, 2)), "hidden_size cannot be 0"),
        (lambda: ZeroPadding(3)(Input(3, 2), Input(dtype="int64")), "expected dim from 1 to 2"),
        (lambda: ZeroPadding()(Input(3, 2)), "called on 1 inputs"),
        (lambda: VariationalDropout(2.0), "a number from 0 to 1"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_wrong_inputs_are_refused(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write()
