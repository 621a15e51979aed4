"""The tables of an autoencoder's report, compared with scikit-learn and with values computed by hand."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score

from axone.data.tables.row_stream import RowStream
from axone.engine.experiment import Experiment
from axone.systems.autoencoder import AutoencoderLearner
from axone.tasks.reconstruction.evaluated_examples import Reconstructor
from axone.tasks.reconstruction.tables import compare_with_pca, measure_classes, measure_columns
from tests.helpers.networks.autoencoders import build_autoencoder


@pytest.fixture(scope="module")
def model():
    network, settings, facts = build_autoencoder("table", latent=2)
    rows = torch.randn(60, 7, generator=torch.Generator().manual_seed(0)) * torch.linspace(1, 3, 7)
    stream = RowStream(rows, torch.arange(60) % 3, batch_size=25, shuffle=False)
    facts = {**facts, "labels": ["a", "b", "c"], "anomalies": ["b"]}
    return Reconstructor(Experiment(AutoencoderLearner(network, settings), stream, None, stream, facts))


@pytest.fixture(scope="module")
def examples(model):
    with torch.no_grad():
        return model.evaluate()


def test_the_baseline_is_pca_of_the_training_examples(model, examples):
    rows = model.stream.inputs.numpy()
    pca = PCA(2, svd_solver="full").fit(rows)
    expected = np.square(pca.inverse_transform(pca.transform(rows)) - rows).mean()
    network, components, mean = compare_with_pca(model, examples).rows
    assert float(components[2]) == pytest.approx(expected, rel=1e-3) and components[1] == 2
    assert float(network[2]) == pytest.approx(examples.scores.mean(), rel=1e-3)
    assert float(mean[2]) == pytest.approx(rows.var(0).mean(), rel=1e-3)


def test_an_excluded_class_is_separated_from_the_others_by_its_scores(model, examples):
    rows = measure_classes(model, examples).rows
    assert [row[0] for row in rows] == ["a", "b", "c"] and [row[1] for row in rows] == [20, 20, 20]
    assert rows[0][4] == rows[2][4] == ""
    assert float(rows[1][4]) == pytest.approx(roc_auc_score(examples.labels == 1, examples.scores), abs=1e-3)


def test_each_column_has_the_share_of_its_variance_that_is_lost(model):
    with torch.no_grad():
        table = measure_columns(model)
    assert {row[0] for row in table.rows} == {"age", "town", "fare"}
