"""The base of all estimators: train a system on data in memory, hold its network, save and load a run folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
from jaxtyping import Float, Int64
from sklearn.base import BaseEstimator, ClassifierMixin  # type: ignore[import-untyped]
from sklearn.utils import check_random_state  # type: ignore[import-untyped]
from sklearn.utils.class_weight import compute_sample_weight  # type: ignore[import-untyped]
from sklearn.utils.multiclass import check_classification_targets  # type: ignore[import-untyped]
from sklearn.utils.validation import _check_sample_weight  # type: ignore[import-untyped]
from torch import nn

from axone import catalogue
from axone.display.choose import open_display
from axone.engine.context import BuildContext, split_data
from axone.engine.experiment import Experiment
from axone.engine.loop import Outcome, fit
from axone.engine.machine import seeds
from axone.engine.machine.device import choose_device, environment
from axone.engine.machine.precision import choose_precision
from axone.engine.networks import count_parameters
from axone.engine.recorder import MemoryRecorder
from axone.errors import AxoneError, RunError
from axone.graph import Model
from axone.messages import _
from axone.runs.recorder import Recorder
from axone.runs.storage.tensors import weights_sha256
from axone.settings import Settings, resolve, to_toml
from axone.use import Run

Estimator = TypeVar("Estimator", bound="SystemEstimator")

RESULTS = ("epochs", "best_epoch", "steps", "seconds", "loss_curve", "validation", "test")


class SystemEstimator(BaseEstimator):
    """An estimator that trains one of Axone's systems.

    Parameters of the estimator are settings of the system. None means the system's own default, and the
    parameter `settings` holds further settings by name. With `verbose`, progress and metrics are printed.

    After `fit`: `network_` (a torch module), `settings_`, `facts_`, `n_iter_` (epochs), `loss_curve_` (the mean
    training loss of each epoch) and `loss_` (that of the last one).
    """

    SYSTEM: ClassVar[str]
    # Parameters whose settings have another name.
    SETTING_NAMES: ClassVar[dict[str, str]] = {"random_state": "seed", "validation_fraction": "validation"}
    # Parameters that are no settings of the system.
    OTHER_PARAMETERS: ClassVar[frozenset[str]] = frozenset({"class_weight", "settings", "verbose"})

    verbose: bool
    network_: nn.Module
    settings_: Settings
    facts_: dict[str, Any]

    def _set_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Set the attribute of each parameter, from the `locals()` of a subclass's `__init__`."""
        for name in self._get_param_names():
            setattr(self, name, parameters[name])

    def _train(self, data: Any, **fixed: Any) -> None:
        """Train the system on data in memory; the random states of the process stay as they are.

        `fixed` are settings that are not parameters.
        """
        system = catalogue.load(catalogue.find_builtin(self.SYSTEM))
        values, data = split_data({**self._given_settings(), **fixed, "data": data})
        context = BuildContext(data=data)
        with seeds.preserve_random_state(), as_value_error(), open_display(bool(self.verbose)) as display:
            settings = resolve(system.Settings, values)
            if system.complete is not None:
                settings = system.complete(settings, context)
            seeds.seed_everything(settings.seed)
            experiment = system.build(settings, context)
            experiment.figures = None  # an estimator has no report
            device = choose_device(settings.device)
            dtype = choose_precision(settings.precision, device)
            display.epochs = settings.epochs
            display({"kind": "data", "notes": experiment.notes})
            outcome = fit(experiment, settings, MemoryRecorder(display), device=device, dtype=dtype)
        self.network_ = experiment.learner.networks["network"].eval()
        self.settings_, self.facts_ = settings, self._extend_facts(experiment)
        self._set_results(_results_of(outcome))

    def _set_results(self, results: dict[str, Any]) -> None:
        self._results = results
        self.n_iter_, self.loss_curve_ = int(results["epochs"]), list(results["loss_curve"])
        self.loss_ = self.loss_curve_[-1]

    def _given_settings(self) -> dict[str, Any]:
        """Return the settings of all parameters that are not None."""
        values = {name: value for name, value in self.get_params(deep=False).items() if value is not None}
        seed = int(check_random_state(values.pop("random_state", None)).randint(2**31 - 1))
        return {
            **{self.SETTING_NAMES.get(name, name): values[name] for name in values.keys() - self.OTHER_PARAMETERS},
            "seed": seed,
            **values.get("settings", {}),
        }

    def _extend_facts(self, experiment: Experiment) -> dict[str, Any]:
        """Return the facts of the system, with what `load` needs: labels, parameters, names of features."""
        labels = getattr(self, "classes_", None)
        parameters = self.get_params(deep=False)
        if not isinstance(parameters.get("random_state"), int | None):
            parameters["random_state"] = None  # the state of a generator cannot be saved as JSON
        if isinstance(parameters.get("class_weight"), Mapping):  # the keys of an object in JSON would become text
            parameters["class_weight"] = [[_plain(name), _plain(value)] for name, value in self.class_weight.items()]
        return {
            **experiment.facts,
            "estimator": type(self).__name__,
            "labels": None if labels is None else np.asarray(labels).tolist(),
            "parameters": parameters,
            "feature_names": [str(name) for name in getattr(self, "feature_names_in_", ())],
        }

    def save(self, folder: str | Path) -> Path:
        """Write a run folder: settings, facts, weights, manifest. `axone predict FOLDER ...` accepts it too.

        Raises RunError when the folder exists.
        """
        path = Path(folder)
        if path.exists():
            raise RunError(_("'{path}' exists already.", path=path), hint=_("choose another name"))
        path.mkdir(parents=True)
        system = catalogue.find_builtin(self.SYSTEM)
        weights = {f"network.{name}": value.detach() for name, value in self.network_.state_dict().items()}
        device = next(self.network_.parameters()).device
        dtype = choose_precision(self.settings_.precision, device)
        with Recorder(path) as recorder:
            recorder.start(
                to_toml(self.settings_),
                self.facts_,
                {"system": system.name, "own_system": False, **environment(device, dtype)},
                _graph(self.network_),
                system.path,
            )
            recorder.save_checkpoint("best", weights, {"epoch": self._results["best_epoch"]})
            recorder.finish(
                {
                    "run": path.name,
                    "system": system.name,
                    "data": self.settings_.data,
                    "seed": self.settings_.seed,
                    "parameters": count_parameters({"network": self.network_}),
                    "device": str(device),
                    "precision": str(dtype).removeprefix("torch."),
                    "weights_sha256": weights_sha256(weights),
                    **self._results,
                }
            )
        return path

    @classmethod
    def load(cls: type[Estimator], folder: str | Path) -> Estimator:
        """Return the estimator that was saved to a folder. Raises RunError, DamagedError."""
        run = Run(Path(folder))
        facts = json.loads(json.dumps(run.facts))
        if facts.get("estimator") != cls.__name__:
            raise RunError(
                _("'{path}' is not the folder of a {name}.", path=folder, name=cls.__name__),
                expected=_("expected a folder that {name}.save wrote", name=cls.__name__),
                hint=_("type: axone.load('{path}')", path=folder),
            )
        # JSON has no tuples, and the parameters of these estimators are never lists; the keys of a dict are classes.
        parameters = {name: tuple(v) if isinstance(v, list) else v for name, v in facts["parameters"].items()}
        if isinstance(parameters.get("class_weight"), tuple):
            parameters["class_weight"] = dict(parameters["class_weight"])
        estimator = cls(**parameters)
        estimator.network_, estimator.settings_, estimator.facts_ = run.model, run.settings, facts
        estimator._set_results({name: run.results[name] for name in RESULTS})
        if facts["labels"] is not None:
            estimator.classes_ = np.asarray(facts["labels"])
        if facts["feature_names"]:
            estimator.feature_names_in_ = np.asarray(facts["feature_names"], dtype=object)
        estimator._restore()
        return estimator

    def _restore(self) -> None:
        """Set further attributes that `fit` sets in this kind of estimator."""


class SystemClassifier(ClassifierMixin, SystemEstimator):
    """The base of the classifiers: `fit` sets `classes_`.

    `class_weight` is that of scikit-learn: None, "balanced", or a dict from classes to weights. It multiplies the
    weights of samples that `fit` receives.
    """

    classes_: np.ndarray
    class_weight: Any

    def _combine_weights(self, sample_weight: Any, X: Any, y: np.ndarray) -> Float[np.ndarray, " samples"] | None:
        """Return the weight of each sample, by itself and by its class, with mean 1; None where all are 1."""
        weights = combine_weights(sample_weight, X)
        if self.class_weight is None:
            return weights
        by_class = compute_sample_weight(self.class_weight, y)
        return normalize_weights(by_class if weights is None else weights * by_class)

    def _encode_labels(self, y: np.ndarray) -> Int64[np.ndarray, " samples"]:
        """Set `classes_`, and return the index of each label in it. Raises ValueError for a single class."""
        check_classification_targets(y)
        self.classes_, indices = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"{type(self).__name__} needs at least 2 classes; y has 1 class.")
        return indices.astype(np.int64)

    @property
    def _class_names(self) -> tuple[str, ...]:
        """The classes as the system names them."""
        return tuple(str(label) for label in self.classes_)


def combine_weights(sample_weight: Any, X: Any) -> Float[np.ndarray, " samples"] | None:
    """Return the weights of samples with mean 1; None where none were passed. Raises ValueError for negative ones."""
    if sample_weight is None:
        return None
    checked = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    return normalize_weights(checked)


def normalize_weights(weights: Float[np.ndarray, " samples"]) -> Float[np.ndarray, " samples"]:
    """Return weights with mean 1, so that their scale does not change the size of a step. Raises ValueError."""
    mean = weights.mean()
    if not mean > 0:
        raise ValueError("At least one weight of the samples must be greater than 0.")
    return np.asarray(weights / mean)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _results_of(outcome: Outcome) -> dict[str, Any]:
    progress = outcome.progress
    return {
        "epochs": len(progress.history),
        "best_epoch": progress.best_epoch,
        "steps": progress.step,
        "seconds": progress.seconds,
        "loss_curve": [float(entry["train"]["loss"]) for entry in progress.history],
        "validation": outcome.validation,
        "test": {},
    }


def _graph(network: nn.Module) -> Mapping[str, Any] | None:
    """Return the graph of a network, or of the first part of it that is a graph, as a run folder contains it."""
    graph = next((part for part in network.modules() if isinstance(part, Model)), None)
    return graph.to_json() if graph else None


@contextmanager
def as_value_error() -> Iterator[None]:
    """Convert an error about a person's data or settings into the ValueError that scikit-learn expects."""
    try:
        yield
    except AxoneError as error:
        raise ValueError(str(error)) from error
