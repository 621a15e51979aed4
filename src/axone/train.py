"""THE MAP: from a system's name to a finished run, in eight calls. Start reading here.

    1  catalogue.find, load     the system                    axone/systems/NAME.py, or the user's own file
    2  settings.resolve         its settings                  axone/settings.py
    3  prepare_machine          device, threads, precision    axone/engine/device.py, precision.py
    4  build                    data, network, learner        axone/systems, axone/data, axone/graph
    5  folder.create            a new run                     axone/runs/folder.py
    6  recorder.start           what the run is               axone/runs/recorder.py
    7  loop.fit                 the training                  axone/engine/loop.py
    8  recorder.finish          results, report, manifest     axone/runs/report/document.py

`resume` takes the same way with a run that exists.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from axone import catalogue, messages
from axone.catalogue import SystemFile
from axone.engine import seeds
from axone.engine.context import BuildContext, split_data
from axone.engine.device import choose_device, environment, keep_freed_memory, use_threads
from axone.engine.experiment import Experiment
from axone.engine.interrupt import StopFlag
from axone.engine.loop import fit
from axone.engine.precision import choose_precision
from axone.errors import RunError, SettingsError, Stopped, UsageError
from axone.graph import Model
from axone.messages import _
from axone.progress import Progress, ignore_progress
from axone.runs import folder
from axone.runs.recorder import Recorder
from axone.runs.report.document import write_report
from axone.runs.status import read_run
from axone.runs.tensors import weights_sha256
from axone.settings import Settings, resolve, to_toml
from axone.system import System, locate_errors
from axone.use import Run, find_system, load, read_settings

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
    **given: Any,
) -> Run:
    """Train a system and return its run.

    `system` is a name of `axone list` or the path of your own file; `given` are its settings (epochs=5,
    data="photos/", or data=frame for tables), `config` a TOML file of them. `listener` is called with each event of
    the run, and first of all with its folder. Raises the errors of `axone.errors`; Stopped, after saving, on Ctrl-C
    or when `stop` asks.
    """
    with messages.use_language(language):
        file = system if isinstance(system, SystemFile) else catalogue.find(system)
        return _train(catalogue.load(file), config, name, runs_folder, listener, stop, given)


def _train(
    system: System,
    config: str | Path | None,
    name: str | None,
    runs_folder: str | Path,
    listener: Listener | None,
    stop: StopFlag | None,
    given: dict[str, Any],
) -> Run:
    given, data = split_data(given)
    context = BuildContext(progress_of(listener), data, runs_folder=Path(runs_folder))
    settings = resolve(system.Settings, given, config)
    if system.complete is not None:
        settings = system.complete(settings, context)
    device, dtype = prepare_machine(settings)
    experiment = build(system, settings, context)
    path = folder.create(runs_folder, system.name, name)
    if listener:  # for the person alone: the run itself never says where it is, so that it can be moved
        listener({"kind": "folder", "path": str(path), "epochs": settings.epochs})
    with Recorder(path, listener) as recorder:
        recorder.start(
            to_toml(settings),
            experiment.facts,
            {
                "system": system.name,
                "own_system": system.own,
                "verbs": system.list_verbs(settings),
                **environment(device, dtype),
            },
            graph_of(experiment),
            system.path,
        )
        recorder.event("data", notes=experiment.notes)
        if experiment.report:
            recorder.write("data_report.json", json.dumps(experiment.report, indent=1, allow_nan=False) + "\n")
        _run(system, settings, experiment, recorder, device, dtype, stop, resume=False)
    return load(path, system=system.path if system.own else None)


def resume(
    run: str | Path,
    *,
    system: str | Path | None = None,
    runs_folder: str | Path = "runs",
    listener: Listener | None = None,
    stop: StopFlag | None = None,
    **changes: Any,
) -> Run:
    """Go on with a stopped run, exactly where it was; a finished one needs more epochs (epochs=20).

    `system` is the file of a user's own system: a run folder's copy of it is never executed by itself.
    """
    path = folder.find(str(run), runs_folder)
    loaded = catalogue.load(find_system(path, system))
    kept = read_settings(path, loaded.Settings)
    changes, data = split_data(changes)
    settings = resolve(loaded.Settings, {**kept.model_dump(), **changes})
    _refuse_changes(kept, settings)
    if read_run(path).done and not _more_to_do(path, kept, settings):
        return load(path, system=system)
    with Recorder(path, listener) as recorder:
        was = read_run(path)
        device, dtype = prepare_machine(settings, was.environment)
        context = BuildContext(progress_of(listener), data, was.facts, Path(runs_folder))
        experiment = build(loaded, settings, context)
        _refuse_other_data(was.facts, experiment.facts)
        _tell_differences(recorder, was.environment, environment(device, dtype))
        if settings != kept:
            recorder.write("settings.toml", to_toml(settings))
        _run(loaded, settings, experiment, recorder, device, dtype, stop, resume=True)
    return load(path, system=system)


def progress_of(listener: Listener | None) -> Progress:
    """Return what a system reports its progress to: the listener, as "progress" events."""
    if listener is None:
        return ignore_progress
    return lambda text, done, total: listener({"kind": "progress", "text": text, "done": done, "total": total})


def build(system: System, settings: Settings, context: BuildContext) -> Experiment:
    """Build the experiment of a system.

    Raises UsageError when a user's own system returns something else.
    """
    with locate_errors(system):
        experiment = system.build(settings, context)
    if not isinstance(experiment, Experiment):
        raise UsageError(
            _(
                "build(settings, context) in '{path}' returned {kind}.",
                path=system.path,
                kind=type(experiment).__name__,
            ),
            expected=_("expected an axone.engine.experiment.Experiment"),
            hint=_("see a commented example: axone new my_system"),
        )
    return experiment


def prepare_machine(settings: Settings, was: Mapping[str, Any] | None = None) -> tuple[torch.device, torch.dtype]:
    """Choose device and precision, set threads and seed; a resumed run takes the thread count it had."""
    device = choose_device(settings.device)
    dtype = choose_precision(settings.precision, device)
    keep_freed_memory()
    use_threads(settings.threads or int((was or {}).get("threads", 0)))
    seeds.seed_everything(settings.seed)
    return device, dtype


def graph_of(experiment: Experiment) -> dict[str, Any] | None:
    """Describe the networks of an experiment for the run folder; None where none is an axone.graph.Model."""
    graphs = {name: graph.to_json() for name, graph in _graphs(experiment).items()}
    return graphs["network"] if list(graphs) == ["network"] else {"networks": graphs} if graphs else None


def _graphs(experiment: Experiment) -> dict[str, Model]:
    """Find the networks that are graphs, or that a graph is the first part of."""
    parts = {name: network.modules() for name, network in experiment.learner.networks.items()}
    found = {name: next((part for part in each if isinstance(part, Model)), None) for name, each in parts.items()}
    return {name: graph for name, graph in found.items() if graph is not None}


def parameters_of(networks: Mapping[str, nn.Module]) -> int:
    """Count the trainable and frozen parameters of all networks."""
    return sum(parameter.numel() for network in networks.values() for parameter in network.parameters())


def _run(
    system: System,
    settings: Settings,
    experiment: Experiment,
    recorder: Recorder,
    device: torch.device,
    dtype: torch.dtype,
    stop: StopFlag | None,
    resume: bool,
) -> None:
    path = recorder.folder
    for name, graph in {} if resume else _graphs(experiment).items():
        recorder.write("figures/graph.svg" if name == "network" else f"figures/graph-{name}.svg", graph.draw())
    try:
        with locate_errors(system), stop or StopFlag() as flag:
            outcome = fit(experiment, settings, recorder, device=device, dtype=dtype, stop=flag, resume=resume)
    except Stopped as stopped:
        stopped.hint = _("type: axone resume {run}", run=path) + (f" --system {system.path}" if system.own else "")
        recorder.event("stop", reason=stopped.what)
        raise
    except BaseException as error:
        recorder.event("stop", reason=f"{type(error).__name__}: {error}")
        raise
    learner, progress = experiment.learner, outcome.progress
    recorder.finish(
        {
            "run": path.name,
            "system": system.name,
            "data": settings.data,
            "seed": settings.seed,
            "epochs": len(progress.history),
            "best_epoch": progress.best_epoch,
            "steps": progress.step,
            "seconds": progress.seconds,
            "validation": outcome.validation,
            "test": outcome.test,
            "parameters": parameters_of(learner.networks),
            "device": str(device),
            "precision": str(dtype).removeprefix("torch."),
            "weights_sha256": weights_sha256(learner.weights()),
        }
    )
    write_report(path, system.Settings)


def _more_to_do(path: Path, kept: Settings, settings: Settings) -> bool:
    return settings.epochs > kept.epochs or settings.patience != kept.patience


# What may change between a run and its continuation without making it another experiment.
CHANGEABLE = {"epochs", "patience", "save_every", "device", "threads"}


def _refuse_changes(kept: Settings, settings: Settings) -> None:
    changed = [name for name in type(kept).model_fields if getattr(kept, name) != getattr(settings, name)]
    refused = [name for name in changed if name not in CHANGEABLE]
    if refused:
        listed = ", ".join(f"{name} ({getattr(kept, name)} -> {getattr(settings, name)})" for name in refused)
        raise SettingsError(
            _("A run goes on with the settings it began with; these differ: {listed}.", listed=listed),
            expected=_("these may change: {names}", names=", ".join(sorted(CHANGEABLE))),
            hint=_("type: axone train, for a new run with other settings"),
        )


def _refuse_other_data(was: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    if was.get("fingerprint") != now.get("fingerprint"):
        raise RunError(
            _("The data are not those that this run was trained on."),
            expected=_("fingerprint {was}, found {now}", was=was.get("fingerprint"), now=now.get("fingerprint")),
            hint=_("put the data back as they were, or train a new run"),
        )


def _tell_differences(recorder: Recorder, was: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    names = ("threads", "device", "precision", "torch", "processor")
    changed = [f"{name}: {was.get(name)} -> {now[name]}" for name in names if was.get(name) != now[name]]
    if changed:
        text = _("Not exact to the bit, because the machine differs ({changes}).", changes="; ".join(changed))
        recorder.event("warning", text=text)
