"""`axone train SYSTEM`: train a system, with the progress on screen."""

from __future__ import annotations

import argparse

from axone import catalogue
from axone.commands.output.next_commands import print_next_commands
from axone.display.load_torch import load_torch
from axone.settings import read_flags, resolve


def execute(options: argparse.Namespace) -> int:
    """Train a system. The settings are checked first, without loading torch: a mistyped flag is answered at once."""
    system = catalogue.find(options.words[0])
    settings_class = catalogue.read_settings_class(system)
    typed = read_flags(settings_class, options.settings)
    resolve(settings_class, typed, options.config)

    load_torch()
    from axone.train import train

    run = train(system, config=options.config, name=options.name, runs_folder=options.runs_folder, **typed)
    print_next_commands(run, options)
    return 0
