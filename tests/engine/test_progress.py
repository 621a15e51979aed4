"""The position and history of a training."""

from axone.engine.progress import TrainingProgress


def test_progress_knows_the_best():
    progress = TrainingProgress()
    for epoch, score in enumerate([[0.5], [0.7], None, [0.6]], 1):
        progress.epoch = epoch
        progress.record({"epoch": epoch}, score)
    assert (progress.best, progress.best_epoch, progress.stale) == ([0.7], 2, 2)
    assert [entry["best"] for entry in progress.history] == [True, True, False, False]
    assert TrainingProgress.from_state(progress.state_dict()) == progress


def test_the_first_epoch_is_not_the_best_without_a_score():
    progress = TrainingProgress()
    assert not progress.record({}, None)
    assert progress.best is None


def test_scores_that_do_not_compare_mark_no_epoch():
    progress = TrainingProgress()
    assert progress.record({}, [1.0], compares=False)
    assert progress.best_epoch == 1 and progress.history == [{"best": False}]


def test_scores_are_compared_number_by_number():
    progress = TrainingProgress()
    assert progress.record({}, [0.9, -0.5])
    assert progress.record({}, [0.9, -0.4])
    assert not progress.record({}, [0.8, -0.1])
