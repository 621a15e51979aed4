"""Systems as scikit-learn estimators, for pipelines, grid searches and cross-validation.

    from axone.sklearn import MLPClassifier

    model = MLPClassifier(random_state=0).fit(X, y)      # arrays, or frames with categories and missing values
    model.predict_proba(X)
    model.save("runs/mine")                              # a run folder; loading it executes no code of it
    MLPClassifier.load("runs/mine")

Requires scikit-learn and polars: pip install 'axone[table]'.
"""

from __future__ import annotations

from axone.sklearn.images import ImageClassifier
from axone.sklearn.neuron import PerceptronClassifier
from axone.sklearn.reduction import AutoencoderTransformer
from axone.sklearn.tables import MLPClassifier, MLPRegressor
from axone.sklearn.text import TextClassifier

__all__ = [
    "AutoencoderTransformer",
    "ImageClassifier",
    "MLPClassifier",
    "MLPRegressor",
    "PerceptronClassifier",
    "TextClassifier",
]
