"""Batches of rows: each row once an epoch, in an order that depends on (seed, epoch) alone."""

import torch

from axone.data.tables.row_stream import RowStream
from axone.engine.experiment import Stream

INPUTS, TARGETS = torch.arange(20.0).reshape(10, 2), torch.arange(10) % 2


def stream(**changes):
    return RowStream(INPUTS, TARGETS, **{"batch_size": 4, "seed": 3, **changes})


def test_each_row_comes_once_an_epoch():
    rows = stream()
    assert isinstance(rows, Stream) and len(rows) == 3 and rows.samples == 10
    for epoch in (1, 2):
        batches = list(rows.batches(epoch))
        assert [len(batch.inputs) for batch in batches] == [4, 4, 2]
        index = torch.cat([batch.index for batch in batches])
        assert sorted(index.tolist()) == list(range(10))
        assert torch.equal(torch.cat([batch.inputs for batch in batches]), INPUTS[index])
        assert torch.equal(torch.cat([batch.targets for batch in batches]), TARGETS[index])


def test_the_order_is_that_of_the_seed_and_the_epoch():
    order = [torch.cat([batch.index for batch in stream(seed=seed).batches(epoch)]).tolist()
             for seed, epoch in ((3, 1), (3, 1), (3, 2), (4, 1))]  # fmt: skip
    assert order[0] == order[1] and order[0] != order[2] and order[0] != order[3]
    assert torch.cat([batch.index for batch in stream(shuffle=False).batches(5)]).tolist() == list(range(10))


def test_a_resumed_epoch_continues_at_its_batch():
    whole, rest = list(stream().batches(2)), list(stream().batches(2, start=1))
    assert [batch.index.tolist() for batch in whole[1:]] == [batch.index.tolist() for batch in rest]
    assert stream().state_dict() == {} and stream().to(torch.device("cpu")).seed == 3
