"""States between batches: exact resuming in the middle of a document, evaluations, rollbacks, shards."""

import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from axone.engine.carried_state import CarriedState
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.loop import fit
from axone.engine.optimization.optimizer import Optimizer
from axone.engine.recorder import MemoryRecorder
from axone.errors import SettingsError, Stopped
from axone.graph import LSTM, Embedding, Input, Linear, Model
from axone.runs import checkpoints
from axone.settings import Settings
from tests.helpers.runs.stop_at import StopAt

SYMBOLS, ROWS, STEPS, BATCHES = 5, 3, 4, 7


class Documents:
    """Windows of ROWS long documents: row k of a batch continues row k of the batch before it."""

    def __init__(self, seed=0, windows=BATCHES):
        generator = torch.Generator().manual_seed(seed)
        self.windows, self.samples = windows, ROWS * windows
        self.text = torch.randint(SYMBOLS, (ROWS, STEPS * windows + 1), generator=generator)

    def __len__(self):
        return self.windows

    def batches(self, epoch, start=0):
        for number in range(start, self.windows):
            yield self.text[:, number * STEPS : (number + 1) * STEPS + 1]

    def to(self, device):
        return self

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        assert state == {}


def build_network():
    text, hidden, cell = Input(STEPS, dtype="int64"), Input(2, 6), Input(2, 6)
    output, state = LSTM(6, 2, dropout=0.2, weight_dropout=0.1)(Embedding(SYMBOLS, 4)(text), state=(hidden, cell))
    return Model((text, hidden, cell), (Linear(SYMBOLS)(output), *state))


class Writer(Learner):
    def __init__(self, settings, damaged=None):
        self.network = build_network()
        self.optimizer = Optimizer(self.network, settings)
        self.carried = CarriedState((2, 6), (2, 6))
        self.damaged, self.steps = damaged, 0
        self.seen = []

    def compute_loss(self, batch):
        state = self.carried.read(len(batch))
        self.seen.append(state[0].abs().sum().item())
        logits, *state = self.network(batch[:, :-1], *state)
        self.carried.keep(state)
        return cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())

    def train_step(self, batch):
        loss = self.compute_loss(batch)
        self.optimizer.step(loss)
        self.steps += 1
        if self.damaged == self.steps:
            torch.nn.init.constant_(self.network.linear_1.bias, math.nan)
        return {"loss": loss.detach()}

    def eval_step(self, batch):
        return {"loss": self.compute_loss(batch)}


def build(settings, windows=BATCHES, **options):
    torch.manual_seed(settings.seed)
    return Experiment(Writer(settings, **options), Documents(0, windows), validation=Documents(1))


def test_a_state_is_zero_then_what_was_kept_then_zero():
    carried = CarriedState((2, 3), (4,))
    assert [tuple(part.shape) for part in carried.read(5)] == [(5, 2, 3), (5, 4)]
    state = [torch.ones(5, 2, 3, requires_grad=True), torch.ones(5, 4)]
    carried.keep(state)
    hidden, _other = carried.read(5)
    assert torch.equal(hidden, state[0]) and not hidden.requires_grad
    carried.reset(torch.tensor([True, False, False, False, True]))
    assert carried.read(5)[0].sum((1, 2)).tolist() == [0, 6, 6, 6, 0] and carried.read(5)[1].sum() == 12
    carried.reset()
    assert not carried.read(2)[0].any()


def test_other_shapes_are_refused():
    carried = CarriedState((3,))
    with pytest.raises(ValueError, match=r"expected a state with parts of shape \(\(3,\),\), not \(\(4,\),\)"):
        carried.keep([torch.ones(2, 4)])
    carried.keep([torch.ones(2, 3)])
    with pytest.raises(ValueError, match="the batch has 3 sequences, and the state of the batch before has 2"):
        carried.read(3)


def test_training_and_evaluation_begin_with_zeros_and_do_not_see_each_other():
    settings = Settings(epochs=2)
    experiment = build(settings)
    fit(experiment, settings, MemoryRecorder())
    seen = experiment.learner.seen
    starts = [number for number, total in enumerate(seen) if total == 0]
    assert len(seen) == 4 * BATCHES and starts == [0, BATCHES, 2 * BATCHES, 3 * BATCHES]


def test_an_evaluation_in_the_middle_leaves_the_state_of_the_training():
    learner = Writer(Settings())
    batch = Documents().text[:, :5]
    learner.compute_loss(batch)
    before = learner.carried.read(ROWS)
    with learner.checking():
        learner.eval_step(batch[:2])
    assert all(torch.equal(one, other) for one, other in zip(before, learner.carried.read(ROWS), strict=True))


@pytest.mark.parametrize("steps", [1, 3, 6, 7, 10, 17])
def test_a_run_stopped_in_the_middle_of_a_document_resumes_to_the_bit(steps):
    settings = Settings(epochs=3, learning_rate=0.01, ema=0.9, schedule="cosine")
    whole, parts = MemoryRecorder(), MemoryRecorder()
    outcome = fit(build(settings), settings, whole)
    with pytest.raises(Stopped):
        fit(build(settings), settings, parts, stop=StopAt(steps))
    resumed = fit(build(settings), settings, parts, resume=True)
    expected, actual = whole.checkpoints["last"][0], parts.checkpoints["last"][0]
    assert all(torch.equal(expected[name], actual[name]) for name in expected)
    for one, other in zip(outcome.progress.history, resumed.progress.history, strict=True):
        assert one["train"] == other["train"] and one["validation"] == other["validation"]


def test_without_the_state_a_resumed_run_would_differ():
    settings = Settings(epochs=1, learning_rate=0.01)
    whole, parts = MemoryRecorder(), MemoryRecorder()
    fit(build(settings), settings, whole)
    with pytest.raises(Stopped):
        fit(build(settings), settings, parts, stop=StopAt(3))
    assert parts.checkpoints["last"][1]["learner"]["carried"].keys() == {"0", "1"}
    parts.checkpoints["last"][1]["learner"]["carried"] = {}
    fit(build(settings), settings, parts, resume=True)
    expected, actual = whole.checkpoints["last"][0], parts.checkpoints["last"][0]
    assert any(not torch.equal(expected[name], actual[name]) for name in expected)


def test_a_sequence_whose_state_is_not_finite_begins_again():
    carried = CarriedState((2,), (1,))
    carried.keep([torch.tensor([[1.0, 2.0], [math.nan, 3.0], [4.0, 5.0]]), torch.tensor([[1.0], [1.0], [math.inf]])])
    hidden, cell = carried.read(3)
    assert hidden.tolist() == [[1, 2], [0, 0], [0, 0]] and cell.tolist() == [[1], [0], [0]]


def test_a_rollback_returns_to_the_state_of_the_checkpoint():
    settings = Settings(epochs=1, save_every=4)
    recorder, experiment = MemoryRecorder(), build(settings, windows=16, damaged=6)
    fit(experiment, settings, recorder)
    (event,) = [event for event in recorder.events if event["kind"] == "rollback"]
    seen = experiment.learner.seen
    assert event["to_step"] == 4 and seen[4] != 0 and seen[4] in seen[6:]


def test_shards_are_refused():
    settings = Settings(epochs=1, shards=2)
    with pytest.raises(SettingsError, match="carried from batch to batch"):
        fit(build(settings), settings, MemoryRecorder())


def test_a_state_is_the_same_in_a_checkpoint_on_disk(tmp_path):
    before, empty, after = (CarriedState((2, 6), (2, 6)) for _copy in range(3))
    before.keep([torch.randn(ROWS, 2, 6), torch.randn(ROWS, 2, 6)])
    checkpoints.save(tmp_path, "last", weights={}, state=[before.state_dict(), empty.state_dict()])
    stored, stored_empty = checkpoints.load(tmp_path, "last").state
    after.load_state_dict(stored)
    for one, other in zip(before.read(ROWS), after.read(ROWS), strict=True):
        assert one.dtype == other.dtype and torch.equal(one, other)
    after.load_state_dict(stored_empty)
    assert not after.read(2)[0].any()
