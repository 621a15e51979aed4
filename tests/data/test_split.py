import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from axone.data.split import stratified_split


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 4), min_size=0, max_size=80),
    st.floats(0, 0.95),
    st.integers(0, 2**63 - 1),
)
def test_every_sample_is_on_one_side_and_every_class_on_both_where_it_can_be(labels, share, seed):
    labels = torch.tensor(labels, dtype=torch.int64)
    training, held_out = stratified_split(labels, share, seed)
    assert sorted(training.tolist() + held_out.tolist()) == list(range(len(labels)))
    assert training.tolist() == sorted(training.tolist()) and held_out.tolist() == sorted(held_out.tolist())
    for label in set(labels.tolist()):
        count, out = int((labels == label).sum()), int((labels[held_out] == label).sum())
        assert out < count
        if share == 0 or count == 1:
            assert out == 0
        else:
            assert out >= 1
            assert out == min(max(round(count * share), 1), count - 1)


def test_depends_on_the_seed_and_repeats():
    labels = torch.arange(1000) % 10
    assert torch.equal(stratified_split(labels, 0.2, 1)[1], stratified_split(labels, 0.2, 1)[1])
    assert not torch.equal(stratified_split(labels, 0.2, 1)[1], stratified_split(labels, 0.2, 2)[1])


def test_another_class_does_not_change_the_split_of_the_others():
    labels = torch.tensor([0, 1] * 50)
    more = torch.cat([labels, torch.full((30,), 2)])
    held_out = stratified_split(more, 0.2, 5)[1]
    assert torch.equal(held_out[held_out < 100], stratified_split(labels, 0.2, 5)[1])


@pytest.mark.parametrize("share", [-0.1, 1.0, 1.5])
def test_refuses_an_impossible_share(share):
    with pytest.raises(ValueError, match="fraction"):
        stratified_split(torch.zeros(3, dtype=torch.int64), share, 0)
