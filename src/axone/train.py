"""THE MAP: from a system's name to a finished run, in eight calls. Start reading here.

    1  catalogue.find, load     the system                     axone/systems/NAME.py, or the user's own file
    2  settings.resolve         its settings                   axone/settings/resolution.py
    3  prepare_machine          device, threads, precision     axone/engine/machine/prepare.py, device.py, precision.py
    4  folder.create, begin     a new run, visible at once     axone/runs/folder.py, recorder.py
    5  build_experiment         data, networks, learner        axone/systems, tasks, data, graph
    6  recorder.describe        what the data determined       axone/runs/recorder.py
    7  loop.fit                 the training                   axone/engine/loop.py, training.py
    8  recorder.finish          results, report, manifest      axone/runs/report/document.py

`resume` does the same with a run that exists.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from axone import catalogue, messages
from axone.catalogue import SystemFile
from axone.data.datasets.registry import DATASETS
from axone.data.datasets.tables import TABLES
from axone.display import Display, open_display
from axone.engine.context import BuildContext, split_data
from axone.engine.experiment import Experiment, Stream
from axone.engine.interrupt import StopFlag
from axone.engine.learner import Learner
from axone.engine.loop import Outcome, fit
from axone.engine.machine.device import environment
from axone.engine.machine.prepare import prepare_machine
from axone.engine.networks import count_parameters, find_graphs
from axone.errors import Stopped, UsageError
from axone.graph import GraphError
from axone.messages import _
from axone.progress import Progress
from axone.runs import folder
from axone.runs.compatibility import describe_machine_differences, require_same_data, require_same_settings
from axone.runs.data_paths import absolute_paths, require_data
from axone.runs.recorder import Recorder
from axone.runs.report.document import write_report
from axone.runs.status import read_run
from axone.runs.storage.manifest import CHECKPOINTS
from axone.runs.storage.tensors import weights_sha256
from axone.settings import Settings, resolve, to_toml
from axone.shell import quote
from axone.system import System, locate_errors
from axone.system_calls import make_return_error, require_json
from axone.use import Run, load
from axone.use.run_system import find_system, read_settings

Listener = Callable[[dict[str, Any]], None]


def train(
    system: str | Path | SystemFile,
    *,
    config: str | Path | None = None,
    name: str | None = None,
    runs_folder: str | Path = "runs",
    language: str | None = None,
    listener: Listener | None = None,
    stop: StopFlag | None = None,
    verbose: bool = True,
    **settings: Any,
) -> Run:
    """Train a system and return its run.

    Args:
        system: A name of `axone list`, or the path of your own file.
        config: A TOML file of settings.
        name: The name of the run; by default, the date and two words.
        runs_folder: The folder in which the run's folder is created.
        language: The language of messages, "en" or "fr", for this call.
        listener: Called with each event of the run, and first of all with its folder.
        stop: A flag that asks for a stop from another thread.
        verbose: Print the data notes, the progress and the results; in a notebook, in one output that is updated.
        **settings: Settings of the system: epochs=5, data="photos/", data=(X, y) for images in memory,
            or data=frame for tables.

    Raises:
        AxoneError: One of `axone.errors`; Stopped, after saving, on Ctrl-C or when `stop` asks.
    """
    with messages.use_language(language), open_display(verbose) as display:
        file = system if isinstance(system, SystemFile) else catalogue.find(system)
        loaded, listeners = catalogue.load(file), _call_each(display, listener)
        run = _train(loaded, config, name, Path(runs_folder), listeners, stop or StopFlag(), settings)
        display.print_results(run.results, run.facts, run.path)
        return run


def _train(
    system: System,
    config: str | Path | None,
    name: str | None,
    runs_folder: Path,
    listener: Listener,
    stop: StopFlag,
    values: dict[str, Any],
) -> Run:
    values, data = split_data(values)
    settings = resolve(system.Settings, values, config)
    if system.complete is not None:
        settings = system.complete(settings, BuildContext(data=data, runs_folder=runs_folder))
    device, dtype = prepare_machine(settings)
    path = folder.create(runs_folder, system.name, name)
    # To the listener alone: the run's files never hold its path, so that it can be moved.
    listener({"kind": "folder", "path": str(path), "epochs": settings.epochs})
    with Recorder(path, listener) as recorder:
        origin = {
            "system": system.name,
            "own_system": system.own,
            "verbs": system.list_verbs(settings),
            "paths": absolute_paths(settings, names={*DATASETS, *TABLES}),
        }
        recorder.begin(to_toml(settings), {**origin, **environment(device, dtype)}, system.path)
        with _stopping(system, path, stop):
            context = BuildContext(report_progress(recorder, stop), data, runs_folder=runs_folder)
            experiment = build_experiment(system, settings, context)
            describe(experiment, recorder)
            outcome = fit(experiment, settings, recorder, device=device, dtype=dtype, stop=stop)
        _finish(system, settings, experiment, recorder, outcome, device, dtype, listener)
    return load(path, system=system.path if system.own else None)


def resume(
    run: str | Path,
    *,
    system: str | Path | None = None,
    runs_folder: str | Path = "runs",
    language: str | None = None,
    listener: Listener | None = None,
    stop: StopFlag | None = None,
    verbose: bool = True,
    **changes: Any,
) -> Run:
    """Resume a stopped run exactly where it stopped; a finished one needs more epochs (epochs=20).

    Args:
        run: The run's folder, its name, or "last".
        system: The file of your own system: the copy in a run's folder is never executed by itself.
        runs_folder: The folder in which runs are found by name.
        language: The language of messages, for this call.
        listener: Called with each event of the run.
        stop: A flag that asks for a stop from another thread.
        verbose: Print the progress and the results.
        **changes: Settings that may change (`axone.runs.compatibility.CHANGEABLE`), and data in memory.

    Raises:
        AxoneError: One of `axone.errors`; Stopped, after saving, on Ctrl-C or when `stop` asks.
    """
    with messages.use_language(language), open_display(verbose) as display:
        path = folder.find(str(run), runs_folder)
        loaded, listeners = catalogue.load(find_system(path, system)), _call_each(display, listener)
        resumed = _resume(path, loaded, Path(runs_folder), listeners, stop or StopFlag(), changes)
        display.print_results(resumed.results, resumed.facts, resumed.path)
        return resumed


def _resume(
    path: Path,
    system: System,
    runs_folder: Path,
    listener: Listener,
    stop: StopFlag,
    changes: dict[str, Any],
) -> Run:
    saved = read_settings(path, system.Settings)
    changes, data = split_data(changes)
    settings = resolve(system.Settings, {**saved.model_dump(), **changes})
    require_same_settings(saved, settings)
    require_data(settings, read_run(path).environment, path)
    file = system.path if system.own else None
    if read_run(path).done and settings.epochs <= saved.epochs and settings.patience == saved.patience:
        return load(path, system=file)
    listener({"kind": "folder", "path": str(path), "epochs": settings.epochs})
    with Recorder(path, listener) as recorder:
        info = read_run(path)
        device, dtype = prepare_machine(settings, info.environment)
        with _stopping(system, path, stop):
            context = BuildContext(
                report_progress(recorder, stop), data, info.facts, runs_folder, typed=frozenset(changes)
            )
            experiment = build_experiment(system, settings, context)
            require_same_data(info.facts, experiment.facts, is_renamed=settings.data != saved.data)
            if differences := describe_machine_differences(info.environment, environment(device, dtype)):
                recorder.event("warning", text=differences)
            if settings != saved:
                recorder.write("settings.toml", to_toml(settings))
            outcome = fit(experiment, settings, recorder, device=device, dtype=dtype, stop=stop, resume=True)
        _finish(system, settings, experiment, recorder, outcome, device, dtype, listener)
    return load(path, system=file)


def _call_each(display: Display, listener: Listener | None) -> Listener:
    """Return a listener that passes each event to the display, then to the listener if there is one."""

    def listen(event: dict[str, Any]) -> None:
        display(event)
        if listener is not None:
            listener(event)

    return listen


def report_progress(recorder: Recorder, stop: StopFlag) -> Progress:
    """Return the progress function of a build: it records, and raises Stopped when a stop was requested."""

    def progress(text: str, done: int, total: int) -> None:
        recorder.progress(text, done, total)
        if stop.reason is not None or recorder.stop_requested():
            raise Stopped(_("Stopped before the training began ({text}).", text=text), exit_code=stop.exit_code)

    return progress


def build_experiment(system: System, settings: Settings, context: BuildContext) -> Experiment:
    """Build the experiment of a system. Raises UsageError when a user's own system returns something else."""
    experiment = system.build(settings, context)
    if not isinstance(experiment, Experiment):
        expected = _("expected an axone.engine.experiment.Experiment")
        raise make_return_error("build(settings, context)", system.path, experiment, expected)
    if system.own:
        parts = {"learner": Learner, "train": Stream, "validation": Stream, "test": Stream}
        for name, kind in parts.items():
            part = getattr(experiment, name)
            if not isinstance(part, kind) and (part is not None or name in ("learner", "train")):
                expected = _("expected an object with the methods of {kind}", kind=f"{kind.__module__}.{kind.__name__}")
                raise make_return_error(f"build(settings, context).{name}", system.path, part, expected)
        if not experiment.learner.networks:
            raise UsageError(
                _("The learner that build(settings, context) in '{path}' returned has no network.", path=system.path),
                expected=_("expected a torch.nn.Module among its attributes: does model(settings, facts) return one?"),
            )
        require_json(experiment.facts, "Experiment.facts", system.path)
    return experiment


def describe(experiment: Experiment, recorder: Recorder) -> None:
    """Record what the data determined: facts, graphs and their drawings, notes, the data report."""
    graphs = find_graphs(experiment.learner.networks)
    documents, notes = {}, list(experiment.notes)
    for name, graph in graphs.items():
        try:
            documents[name] = graph.to_json()
        except GraphError as error:  # a user's own system may have layers that no file can hold
            notes.append(_("{file} does not describe the network: {reason}", file="graph.json", reason=error.what))
    document = documents["network"] if list(documents) == ["network"] else {"networks": documents}
    recorder.describe(experiment.facts, document if documents else None)
    recorder.event("data", notes=notes)
    if experiment.report:
        recorder.write("data_report.json", json.dumps(experiment.report, indent=1, allow_nan=False) + "\n")
    for name, graph in graphs.items():
        recorder.write("figures/graph.svg" if name == "network" else f"figures/graph-{name}.svg", graph.draw())


@contextmanager
def _stopping(system: System, path: Path, stop: StopFlag) -> Iterator[None]:
    """Within the block, signals request a stop, errors of a user's own file name their line, and Stopped says more."""
    try:
        with locate_errors(system), stop:
            yield
    except Stopped as stopped:
        if (path / CHECKPOINTS).is_dir():
            stopped.hint = _("type: axone resume {run}", run=quote(path))
            stopped.hint += f" --system {quote(system.path)}" if system.own else ""
        raise


def _finish(
    system: System,
    settings: Settings,
    experiment: Experiment,
    recorder: Recorder,
    outcome: Outcome,
    device: torch.device,
    dtype: torch.dtype,
    listener: Listener,
) -> None:
    """Record the results, and write the report."""
    learner, progress = experiment.learner, outcome.progress
    recorder.finish(
        {
            "run": recorder.folder.name,
            "system": system.name,
            "data": settings.data,
            "seed": settings.seed,
            "epochs": len(progress.history),
            "best_epoch": progress.best_epoch,
            "steps": progress.step,
            "seconds": progress.seconds,
            "validation": outcome.validation,
            "test": outcome.test,
            "parameters": count_parameters(learner.networks),
            "device": str(device),
            "precision": str(dtype).removeprefix("torch."),
            "weights_sha256": weights_sha256(learner.weights()),
        }
    )
    listener({"kind": "progress", "text": _("writing the report"), "done": 0, "total": 0})  # the history has ended
    write_report(recorder.folder, system.Settings)
