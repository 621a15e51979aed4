"""The systems in scikit-learn's manners: estimators for pipelines, grid searches and cross-validation.

    from axone.sklearn import MLPClassifier

    model = MLPClassifier(random_state=0).fit(X, y)      # arrays, or frames with words and gaps in them
    model.predict_proba(X)
    model.save("runs/mine")                              # a run folder: nothing that loading could execute
    MLPClassifier.load("runs/mine")

Needs scikit-learn and polars: pip install 'axone[table]'.
"""

from __future__ import annotations

from axone.sklearn.images import ImageClassifier
from axone.sklearn.neuron import PerceptronClassifier
from axone.sklearn.reduction import AutoencoderTransformer
from axone.sklearn.tables import MLPClassifier, MLPRegressor

__all__ = ["AutoencoderTransformer", "ImageClassifier", "MLPClassifier", "MLPRegressor", "PerceptronClassifier"]
