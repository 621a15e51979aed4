"""Predictions of neurons: raw values of rows, bytes of images, and what cannot be used."""

import numpy as np
import pytest
import torch

from axone.errors import DataError
from axone.settings import resolve
from axone.systems.perceptron import Settings, model
from axone.tasks.neuron.predict import answering, name_class, predict

WRITTEN = [{"name": name, "kind": "number", "notation": {}, "missing": False} for name in ("age", "weight")]
FACTS = {"input": [2], "columns": ["age", "weight"], "classes": ["child", "adult"], "mean": [30.0, 60.0],
         "std": [10.0, 20.0], "written": WRITTEN, "not_used": [], "target": "who", "missing_words": None}  # fmt: skip


def make_network(facts, settings):
    network = model(settings, facts)
    layer = network.get_submodule("sum")
    torch.manual_seed(0)
    torch.nn.init.normal_(layer.weight)
    return network


def test_rows_are_standardized_and_missing_values_replaced_by_the_mean():
    settings = resolve(Settings, {})
    network = make_network(FACTS, settings)
    rows = torch.tensor([[40.0, 60.0], [30.0, float("nan")]], dtype=torch.float64)
    answers = answering(network, settings, FACTS)(rows)
    torch.testing.assert_close(answers, network(torch.tensor([[1.0, 0.0], [0.0, 0.0]])))


def test_images_are_normalized():
    facts = {"input": [1, 4, 4], "classes": ["a", "b", "c"], "mean": [0.5], "std": [0.25]}
    settings = resolve(Settings, {})
    network = make_network(facts, settings)
    images = np.random.default_rng(0).integers(0, 256, (3, 4, 4, 1), dtype=np.uint8)
    expected = network((torch.from_numpy(images).permute(0, 3, 1, 2) / 255 - 0.5) / 0.25).softmax(1)
    answers = predict(network, settings, facts, list(images))
    for answer, probabilities in zip(answers, expected.tolist()):
        assert [answer.probabilities[name] for name in "abc"] == pytest.approx(probabilities, abs=1e-5)


def test_an_unusable_row_gets_its_error_and_the_others_an_answer():
    settings = resolve(Settings, {})
    rows = [{"age": 40, "weight": "80"}, {"age": 40}, {"age": "old", "weight": 1}, {"age": None, "weight": ""}]
    first, second, third, fourth = predict(make_network(FACTS, settings), settings, FACTS, rows)
    assert first.label in FACTS["classes"] and fourth.label in FACTS["classes"]
    assert isinstance(second, DataError) and "no column 'weight'" in str(second)
    assert isinstance(third, DataError) and "'age' is 'old'" in str(third)


def test_rows_are_read_as_in_training_whatever_their_order_and_notation():
    settings = resolve(Settings, {})
    network = make_network(FACTS, settings)
    rows = [{"weight": 70, "age": "35"}, {"age": 35.0, "weight": "70 "}, {"age": "3,5e1", "weight": "70.0"}]
    answers = predict(network, settings, FACTS, rows)
    assert answers[0] == answers[1] == answers[2]
    gaps = {**FACTS, "written": [{**fact, "missing": True} for fact in WRITTEN]}
    (lost,) = predict(network, settings, gaps, [{"age": "old", "weight": 70}])
    (missing,) = predict(network, settings, gaps, [{"weight": 70}])
    assert lost.probabilities == missing.probabilities and "'age' is 'old'" in lost.note
    (error,) = predict(network, settings, FACTS, [{"age": 35, "wieght": 70}])
    assert "Is it 'wieght'" in str(error)


def test_unbounded_answers_become_probabilities():
    answer = name_class(torch.tensor([1.25]), torch.tensor([1.25]), ["no", "yes"])
    assert (answer.label, answer.probability, answer.note) == ("yes", 1.0, "sum +1.25, answer 1.25")
    answer = name_class(torch.tensor([-0.5]), torch.tensor([-0.5]), ["no", "yes"])
    assert (answer.label, answer.probabilities) == ("no", {"no": 1.0, "yes": 0.0})


def test_several_neurons_are_ranked():
    answer = name_class(torch.zeros(3), torch.tensor([0.25, 0.5, 0.25]), ["a", "b", "c"])
    assert list(answer.probabilities) == ["b", "a", "c"] and answer.note == ""
