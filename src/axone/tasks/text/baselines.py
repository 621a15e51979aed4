"""Linear baselines of scikit-learn on the same split: TF-IDF with logistic regression, and NB-SVM.

They say whether a network is worth its time. For texts of words their n-grams are those of one and two words; where the
network reads characters, those of one to four characters.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from axone.data.labeled_texts.collection import LabeledTexts
from axone.data.tokens.split import Unit
from axone.messages import _
from axone.tasks.text.metrics import micro_f1

MOST_TEXTS = 50_000  # training texts, which bounds the time
TFIDF_C, NBSVM_C = 4.0, 0.1  # inverse strength of the regularization
WORDS, CHARACTERS = (1, 2), (1, 4)  # lengths of the n-grams


class Baseline(NamedTuple):
    """A baseline and its result."""

    name: str
    score: float  # accuracy; with several labels, the F1 score over all labels
    seconds: float


def fit_baselines(
    collection: LabeledTexts, train: Int64[Tensor, " train"], held_out: Int64[Tensor, " held_out"], unit: Unit,
    *, lowercase: bool = True, seed: int = 0,
) -> list[Baseline]:  # fmt: skip
    """Return the baselines, fitted on training texts and measured on others; none where scikit-learn is missing."""
    try:
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
        from sklearn.svm import LinearSVC  # type: ignore[import-untyped]
    except ImportError:
        return []
    if len(train) > MOST_TEXTS:
        train = train[torch.randperm(len(train), generator=torch.Generator().manual_seed(seed))[:MOST_TEXTS]]
    texts, others = ([collection.texts[row] for row in rows.tolist()] for rows in (train, held_out))
    targets, true = (to_labels(collection, rows) for rows in (train, held_out))
    names = {"words": "TF-IDF(1, 2)", "characters": _("TF-IDF of 1 to 4 characters")}
    results = []
    for name, make_features, make_model in (
        (_("{features} + logistic regression", features=names[unit]), _tfidf,
         lambda: LogisticRegression(C=TFIDF_C, max_iter=300)),
        ("NB-SVM", _counts, lambda: LinearSVC(C=NBSVM_C, random_state=seed)),
    ):  # fmt: skip
        start = time.perf_counter()
        train_features, features = make_features(texts, others, unit, lowercase)
        scores = np.stack(
            [_fit_one(make_model(), train_features, features, targets[:, k], scaled=name == "NB-SVM")
             for k in range(targets.shape[1])], axis=1,
        )  # fmt: skip
        results.append(Baseline(name, _score(scores, true, collection.has_several_labels), time.perf_counter() - start))
    return results


def to_labels(collection: LabeledTexts, rows: Int64[Tensor, " rows"]) -> Bool[np.ndarray, "rows labels"]:
    """Return for each text and each class whether it has it; of two classes, the second alone."""
    targets = collection.targets[rows]
    if targets.ndim == 2:
        return np.asarray(targets > 0.5)
    classes = len(collection.classes)
    columns = range(classes) if classes > 2 else [1]
    return np.stack([(targets == k).numpy() for k in columns], axis=1)


def log_ratios(features: Any, labels: Bool[np.ndarray, " rows"]) -> Float[np.ndarray, " features"]:
    """Return the log-count ratio of each feature for the texts with a label against the others."""
    own, other = (np.asarray(features[mask].sum(0)).ravel() + 1.0 for mask in (labels, ~labels))
    return np.asarray(np.log((own / own.sum()) / (other / other.sum())))


def _tfidf(texts: Sequence[str], others: Sequence[str], unit: Unit, lowercase: bool) -> tuple[Any, Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

    vectorizer = TfidfVectorizer(sublinear_tf=True, **_options(unit, lowercase))
    return vectorizer.fit_transform(texts), vectorizer.transform(others)


def _counts(texts: Sequence[str], others: Sequence[str], unit: Unit, lowercase: bool) -> tuple[Any, Any]:
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = CountVectorizer(binary=True, dtype=np.float64, **_options(unit, lowercase))
    return vectorizer.fit_transform(texts), vectorizer.transform(others)


def _options(unit: Unit, lowercase: bool) -> dict[str, Any]:
    if unit == "characters":
        return {"analyzer": "char_wb", "ngram_range": CHARACTERS, "lowercase": lowercase}
    return {"ngram_range": WORDS, "token_pattern": r"\w+(?:['’\-]\w+)*|[^\w\s]", "lowercase": lowercase}


def _fit_one(
    model: Any, train: Any, held_out: Any, labels: Bool[np.ndarray, " rows"], *, scaled: bool
) -> Float[np.ndarray, " held_out"]:
    """Return the scores of one label against the others; a label that all or no training texts have is constant."""
    if labels.all() or not labels.any():
        return np.full(held_out.shape[0], 1.0 if labels.all() else -1.0)
    if scaled:
        ratios = log_ratios(train, labels)
        train, held_out = train.multiply(ratios).tocsr(), held_out.multiply(ratios).tocsr()
    return np.asarray(model.fit(train, labels).decision_function(held_out))


def _score(scores: Float[np.ndarray, "texts labels"], true: Bool[np.ndarray, "texts labels"], several: bool) -> float:
    if several:
        return micro_f1(torch.from_numpy(scores > 0), torch.from_numpy(true))
    if scores.shape[1] == 1:
        return float(((scores > 0) == true).mean())
    return float((scores.argmax(1) == true.argmax(1)).mean())
