"""A trained run: its results, its network, and what the network answers, generates, explains and plays."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from torch import Tensor, nn

from axone import catalogue
from axone.display import Display, format_metrics, open_display
from axone.engine.context import IN_MEMORY, BuildContext, ignore_text, split_data
from axone.engine.machine.device import choose_device
from axone.engine.recorder import MemoryRecorder
from axone.errors import AxoneError, RunError, UsageError
from axone.messages import _
from axone.metrics import describe_unmeasured
from axone.progress import Progress, ignore_progress
from axone.runs import checkpoints, folder
from axone.runs.data_paths import is_moved
from axone.runs.status import read_run
from axone.runs.storage.tensors import describe_misfits, weights_sha256
from axone.runs.storage.verification import require_intact
from axone.settings import Options, Settings, resolve
from axone.system import System, locate_errors
from axone.use.evaluation import measure_splits, require_same_classes
from axone.use.run_system import find_system, read_settings

if TYPE_CHECKING:
    from axone.engine.experiment import Experiment
    from axone.tasks.answers import Answer
    from axone.tasks.classification.settings import ImageClassificationSettings
    from axone.tasks.explanation.explain import Explainer
    from axone.tasks.play_session import PlaySession


def load(
    run: str | Path, *, system: str | Path | None = None, runs_folder: str | Path = "runs", device: str = "auto"
) -> Run:
    """Return a run by its path, its name, or "last" for the newest.

    Args:
        run: The folder, or a name as `axone runs` lists it.
        system: The file of a user's own system, for its runs: a run's copy of it is never executed.
        runs_folder: Where runs are found by name.
        device: "auto", "cpu", "cuda", "cuda:1" or "mps".

    Raises UsageError, RunError, DamagedError.
    """
    return Run(folder.find(str(run), runs_folder), system, device)


class Run:
    """A run on disk, and the trained model in it.

    Attributes:
        path: The run's folder.
        info: Its state, settings and results as its files give them.
        facts: What the data taught that the model needs: classes, input shape, mean, column names.
        device: Where the model computes.
    """

    def __init__(self, path: Path, system: str | Path | None = None, device: str = "auto") -> None:
        self.path = path
        self._file = find_system(path, system)
        self.info = read_run(path)
        self.facts: dict[str, Any] = self.info.facts
        self.device = choose_device(device)

    def __repr__(self) -> str:
        return f"<Run {self._file.name} {self.path} {self.info.status}>"

    def _repr_html_(self) -> str:
        """Return the display in a notebook: state, results and the curve of the run."""
        from axone.runs.notebook import render_run

        return render_run(read_run(self.path))

    @property
    def results(self) -> dict[str, Any]:
        """The results of a finished run, as `--json` prints them; an empty dict for another one."""
        return dict(self.info.done or {})

    @property
    def current_results(self) -> dict[str, Any]:
        """The results of a finished run, or those of the last checkpoint. Raises RunError, DamagedError."""
        if self.info.done is not None:
            return self.results
        progress = checkpoints.load(self.path, "last").state["training"]["progress"]
        return {
            "system": self._file.name,
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
    def system(self) -> System:
        """The system that trained the run."""
        return catalogue.load(self._file)

    @cached_property
    def settings(self) -> Settings:
        """The settings of the training."""
        return read_settings(self.path, self.system.Settings)

    @cached_property
    def model(self) -> nn.Module:
        """The trained network in eval mode, from the best checkpoint, or the last one where there is no best."""
        require_intact(self.path, ["facts.json"])
        network: nn.Module = self.system.model(self.settings, self.facts)
        # A system of several networks saves all of them; the one that predicts or generates is called network.
        prefix = "network."
        weights = {name.removeprefix(prefix): value for name, value in self._best().items() if name.startswith(prefix)}
        if misfits := describe_misfits(network, weights):
            raise RunError(
                _("The weights of '{run}' do not fit its network: {misfits}.", run=self.path, misfits=misfits),
                hint=_("the settings, the facts or the system were changed after training: put them back"),
            )
        network.load_state_dict(weights)
        return network.to(self.device).eval()

    def _best(self) -> dict[str, Tensor]:
        checkpoint = checkpoints.load(self.path, "best", "last")
        for text in checkpoint.warnings:  # a damaged checkpoint was passed over for the one before it
            warnings.warn(text, stacklevel=2)
        return checkpoint.weights

    def predict(self, inputs: Any, **options: Any) -> Any:
        """Return the answer about one input, or a list of answers.

        Args:
            inputs: For images, a path, an image of Pillow, an array or a tensor (height, width), (height, width,
                channels) or (channels, height, width), which give one answer; a list, a folder or an array with a
                batch axis in front, which give a list. For tables, a row ({"age": 35} or
                "age=35,weight=70"), rows, or a file of them.
            options: The system's own options of this verb, as `axone predict RUN --help` lists them.

        Raises UsageError for a system that does not predict, SettingsError for an option that the system does not
        have, DataError for an input that cannot be read.
        """
        listed, single = self.read_inputs(inputs)
        answers = self.predict_each(listed, **options)
        for answer in answers:
            if isinstance(answer, AxoneError):
                raise answer
        return answers[0] if single else answers

    def read_inputs(self, inputs: Any) -> tuple[list[Any], bool]:
        """Return the inputs of `predict` as a list, and whether it was a single one."""
        read = self.system.read_inputs
        listed = read(inputs, self.facts) if read is not None else None
        if listed is not None:
            return listed
        from axone.tasks.images import inputs as images

        return images.read_inputs(inputs, self.facts)

    def predict_each(self, inputs: Sequence[Any], **options: Any) -> list[Answer | AxoneError]:
        """Return the answer about each input, or the error of an input that cannot be read in its place.

        Raises UsageError for a system that does not predict, SettingsError for an option that it does not have.
        """
        if self.system.predict is None:
            raise UsageError(_("The system '{name}' does not predict.", name=self.system.name))
        resolved = self.system.resolve_options("predict", options).values()
        return list(self.system.predict(self.model, self.settings, self.facts, list(inputs), *resolved))

    def generate(
        self, count: int | None = None, *, label: str | None = None, seed: int = 0, **options: Any
    ) -> list[Answer]:
        """Return `count` new examples; the same seed gives the same examples.

        Args:
            count: The number of examples; None: the system's default number, 16 for images.
            label: The class of all of them, for a system that was trained on classes; None for every class in turn.
            seed: The seed of the noise.
            options: The system's own options of this verb, as `axone generate RUN --help` lists them.

        Raises UsageError for a system that does not generate, and for an unknown class; SettingsError for an option
        that the system does not have.
        """
        return list(self.iterate_examples(count, label=label, seed=seed, **options))

    def iterate_examples(
        self, count: int | None = None, *, label: str | None = None, seed: int = 0, **options: Any
    ) -> Iterable[Answer]:
        """Return an iterable of what `generate` returns, which computes each example when it is reached."""
        if self.system.generate is None:
            raise UsageError(_("The system '{name}' does not generate.", name=self.system.name))
        if label is not None and label not in self.facts.get("classes", ()):
            raise UsageError(
                _("There is no class '{name}'.", name=label),
                expected=_("expected one of: {choices}", choices=", ".join(self.facts.get("classes", ()))),
            )
        resolved: dict[str, Any] = {**self.system.resolve_options("generate", options)}
        count = self.system.option_classes.get("generate", Options).DEFAULT_COUNT if count is None else count
        return self.system.generate(
            self.model, self.settings, self.facts, count=count, label=label, seed=seed, **resolved
        )

    def explain(self, inputs: Any, *, label: str | None = None, **options: Any) -> Any:
        """Return what the answer about one input depends on, or a list of such explanations.

        Args:
            inputs: What `predict` takes; for an image classifier, one image.
            label: The class to explain; None for the predicted one.
            options: The system's own options of this verb, as `axone explain RUN --help` lists them. Image classifiers
                have `layer`, the layer of the feature maps (None: the last one that has some), and `nearest`, the
                number of nearest training images (8), for which the training data are read again.

        Raises UsageError for a system that does not explain, an unknown class or layer; DataError for an input that
        cannot be read; SettingsError for an option that the system does not have.
        """
        if self.system.explain is None:
            return self._explainer.explain(inputs, label=label, **options)
        listed, single = self.read_inputs(inputs)
        answers = self.explain_each(listed, label=label, **options)
        for answer in answers:
            if isinstance(answer, AxoneError):
                raise answer
        return answers[0] if single else answers

    def explain_each(self, inputs: Sequence[Any], *, label: str | None = None, **options: Any) -> list[Any]:
        """Return the explanation of each input by the system's own function, or its error in its place."""
        assert self.system.explain is not None
        resolved: dict[str, Any] = {**self.system.resolve_options("explain", options)}
        return list(self.system.explain(self.model, self.settings, self.facts, list(inputs), label=label, **resolved))

    def play(self, *, seed: int = 0, **options: Any) -> PlaySession:
        """Return an episode of the run's world, or a game against its network, which has not begun yet.

        Args:
            seed: The seed of the world and of what is drawn at random.
            options: The system's own options of this verb, as `axone play RUN --help` lists them.

        Raises UsageError for a system that does not play, SettingsError for an option that it does not have.
        """
        if self.system.play is None:
            raise UsageError(
                _("The system '{name}' does not play.", name=self.system.name),
                expected=_("expected the run of a world or of a game, such as: axone train alphazero"),
            )
        resolved: dict[str, Any] = {**self.system.resolve_options("play", options)}
        return self.system.play(self.model, self.settings, self.facts, seed=seed, **resolved)

    @cached_property
    def _explainer(self) -> Explainer:
        from axone.tasks.explanation.explain import Explainer

        if self.facts.get("task") != "image-classification":
            raise UsageError(
                _("The system '{name}' does not explain its answers.", name=self.system.name),
                expected=_("expected the run of an image classifier, such as: axone train cnn, or of text_classifier"),
            )
        settings = cast("ImageClassificationSettings", self.settings)
        return Explainer(self.model, settings, self.facts, lambda: self._experiment(settings))

    def evaluate(self, data: Any = None, *, verbose: bool = True, **options: Any) -> dict[str, Any]:
        """Return the metrics of the best weights by split: {"validation": {...}, "test": {...}}.

        Args:
            data: Other data than the run's own: a name, a path, or data in memory (a frame, rows, (X, y)). All of
                them are measured, as "test", whatever their division; classes are matched by name.
            verbose: Print what is measured, the progress and the metrics.
            options: The system's own options of this verb, as `axone evaluate RUN --help` lists them.

        Raises DataError; RunError for data of other classes; SettingsError for an option that the system does not
        have.
        """
        return self.evaluate_with_notes(data, verbose=verbose, **options)[0]

    def evaluate_with_notes(
        self, data: Any = None, *, verbose: bool = True, **options: Any
    ) -> tuple[dict[str, Any], list[str]]:
        """Return what `evaluate` does, and sentences on what of other data was measured, was absent or was left out."""
        changes, in_memory = split_data({} if data is None else {"data": data})
        settings = resolve(self.system.Settings, {**self.settings.model_dump(), **changes})
        resolved = self.system.resolve_options("evaluate", options).get("options")
        notes: list[str] = []
        with open_display(verbose) as display:

            def notify(text: str) -> None:
                notes.append(text)
                display.print_line(text)

            if data is None or self._is_own(settings, in_memory):
                experiment = self._experiment(settings, in_memory, display.progress, options=resolved)
            else:
                experiment = self._experiment(settings, in_memory, display.progress, notify, resolved)
                experiment = replace(experiment, validation=None)  # some systems validate on what they have
            splits = self._evaluate(experiment, settings, display)
            for name, metrics in splits.items():
                if metrics:
                    display.print_line(f"{_(name)}: {format_metrics(metrics, self.facts)}")
            if unmeasured := describe_unmeasured(splits, self.facts):
                display.print_line(unmeasured)
        return splits, notes

    def _is_own(self, settings: Settings, in_memory: Any) -> bool:
        """Return whether data are those on which the run was trained, most of which a test must not measure."""
        if in_memory is None or self.settings.data != IN_MEMORY:
            if os.path.realpath(settings.data) == os.path.realpath(self.settings.data):
                return True
            if not is_moved(self.settings, self.info.environment):
                return False
        try:
            experiment = self._experiment(settings, in_memory)
        except AxoneError:  # they cannot be divided as the run's own were
            return False
        return experiment.facts.get("fingerprint") == self.facts.get("fingerprint")

    def _evaluate(self, experiment: Experiment, settings: Settings, display: Display) -> dict[str, Any]:
        require_same_classes(self.facts, experiment.facts)
        with locate_errors(self.system):
            return measure_splits(experiment, settings, self._best(), self.device, MemoryRecorder(display))

    def _experiment(
        self,
        settings: Settings,
        data: Any = None,
        progress: Progress = ignore_progress,
        notify: Callable[[str], None] | None = None,
        options: Options | None = None,
    ) -> Experiment:
        """Build the experiment of the run again; its weights are loaded afterwards.

        With `notify`, all of the data are its test set, and `notify` is called with sentences on them. `options` are
        those of `evaluate`.
        """
        context = BuildContext(
            progress, data, self.facts, self.path.parent.parent, notify is not None, notify or ignore_text, options
        )
        return self.system.build(settings, context)
