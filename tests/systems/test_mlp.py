"""Dense networks: the course's numbers, what suits which data, and what activations are for."""

from __future__ import annotations

import polars
import pytest
import torch

import axone
from axone import catalogue
from axone.engine.context import IN_MEMORY, BuildContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.errors import SettingsError
from axone.settings import resolve
from axone.systems import mlp
from axone.tasks.dense.learner import ChainClassifier
from axone.tasks.tables.tabular import batch_for, steps_for


def settings(**given):
    return resolve(mlp.Settings, {"threads": 1, "device": "cpu", **given})


def facts(columns, classes=("a", "b", "c")):
    return {"columns": columns, "classes": list(classes), "targets": [{"name": "y", "mean": 0.0, "std": 1.0}]}


NUMBER = {"name": "n", "kind": "number", "center": 0.0, "scale": 1.0, "missing": False}
WORD = {"name": "w", "kind": "category", "levels": ["u", "v"]}


def test_the_courses_network_has_the_courses_parameters():
    network = axone.network("mlp", device="meta")
    assert [node.parameters for node in network.nodes if node.parameters] == [100_480, 1_290]
    sizes = {(3, 28, 28): 301_184, (3, 224, 224): 19_267_712}
    for shape, count in sizes.items():
        first = axone.network("mlp", input=shape, device="meta").nodes[2]
        assert first.parameters == count


def test_what_suits_the_data_is_chosen():
    assert mlp.complete(settings(), BuildContext()).preset == "default"
    points = mlp.complete(settings(data="moons"), BuildContext())
    assert (points.preset, points.network, points.units) == ("points", "chain", (32, 32))
    table = mlp.complete(settings(data="wine"), BuildContext())
    assert (table.preset, table.network) == ("table", "ensemble")
    assert table.epochs * 178 / table.batch_size == pytest.approx(mlp.STEPS, rel=0.1)
    asked = mlp.complete(settings(data="wine", epochs=3, units=(5,), network="chain"), BuildContext())
    assert (asked.epochs, asked.units, asked.network) == (3, (5,), "chain")
    in_memory = BuildContext(data=polars.DataFrame({"a": [1, 2], "y": ["u", "v"]}))
    assert mlp.complete(settings(data=IN_MEMORY), in_memory).preset == "table"


def test_more_rows_are_worth_more_steps():
    few, more, many, most = (steps_for(rows, mlp.STEPS) for rows in (100, 2000, 20_000, 1_000_000))
    assert few == more < many < most
    assert [batch_for(rows) for rows in (1, 600, 2000, 10**6)] == [32, 32, 128, 256]


@pytest.mark.parametrize("columns", [[NUMBER], [WORD], [NUMBER, WORD]])
@pytest.mark.parametrize("kind", ["chain", "ensemble"])
def test_every_mixture_of_columns_has_a_network(kind, columns):
    network = mlp.model(settings(network=kind, units=(8,)), facts(columns)).eval()
    given = {"number": torch.randn(6, 1), "category": torch.tensor([[0], [1], [2], [3], [2], [3]])}
    parts = [given[column["kind"]] for column in columns]
    found = network(*parts)
    assert found.shape == ((6, 3) if kind == "chain" else (6, 8, 3))
    torch.testing.assert_close(network(*(part[2:4] for part in parts)), found[2:4])


def test_the_unseen_begins_with_nothing():
    for kind in ("chain", "ensemble"):
        network = mlp.model(settings(network=kind), facts([WORD, {**WORD, "name": "x"}]))
        (table,) = [layer for layer in network.modules() if isinstance(layer, torch.nn.Embedding)]
        empty = (table.weight == 0).all(1)
        assert empty.tolist() == [True, False, False, False] * 2


def test_wide_tables_do_without_waves():
    wide = facts([{**NUMBER, "name": str(n)} for n in range(mlp.MOST_PERIODIC + 1)])
    network = mlp.model(settings(network="ensemble"), wide)
    assert isinstance(network.features[0], torch.nn.Identity)


def test_an_ensemble_is_for_tables():
    with pytest.raises(SettingsError, match="for tables"):
        mlp.model(settings(network="ensemble"), {"input": [1, 8, 8], "classes": ["a", "b"]})


def test_pictures_are_learned_with_written_gradients():
    made = mlp.build(settings(limit=100), BuildContext())
    assert isinstance(made.learner, ChainClassifier) and made.learner._chain is not None


def accuracy(**given):
    asked = mlp.complete(settings(**given), BuildContext())
    torch.manual_seed(0)
    return fit(catalogue.load(catalogue.find("mlp")).build(asked, BuildContext()), asked, MemoryRecorder()).test[
        "accuracy"
    ]


def test_without_activations_a_network_draws_one_straight_line():
    assert accuracy(data="circles", epochs=8) > 0.95
    assert accuracy(data="circles", epochs=8, activation="linear") < 0.65
