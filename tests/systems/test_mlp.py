"""The multilayer perceptron: parameter counts of the course, presets for each kind of data, networks, exports."""

from __future__ import annotations

import polars
import pytest
import torch
from PIL import Image

import axone
from axone.engine.context import IN_MEMORY, BuildContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.errors import SettingsError
from axone.settings import resolve
from axone.systems import mlp
from axone.tasks.dense.learner import DenseClassifier
from axone.tasks.tables.ensemble import Ensemble
from axone.tasks.tables.learner import TableLearner
from tests.helpers.data.tables import CATEGORY, NUMBER
from tests.helpers.runs.catalogue import check_predictions, check_resume

IMAGE_FACTS = {"input": [1, 8, 8], "classes": ["a", "b", "c"], "mean": [0.3], "std": [0.2]}


def make_settings(**changes):
    return resolve(mlp.Settings, {"threads": 1, "device": "cpu", **changes})


def make_facts(columns, classes=("a", "b", "c")):
    return {"columns": columns, "classes": list(classes), "targets": [{"name": "y", "mean": 0.0, "std": 1.0}]}


def test_the_network_of_the_course_has_the_parameters_of_the_course():
    network = axone.network("mlp", device="meta")
    assert [node.parameters for node in network.nodes if node.parameters] == [100_480, 1_290]
    first_layers = {(3, 28, 28): 301_184, (3, 224, 224): 19_267_712}
    for shape, parameters in first_layers.items():
        assert axone.network("mlp", input=shape, device="meta").nodes[2].parameters == parameters


def test_each_kind_of_data_has_its_preset():
    assert mlp.complete(make_settings(), BuildContext()).preset == "default"
    points = mlp.complete(make_settings(data="moons"), BuildContext())
    assert (points.preset, points.network, points.units) == ("points", "dense", (32, 32))
    table = mlp.complete(make_settings(data="wine"), BuildContext())
    assert (table.preset, table.network) == ("table", "ensemble")
    assert table.epochs * 178 / table.batch_size == pytest.approx(mlp.STEPS, rel=0.1)
    completed = mlp.complete(make_settings(data="wine", epochs=3, units=(5,), network="dense"), BuildContext())
    assert (completed.epochs, completed.units, completed.network) == (3, (5,), "dense")
    in_memory = BuildContext(data=polars.DataFrame({"a": [1, 2], "y": ["u", "v"]}))
    assert mlp.complete(make_settings(data=IN_MEMORY), in_memory).preset == "table"


@pytest.mark.parametrize("columns", [[NUMBER], [CATEGORY], [NUMBER, CATEGORY]])
@pytest.mark.parametrize("kind", ["dense", "ensemble"])
def test_numbers_and_categories_may_be_mixed(kind, columns):
    network = mlp.model(make_settings(network=kind, units=(8,)), make_facts(columns)).eval()
    values = {"number": torch.randn(6, 1), "category": torch.tensor([[0], [1], [2], [3], [2], [3]])}
    inputs = [values[column["kind"]] for column in columns]
    outputs = network(*inputs)
    assert outputs.shape == ((6, 3) if kind == "dense" else (6, 8, 3))
    torch.testing.assert_close(network(*(part[2:4] for part in inputs)), outputs[2:4])


@pytest.mark.parametrize("kind", ["dense", "ensemble"])
def test_embeddings_of_unseen_values_start_at_zero(kind):
    network = mlp.model(make_settings(network=kind), make_facts([CATEGORY, {**CATEGORY, "name": "x"}]))
    (table,) = [layer for layer in network.modules() if isinstance(layer, torch.nn.Embedding)]
    assert (table.weight == 0).all(1).tolist() == [True, False, False, False] * 2


def test_an_ensemble_is_for_tables():
    with pytest.raises(SettingsError, match="for tables"):
        mlp.model(make_settings(network="ensemble"), IMAGE_FACTS)


def test_images_are_trained_with_backpropagation_that_is_written_out():
    learner = mlp.build(make_settings(limit=100), BuildContext()).learner
    assert isinstance(learner, DenseClassifier) and learner.dense is not None
    with_dropout = mlp.build(make_settings(limit=100, dropout=0.1), BuildContext()).learner
    assert with_dropout.dense is None


def test_tables_are_trained_with_an_ensemble_by_default():
    learner = mlp.build(mlp.complete(make_settings(data="wine"), BuildContext()), BuildContext()).learner
    assert isinstance(learner, TableLearner) and isinstance(learner.network, Ensemble)


def test_answers_about_images_are_exported_with_a_dynamic_batch():
    settings = make_settings(flip=True)
    module = mlp.answering(mlp.model(settings, IMAGE_FACTS).eval(), settings, IMAGE_FACTS)
    images = torch.randint(0, 256, (5, 8, 8, 1), dtype=torch.uint8)
    program = torch.export.export(module, (images[:3],), dynamic_shapes=({0: torch.export.Dim("batch")},)).module()
    for some in (images[:2], images):
        torch.testing.assert_close(program(some), module(some))


def measure_accuracy(**changes):
    settings = mlp.complete(make_settings(**changes), BuildContext())
    torch.manual_seed(0)
    return fit(mlp.build(settings, BuildContext()), settings, MemoryRecorder()).test["accuracy"]


def test_a_network_without_activation_function_has_a_linear_boundary():
    assert measure_accuracy(data="circles", epochs=8) > 0.95
    assert measure_accuracy(data="circles", epochs=8, activation="linear") < 0.65


RUNS = {
    "images": {"limit": 200, "batch_size": 25},
    "points": {"data": "moons", "limit": 100},
    "table": {"data": "wine", "batch_size": 32, "units": (8,), "members": 2, "dropout": 0.1},
}


@pytest.mark.parametrize("data", RUNS)
def test_it_resumes_to_the_same_bits_and_its_verbs_work(data, tmp_path, capsys):
    run = check_resume("mlp", tmp_path, **RUNS[data])
    if data == "images":
        inputs = [tmp_path / "black.png", tmp_path / "white.png"]
        for path, value in zip(inputs, (0, 255)):
            Image.new("L", (28, 28), value).save(path)
    else:
        names = [fact["name"] for fact in run.facts["columns"]]
        inputs = [",".join(f"{name}={value + k}" for k, name in enumerate(names)) for value in (0, 1)]
    check_predictions(run, inputs, capsys)
