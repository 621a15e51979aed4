"""The estimator over the autoencoder, compared with PCA, and in pipelines."""

import numpy as np
import polars
import pytest
from sklearn.datasets import load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import axone
from axone.sklearn import AutoencoderTransformer


def test_its_reconstruction_error_is_lower_than_that_of_pca(tmp_path):
    X, _y = load_digits(return_X_y=True)
    train, test = X[:700], X[1400:]
    model, pca = AutoencoderTransformer(2, epochs=40, random_state=0).fit(train), PCA(2).fit(train)

    def error(transformer):
        return np.square(transformer.inverse_transform(transformer.transform(test)) - test).mean()

    assert error(model) < 0.9 * error(pca)
    latents = model.transform(test)
    assert latents.shape == (397, 2) and latents.dtype == np.float64
    np.testing.assert_allclose(model.transform(test[5:6]), latents[5:6], rtol=1e-9)  # whatever the other rows are
    assert list(model.get_feature_names_out()) == ["autoencodertransformer0", "autoencodertransformer1"]
    loaded = AutoencoderTransformer.load(model.save(tmp_path / "digits"))
    assert np.array_equal(loaded.transform(test), latents) and loaded.n_features_in_ == 64
    assert axone.load(tmp_path / "digits").predict(test[0]).latent == pytest.approx(tuple(latents[0]), rel=1e-3)
    with pytest.raises(ValueError, match="expected 2 latents"):
        model.inverse_transform(test)


def test_it_works_in_pipelines():
    X, y = load_iris(return_X_y=True)
    steps = make_pipeline(StandardScaler(), AutoencoderTransformer(2, epochs=40, random_state=0), LogisticRegression())
    assert cross_val_score(steps, X, y, cv=2).mean() > 0.85


def test_its_output_may_be_a_frame():
    X, _y = load_iris(return_X_y=True)
    frame = polars.DataFrame(X, schema=["a", "b", "c", "d"])
    transformer = AutoencoderTransformer(2, epochs=2, random_state=0).set_output(transform="polars")
    assert transformer.fit_transform(frame).columns == ["autoencodertransformer0", "autoencodertransformer1"]


@pytest.mark.parametrize("components", [0, 5])
def test_the_number_of_components_is_checked(components):
    X, _y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match="n_components"):
        AutoencoderTransformer(components).fit(X)


def test_one_column_is_refused():
    with pytest.raises(ValueError, match="one column cannot be compressed"):
        AutoencoderTransformer(1).fit(np.arange(10.0)[:, None])
