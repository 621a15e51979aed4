"""`axone resume RUN`: continue a stopped run, or add epochs to a finished one."""

from __future__ import annotations

import argparse

from axone import catalogue
from axone.commands.output.next_commands import print_next_commands
from axone.display import say
from axone.display.load_torch import load_torch
from axone.messages import _
from axone.settings import read_flags
from axone.shell import quote


def execute(options: argparse.Namespace) -> int:
    """Resume a run."""
    load_torch()
    from axone.runs import folder
    from axone.runs.status import read_run
    from axone.train import resume
    from axone.use.run_system import find_system

    path = folder.find(options.words[0], options.runs_folder)
    settings_class = catalogue.read_settings_class(find_system(path, options.system))
    changes = read_flags(settings_class, options.settings)
    results_before = read_run(path).done
    run = resume(path, system=options.system, runs_folder=options.runs_folder, **changes)
    if results_before and run.results == results_before:
        say(_("This run is already finished. To train it further: axone resume {run} --epochs N", run=quote(path)))
    print_next_commands(run, options)
    return 0
