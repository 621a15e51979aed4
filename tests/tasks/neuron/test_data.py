"""Splits, scaling and notes of what a neuron is trained on."""

import polars
import pytest
import torch

from axone.data.images.stream import ImageStream
from axone.engine.context import IN_MEMORY, BuildContext
from axone.errors import DataError
from axone.settings import resolve
from axone.systems.perceptron import Settings
from axone.tasks.neuron.data import (
    column_statistics,
    is_image_source,
    read_data,
    standardize,
    stratified_order,
)


def read(context=None, show_steps=0, positive="", **changes):
    return read_data(resolve(Settings, changes), context or BuildContext(), show_steps=show_steps, positive=positive)


def test_images_are_recognized_as_such():
    assert is_image_source("fashion-mnist") and is_image_source("photos/")
    assert not is_image_source("people") and not is_image_source("iris") and not is_image_source("x.csv")
    assert not is_image_source(polars.DataFrame({"a": [1]}))


def test_training_columns_have_mean_0_and_deviation_1():
    data = read()
    assert data.train.inputs.mean(0).abs().max() < 1e-5
    assert (data.train.inputs.std(0, correction=0) - 1).abs().max() < 1e-4
    assert data.facts["samples"] == {"train": 640, "validation": 160, "test": 200}
    assert [len(stream.targets) for stream in (data.train, data.validation, data.test)] == [640, 160, 200]


def test_a_restored_run_prescribes_the_scale():
    facts = read(limit=50).facts
    again = read(BuildContext(facts=facts))
    assert again.facts["mean"] == facts["mean"] and again.facts["std"] == facts["std"]


def test_missing_values_are_replaced_by_the_mean():
    values = torch.tensor([[1.0, 5.0], [3.0, 5.0], [float("nan"), 5.0]], dtype=torch.float64)
    mean, deviation = column_statistics(values)
    assert mean.tolist() == [2.0, 5.0] and deviation.tolist() == [1.0, 1.0]  # 1 for a constant column
    assert standardize(values, mean, deviation).tolist() == [[-1.0, 0.0], [1.0, 0.0], [0.0, 0.0]]


def test_every_beginning_of_a_stratified_order_has_all_classes():
    labels = torch.tensor([0] * 60 + [1] * 30 + [2] * 10)
    order = stratified_order(labels, seed=0)
    assert sorted(order.tolist()) == list(range(100))
    for count in (10, 20, 50):
        assert (labels[order[:count]].bincount() / count - torch.tensor([0.6, 0.3, 0.1])).abs().max() <= 0.1
    assert not torch.equal(order, stratified_order(labels, seed=1))


def test_printed_steps_limit_the_training_set():
    data = read(show_steps=15, batch_size=5)
    assert data.train.samples == 15 and len(data.train) == 3
    assert "n = 15 samples, batch size 5: 3 batches an epoch; 20 epochs: 60 updates of the weights." in data.notes


def test_there_is_a_typical_example_of_each_class():
    data = read()
    assert [example.target for example in data.examples] == [0, 1]
    assert data.examples[0].name.startswith("child (age ")
    assert all(any(torch.equal(example.inputs, row) for row in data.train.inputs) for example in data.examples)


def test_notes_name_the_targets_and_the_missing_values():
    frame = polars.DataFrame({"size": [None, *range(19)], "kind": ["a", "b"] * 10})
    data = read(BuildContext(data=frame), data=IN_MEMORY, target="kind", positive="a")
    assert data.facts["classes"] == ["b", "a"]
    assert any("Targets of the neuron: b = 0, a = 1." in note for note in data.notes)
    assert any("1 missing value is replaced" in note for note in data.notes)


def test_images_are_split_and_normalized():
    data = read(data="fashion-mnist", limit=200, batch_size=0)
    assert isinstance(data.train, ImageStream) and len(data.train) == 1
    assert data.facts["task"] == "perceptron" and "columns" not in data.facts and data.examples == ()
    assert sum(data.facts["samples"][name] for name in ("train", "validation")) == 200


def test_an_unknown_name_gets_the_nearest_known_one():
    with pytest.raises(DataError, match="Did you mean 'people'"):
        read(data="peple")
