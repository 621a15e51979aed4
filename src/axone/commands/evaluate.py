"""`axone evaluate RUN`: the metrics of a trained model."""

from __future__ import annotations

import argparse
import json

from axone.commands.parsing.own_options import split_own_options
from axone.display.load_torch import load_torch


def execute(options: argparse.Namespace) -> int:
    """Print the metrics on the validation and the test data."""
    load_torch()
    from axone.use import load

    run = load(options.words[0], system=options.system, runs_folder=options.runs_folder)
    _words, own = split_own_options(run.system, "evaluate", options.words)
    splits, notes = run.evaluate_with_notes(options.data, **own)
    if options.json:
        data = options.data or run.settings.data
        results = {**run.current_results, "run": str(run.path), "data": data, **splits, "notes": notes}
        print(json.dumps(results))
    return 0
