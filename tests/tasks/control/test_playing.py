"""The history of a learner that plays: exploring results since the last evaluation, repetitions, checkpoints."""

import torch

from axone.tasks.control.playing import PlayingLearner


def test_exploring_results_are_those_since_the_last_evaluation():
    learner = PlayingLearner()
    learner.begin_batch(4)
    learner.note_results(torch.tensor([1.0, 2.0]))
    learner.note_results(torch.tensor([True, False]))
    assert not learner.is_evaluated
    learner.add_evaluation({"win_rate": 0.5})
    assert learner.is_evaluated
    learner.begin_batch(5)
    assert not learner.is_evaluated
    learner.add_evaluation({"win_rate": 0.75})
    assert learner.history == [
        {"batches": 5, "win_rate": 0.5, "exploring": 1.0},
        {"batches": 6, "win_rate": 0.75, "exploring": None},
    ]


def test_a_resumed_learner_continues_its_history():
    learner, other = PlayingLearner(), PlayingLearner()
    learner.begin_batch(0)
    learner.add_evaluation({})
    learner.begin_batch(1)
    learner.note_results(torch.tensor([3.0]))
    other.load_state_dict(learner.state_dict())
    for one in (learner, other):
        one.note_results(torch.tensor([5.0]))
        one.add_evaluation({})
    assert other.history == learner.history and other.history[-1]["exploring"] == 4.0
