"""What every learner of a game does: it says what is wrong with self-play, and counts measurements as one."""

import torch

from axone.engine.learner import TrainingContext
from tests.helpers.self_play import tiny_experiment


def test_a_failure_of_self_play_is_said_at_the_end_of_an_epoch():
    learner, said = tiny_experiment(batches=2).learner, []
    learner.context = TrainingContext(torch.device("cpu"), torch.float32, 4, log_text=said.append)
    for _batch in range(4):
        learner.monitor_self_play({"repeated_games": torch.tensor(0.9)})
    assert len(said) == 1 and "Games repeat: 90" in said[0]


def test_its_state_has_the_ruler_and_the_monitor():
    learner, other = tiny_experiment().learner, tiny_experiment(seed=1).learner
    for one in (learner, other):
        one.prepare(TrainingContext(torch.device("cpu"), torch.float32, 4))
    learner.monitor_self_play({"repeated_games": torch.tensor(0.9)})
    other.load_state_dict(learner.state_dict())
    assert other.monitor.state_dict() == learner.monitor.state_dict() and other.monitor.batches == 1
    assert other.ruler.state_dict() == learner.ruler.state_dict()
    assert learner.size("solved") == 1 and learner.size((torch.zeros(5),)) == 5
