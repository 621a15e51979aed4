"""`axone train` and `axone resume`: show the run as it goes, then its figures and what to type next."""

from __future__ import annotations

import argparse
import json
from typing import Any

from axone import catalogue
from axone.display import Display, figures, say
from axone.messages import _
from axone.numbers import duration
from axone.settings import read_flags, resolve


def train(options: argparse.Namespace) -> int:
    """Train a system."""
    system = catalogue.find(options.words[0])
    # Settings are checked before torch is loaded: a mistyped flag is answered at once.
    declaration = catalogue.declaration(system)
    given = read_flags(declaration, options.settings)
    settings = resolve(declaration, given, options.config)

    from axone.train import train as train_system

    display = _Announced(settings.epochs)
    try:
        run = train_system(
            system.path if system.own else system.name,
            config=options.config,
            name=options.name,
            runs_folder=options.runs_folder,
            listener=display,
            **given,
        )
    finally:
        display.close()
    return _tell(run, options)


def resume(options: argparse.Namespace) -> int:
    """Go on with a run."""
    from axone.runs import folder
    from axone.runs.status import read_run
    from axone.train import resume as resume_run
    from axone.use import saved_settings, system_of

    path = folder.find(options.words[0], options.runs_folder)
    declaration = catalogue.declaration(system_of(path, options.system))
    changes = read_flags(declaration, options.settings)
    display = _Announced(int(changes.get("epochs", saved_settings(path, declaration).epochs)))
    finished = read_run(path).done
    try:
        run = resume_run(path, system=options.system, runs_folder=options.runs_folder, listener=display, **changes)
    finally:
        display.close()
    if finished and run.results == finished:
        say(_("This run is already finished. To go further: axone resume {run} --epochs N", run=path))
    return _tell(run, options)


class _Announced(Display):
    """The display, which says first where the run is kept."""

    def _folder(self, event: dict[str, Any]) -> None:
        self.epochs = event["epochs"]  # a system may have chosen them (see `complete`)
        self._print(_("run: {path}", path=event["path"]))


def _tell(run: Any, options: argparse.Namespace) -> int:
    results = {**run.results, "run": str(run.path)}
    speed = _("{seconds} of training", seconds=duration(results["seconds"]))
    if results.get("validation"):
        say(_("validation: {figures}", figures=figures(results["validation"])) + f"  ({speed})")
    if results.get("test"):
        say(_("test: {figures}", figures=figures(results["test"])))
    say(_("report: {path}", path=(run.path / "report.html").resolve().as_uri()))
    verbs = catalogue.offers(run.module, run.settings)
    own = f" --system {run.system.path}" if run.system.own else ""
    if "predict" in verbs:
        from axone.runs.report.sections import asked

        say(_("use it: axone predict {run} {what}", run=run.path, what=asked(run.facts)) + own)
    if "generate" in verbs:
        say(_("let it make some: axone generate {run} --count 16", run=run.path) + own)
    if options.json:
        print(json.dumps(results))
    return 0
