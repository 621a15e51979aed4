"""What every estimator does: train a system on data at hand, keep its network, save and load a run folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
from sklearn.base import BaseEstimator  # type: ignore[import-untyped]
from sklearn.utils import check_random_state  # type: ignore[import-untyped]
from torch import nn

from axone import catalogue
from axone.engine import seeds
from axone.engine.context import BuildContext, split_data
from axone.engine.device import choose_device, environment
from axone.engine.experiment import Experiment
from axone.engine.loop import Outcome, fit
from axone.engine.precision import choose_precision
from axone.engine.recorder import MemoryRecorder
from axone.errors import AxoneError, RunError
from axone.graph import Model
from axone.messages import _
from axone.runs.recorder import Recorder
from axone.runs.tensors import weights_sha256
from axone.settings import Settings, resolve, to_toml
from axone.train import parameters_of
from axone.use import Run

Estimator = TypeVar("Estimator", bound="SystemEstimator")


class SystemEstimator(BaseEstimator):
    """An estimator over one system of Axone.

    Parameters of the estimator are settings of the system; None leaves the system's own choice, `settings` are
    further ones by name. After `fit`: `network_` (a torch module), `settings_`, `facts_`.
    """

    SYSTEM: ClassVar[str]
    # Parameters that are no settings, or settings of another name.
    OTHER: ClassVar[dict[str, str]] = {"random_state": "seed", "validation_fraction": "validation"}

    network_: nn.Module
    settings_: Settings
    facts_: dict[str, Any]

    def _train(self, data: Any, **fixed: Any) -> None:
        """Train the system on data that are handed over; leave all random states of the process as they were."""
        system = catalogue.load(catalogue.find_builtin(self.SYSTEM))
        given, data = split_data({**self._asked(), **fixed, "data": data})
        context = BuildContext(data=data)
        with seeds.preserve_random_state(), told_as_value_error():
            settings = resolve(system.Settings, given)
            if system.complete is not None:
                settings = system.complete(settings, context)
            seeds.seed_everything(settings.seed)
            experiment = system.build(settings, context)
            experiment.figures = None  # there is no report to show them in
            device = choose_device(settings.device)
            dtype = choose_precision(settings.precision, device)
            recorder = MemoryRecorder()
            outcome = fit(experiment, settings, recorder, device=device, dtype=dtype)
        self.network_ = experiment.learner.networks["network"].eval()
        self.settings_, self.facts_ = settings, self._labeled(experiment)
        self.n_iter_ = outcome.progress.step
        self._figures = _figures(outcome)

    def _asked(self) -> dict[str, Any]:
        """Return the parameters that are settings of the system, where they are set."""
        own = {name: value for name, value in self.get_params(deep=False).items() if value is not None}
        seed = int(check_random_state(own.pop("random_state", None)).randint(2**31 - 1))
        further = own.pop("settings", {})
        named = {self.OTHER.get(name, name): value for name, value in own.items()}
        return {**named, "seed": seed, **further}

    def _labeled(self, experiment: Experiment) -> dict[str, Any]:
        """Return the facts, with what a loaded estimator needs beside them: labels as they were, parameters."""
        labels = getattr(self, "classes_", None)
        kept = {"labels": None if labels is None else np.asarray(labels).tolist(), "estimator": type(self).__name__}
        parameters = self.get_params(deep=False)
        if not isinstance(parameters.get("random_state"), int | None):
            parameters["random_state"] = None  # a generator is no fact
        names = [str(name) for name in getattr(self, "feature_names_in_", ())]
        return {**experiment.facts, **kept, "parameters": parameters, "feature_names": names}

    def save(self, folder: str | Path) -> Path:
        """Write a run folder: settings, facts, weights, manifest. `axone predict FOLDER ...` answers from it too.

        Raises RunError when the folder is there already.
        """
        path = Path(folder)
        if path.exists():
            raise RunError(_("'{path}' is there already.", path=path), hint=_("choose another name"))
        path.mkdir(parents=True)
        found = catalogue.find_builtin(self.SYSTEM)
        weights = {f"network.{name}": value.detach() for name, value in self.network_.state_dict().items()}
        device = next(self.network_.parameters()).device
        dtype = choose_precision(self.settings_.precision, device)
        with Recorder(path) as recorder:
            recorder.start(
                to_toml(self.settings_),
                self.facts_,
                {"system": found.name, "own_system": False, **environment(device, dtype)},
                _graph(self.network_),
                found.path,
            )
            recorder.save_checkpoint("best", weights, {"epoch": self._figures["best_epoch"]})
            recorder.finish(
                {
                    "run": path.name,
                    "system": found.name,
                    "data": self.settings_.data,
                    "seed": self.settings_.seed,
                    "parameters": parameters_of({"network": self.network_}),
                    "device": str(device),
                    "precision": str(dtype).removeprefix("torch."),
                    "weights_sha256": weights_sha256(weights),
                    **self._figures,
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
                expected=_("expected what {name}.save wrote", name=cls.__name__),
                hint=_("type: axone.load('{path}')", path=folder),
            )
        # JSON knows no tuples, and scikit-learn's parameters here no lists.
        made = cls(**{name: tuple(v) if isinstance(v, list) else v for name, v in facts["parameters"].items()})
        made.network_, made.settings_, made.facts_ = run.model, run.settings, facts
        made.n_iter_ = int(run.results["steps"])
        made._figures = {name: run.results[name] for name in _FIGURES}
        if facts["labels"] is not None:
            made.classes_ = np.asarray(facts["labels"])
        if facts["feature_names"]:
            made.feature_names_in_ = np.asarray(facts["feature_names"], dtype=object)
        made._restore()
        return made

    def _restore(self) -> None:
        """Set what an estimator of this kind has beside the rest after `fit`."""


_FIGURES = ("epochs", "best_epoch", "steps", "seconds", "validation", "test")


def _figures(outcome: Outcome) -> dict[str, Any]:
    progress = outcome.progress
    values: Any = (len(progress.history), progress.best_epoch, progress.step, progress.seconds, outcome.validation, {})
    return dict(zip(_FIGURES, values))


def _graph(network: nn.Module) -> Mapping[str, Any] | None:
    """Describe the first part of a network that is a graph, as a training's run folder does."""
    found = next((part for part in network.modules() if isinstance(part, Model)), None)
    return found.to_json() if found else None


@contextmanager
def told_as_value_error() -> Iterator[None]:
    """Around work on a person's data: what Axone cannot use is a ValueError in scikit-learn's world."""
    try:
        yield
    except AxoneError as error:
        raise ValueError(str(error)) from error
