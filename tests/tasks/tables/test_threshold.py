"""The decision threshold: chosen on the validation set, saved with the weights, used by predictions."""

import pytest
from torch import nn

import axone
from axone.settings import resolve
from axone.systems import mlp
from axone.tasks.tables.threshold import add_threshold, threshold_chooser
from tests.helpers.data.tables import QUICK, make_passengers


@pytest.mark.parametrize("rule", ["f1", "balanced"])
def test_a_threshold_is_chosen_and_used(tmp_path, rule):
    frame = make_passengers(400).drop("fare")
    run = axone.train("mlp", data=frame, target="pays", threshold=rule, validation=0.3, runs_folder=tmp_path, **QUICK)
    threshold = float(run.model.get_buffer("threshold"))
    assert 0 < threshold < 1 and threshold != 0.5
    for answer in run.predict(frame.drop("pays").head(50)):
        assert (answer.label == "yes") == (answer.probabilities["yes"] >= threshold)
        assert next(iter(answer.probabilities)) == answer.label
    events = (run.path / "events.jsonl").read_text("utf-8").splitlines()
    assert any("used by this run" in event for event in events)


def test_only_networks_for_two_classes_have_a_threshold():
    assert float(add_threshold(nn.Linear(2, 2), {"classes": ["a", "b"]}).get_buffer("threshold")) == 0.5
    for classes in ([], ["a", "b", "c"]):
        assert list(add_threshold(nn.Linear(2, 3), {"classes": classes}).buffers()) == []


def test_no_threshold_is_chosen_without_a_rule():
    two, three = {"classes": ["a", "b"]}, {"classes": ["a", "b", "c"]}
    assert threshold_chooser(resolve(mlp.Settings, {}), two) is None
    assert threshold_chooser(resolve(mlp.Settings, {"threshold": "f1"}), three) is None
    assert threshold_chooser(resolve(mlp.Settings, {"threshold": "f1"}), two) is not None
