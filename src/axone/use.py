"""The way back: a run folder becomes a model that answers.

run = axone.load("runs/cnn/2026-11-23-brave-kernel")
run.predict("shoe.png")          # Prediction(label='Sneaker', probability=0.98, ...)
run.explain("shoe.png").figure().show()
run.model                        # an ordinary torch module
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import numpy as np
from torch import Tensor, nn

from axone import catalogue
from axone.catalogue import System
from axone.engine.context import BuildContext, split_data
from axone.engine.device import choose_device
from axone.engine.experiment import Experiment
from axone.engine.interrupt import StopFlag
from axone.engine.loop import Training
from axone.engine.precision import choose_precision
from axone.engine.recorder import MemoryRecorder
from axone.errors import AxoneError, RunError, UsageError
from axone.messages import _
from axone.runs import checkpoints, folder
from axone.runs.links import require_no_links_out
from axone.runs.manifest import require_intact
from axone.runs.status import read_run
from axone.runs.tensors import weights_sha256
from axone.settings import Settings, read_toml, resolve
from axone.tasks.classification.pretrained import misfits
from axone.tasks.classification.saved_classifier import require_image_classifier
from axone.tasks.classification.settings import ImageClassificationSettings
from axone.tasks.explanation.explain import Explainer, Explanation


def load(
    run: str | Path, *, system: str | Path | None = None, runs_folder: str | Path = "runs", device: str = "auto"
) -> Run:
    """Open a run by its path, its name, or "last". Raises RunError, DamagedError."""
    return Run(folder.find(str(run), runs_folder), system, device)


def system_of(path: Path, file: str | Path | None = None) -> System:
    """Return the system of a run: one of ours by its name, or the user's own file, whose path they typed (`file`).

    A run folder may come from anyone, so whatever it says is compared with the names of our systems and never
    opened. Raises UsageError where `file` is needed, RunError for a name that is not one of ours or for links that
    lead out of the folder, DamagedError.
    """
    require_no_links_out(path)
    if file is not None:
        return catalogue.find(file)
    require_intact(path, ["settings.toml", "environment.json", "facts.json"])
    environment = read_run(path).environment
    if environment.get("own_system"):
        raise UsageError(
            _("The run '{run}' was trained by a system of your own: no file is executed unless you name it.", run=path),
            expected=_("expected --system FILE.py, the file of that system"),
            hint=_("the run holds a copy, '{file}': read it before you use it", file=path / "system.py"),
        )
    name = str(environment.get("system"))
    try:
        return catalogue.find_builtin(name)
    except UsageError:
        raise RunError(
            _("The run '{run}' names a system that Axone does not have: '{name}'.", run=path, name=name[:80]),
            hint=_("if it is a system of your own, type the command again with --system FILE.py"),
        ) from None


def saved_settings(path: Path, declaration: type[Settings]) -> Settings:
    """Read the settings of a run. Raises DamagedError, SettingsError."""
    require_intact(path, ["settings.toml"])
    return resolve(declaration, read_toml(path / "settings.toml"))


class Run:
    """A run on disk: what was learned, ready to answer."""

    def __init__(self, path: Path, system: str | Path | None = None, device: str = "auto") -> None:
        self.path = path
        self.system = system_of(path, system)
        self.info = read_run(path)
        self.facts: dict[str, Any] = self.info.facts
        self.device = choose_device(device)

    def __repr__(self) -> str:
        return f"<Run {self.system.name} {self.path} {self.info.status}>"

    @property
    def results(self) -> dict[str, Any]:
        """The figures of a finished run (what `--json` prints); empty for one that has not ended."""
        return dict(self.info.done or {})

    @property
    def standing(self) -> dict[str, Any]:
        """The figures of a finished run, or of how far another one came. Raises RunError, DamagedError."""
        if self.info.done is not None:
            return self.results
        progress = checkpoints.load(self.path, "last").state["training"]["progress"]
        return {
            "system": self.system.name,
            "data": self.settings.data,
            "seed": self.settings.seed,
            "epochs": len(progress["history"]),
            "best_epoch": progress["best_epoch"],
            "steps": progress["step"],
            "seconds": progress["seconds"],
            "parameters": sum(parameter.numel() for parameter in self.model.parameters()),
            "device": self.info.environment.get("device"),
            "precision": self.info.environment.get("precision"),
            "weights_sha256": weights_sha256(self._best()),
        }

    @cached_property
    def module(self) -> ModuleType:
        """The system's module."""
        return catalogue.load(self.system)

    @cached_property
    def settings(self) -> Settings:
        """The settings it was trained with."""
        return saved_settings(self.path, self.module.Settings)

    @cached_property
    def model(self) -> nn.Module:
        """The trained network, from the best checkpoint (the last one where there is no best), ready to answer."""
        require_intact(self.path, ["facts.json"])
        network: nn.Module = self.module.model(self.settings, self.facts)
        # A system of several players saves them all; the one that answers is called network.
        prefix = "network."
        weights = {name.removeprefix(prefix): value for name, value in self._best().items() if name.startswith(prefix)}
        if wrong := misfits(network, weights):
            raise RunError(
                _("The weights of '{run}' do not fit its network: {misfits}.", run=self.path, misfits=wrong),
                hint=_("the settings, the facts or the system were changed after training: put them back"),
            )
        network.load_state_dict(weights)
        return network.to(self.device).eval()

    def _best(self) -> dict[str, Tensor]:
        found = checkpoints.load(self.path, "best", "last")
        for text in found.warnings:  # the checkpoint before a damaged one answers, but not in silence
            warnings.warn(text, stacklevel=2)
        return found.weights

    def predict(self, given: Any) -> Any:
        """Answer about one input or several.

        One path, or one picture as an array (height, width[, channels]), gives one answer; a list, a folder, or
        an array with a batch axis in front gives a list of answers. A system for tables takes a row
        ({"age": 35, "weight": 70}, "age=35,weight=70"), rows, or a file of them. Raises DataError for what cannot
        be read.
        """
        inputs, one = self.inputs(given)
        answers = self.answers(inputs)
        for answer in answers:
            if isinstance(answer, AxoneError):
                raise answer
        return answers[0] if one else answers

    def inputs(self, given: Any) -> tuple[list[Any], bool]:
        """Turn what a person gives into what `answers` takes, and say whether it was a single thing.

        A system that is asked about something else than pictures says how in `read_inputs(given, facts)`, which
        returns the same, or None where what is asked about are pictures after all.
        """
        read = getattr(self.module, "read_inputs", None)
        found: tuple[list[Any], bool] | None = read(given, self.facts) if read else None
        return as_inputs(given) if found is None else found

    def answers(self, inputs: Sequence[Any]) -> list[Any]:
        """Answer about each input, with the error of an unreadable one in its place. Raises UsageError."""
        if not hasattr(self.module, "predict"):
            raise UsageError(_("The system '{name}' has nothing to predict.", name=self.system.name))
        return self.module.predict(self.model, self.settings, self.facts, list(inputs))

    def generate(self, count: int = 16, *, label: str | None = None, seed: int = 0) -> list[Any]:
        """Make so many new things, of the class `label` where the system was taught classes.

        The same seed gives the same things. Raises UsageError where the system makes none, or knows no such class.
        """
        if not hasattr(self.module, "generate"):
            raise UsageError(_("The system '{name}' makes nothing new.", name=self.system.name))
        if label is not None and label not in self.facts.get("classes", ()):
            raise UsageError(
                _("There is no class '{name}'.", name=label),
                expected=_("expected one of: {choices}", choices=", ".join(self.facts.get("classes", ()))),
            )
        return list(self.module.generate(self.model, self.settings, self.facts, count=count, label=label, seed=seed))

    def explain(
        self, image: Any, *, label: str | None = None, layer: str | None = None, nearest: int = 8
    ) -> Explanation:
        """Say why a picture (a path, or an array) got its class, or why `label` would be one.

        `layer` names the layer whose maps are shown, `nearest` how many training pictures like it are looked for
        (they are read again for that; where they are gone, the explanation says so). Raises UsageError for a run
        that is no image classifier, an unknown class or layer; DataError for what is no picture.
        """
        return self._explainer.explain(image, label=label, layer=layer, nearest=nearest)

    @cached_property
    def _explainer(self) -> Explainer:
        require_image_classifier(self.path, self.facts)
        settings = cast(ImageClassificationSettings, self.settings)
        return Explainer(self.model, settings, self.facts, lambda: self._experiment(settings))

    def evaluate(self, data: Any = None) -> dict[str, Any]:
        """Measure the best weights on the held-out and the test data, or on those of another set, folder or table.

        A frame, an array or rows are handed over by name: run.evaluate(data=frame).
        """
        changes, in_memory = split_data({} if data is None else {"data": data})
        settings = resolve(self.module.Settings, {**self.settings.model_dump(), **changes})
        dtype = choose_precision(settings.precision, self.device)
        experiment = self._experiment(settings, in_memory)
        if experiment.facts.get("classes") != self.facts.get("classes"):
            raise RunError(
                _("The model knows other classes than these data have."),
                expected=_(
                    "model: {known}; data: {found}",
                    known=self.facts.get("classes"),
                    found=experiment.facts.get("classes"),
                ),
            )
        training = Training(experiment, settings, MemoryRecorder(), self.device, dtype, StopFlag())
        experiment.learner.load_weights(self._best())
        for optimizer in experiment.learner.optimizers.values():
            optimizer.averages = []  # what was loaded are the averaged weights already
        parts = {"validation": training.validation, "test": experiment.test and experiment.test.to(self.device)}
        return {name: training.check(stream, 1) if stream else {} for name, stream in parts.items()}

    def _experiment(self, settings: Settings, data: Any = None) -> Experiment:
        """Build the experiment again, for weights that are there already."""
        context = BuildContext(data=data, facts=self.facts, runs_folder=self.path.parent.parent)
        experiment: Experiment = self.module.build(settings, context)
        return experiment


def as_inputs(given: Any) -> tuple[list[Any], bool]:
    """Turn what a person passes to `predict` into a list, and say whether it was a single thing."""
    if isinstance(given, str | Path):
        path = Path(given)
        return (files_below(path), False) if path.is_dir() else ([path], True)
    if isinstance(given, np.ndarray | Tensor):
        # Four axes, or three whose last is no count of channels: a batch axis stands in front.
        batch = given.ndim == 4 or (given.ndim == 3 and given.shape[-1] not in (1, 3, 4))
        return (list(given), False) if batch else ([given], True)
    return [item for member in given for item in as_inputs(member)[0]], False


def files_below(path: Path) -> list[Path]:
    """List the files of a folder and its subfolders by name, leaving out hidden ones."""
    return sorted(
        file
        for file in path.rglob("*")
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )
