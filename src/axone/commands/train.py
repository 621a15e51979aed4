"""`axone train SYSTEM`: train a system, with the progress on screen."""

from __future__ import annotations

import argparse

from axone import catalogue
from axone.commands.training_output import print_results
from axone.display import Display
from axone.settings import read_flags, resolve


def execute(options: argparse.Namespace) -> int:
    """Train a system. The settings are checked first, without loading torch: a mistyped flag is answered at once."""
    system = catalogue.find(options.words[0])
    settings_class = catalogue.read_settings_class(system)
    typed = read_flags(settings_class, options.settings)
    settings = resolve(settings_class, typed, options.config)

    from axone.train import train

    with Display(settings.epochs) as display:
        run = train(
            system,
            config=options.config,
            name=options.name,
            runs_folder=options.runs_folder,
            listener=display,
            **typed,
        )
    print_results(run, options)
    return 0
