"""`axone graph SYSTEM|RUN|FILE.json`: the architecture of a network, printed, drawn or written as source."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from axone import catalogue
from axone.commands.parsing.arguments import parse_shape, parse_whole_number
from axone.display import printable, say
from axone.errors import AxoneError, UsageError
from axone.messages import _
from axone.settings import read_flags

if TYPE_CHECKING:
    from torch import nn

    from axone.graph import Model

LARGEST_FILE = 50_000_000  # bytes of a graph file


def execute(options: argparse.Namespace) -> int:
    """Print the summary of a network, and write its drawing and its source where they are asked for."""
    from axone.graph import Model

    network = _find_network(options.words[0], options)
    # The first graph among the parts: a network may add further layers, such as trees, after it.
    model = next((part for part in network.modules() if isinstance(part, Model)), None)
    if model is None:
        if options.svg or options.source:
            raise UsageError(_("Only a network written with axone.graph can be drawn or written as source."))
        print(network)
        return 0
    if options.svg:
        _write(Path(options.svg), model.draw())
    if options.source:
        _write(Path(options.source), model.to_source())
    if options.json:
        print(json.dumps({"parameters": model.parameter_count, "flops": model.flops, **model.to_json()}))
    else:
        print(printable(model.summary()))
    return 0


def _find_network(word: str, options: argparse.Namespace) -> nn.Module:
    """Return the network that a word names: of a graph file, a system (also one's own file) or a run."""
    if word.endswith(".json"):
        return _read_graph(Path(word))
    is_system = word.endswith(".py") or word in {system.name for system in catalogue.list_systems()}
    if not is_system and _is_run(word, options.runs_folder):
        return _rebuild(word, options)
    from axone.network import network

    settings = read_flags(catalogue.read_settings_class(catalogue.find(word)), options.settings)
    shape = parse_shape(options.input, "--input") if options.input else None
    classes = parse_whole_number(options.classes, "--classes", 1, 1_000_000) if options.classes else None
    return network(word, input=shape, classes=classes, device="meta", **settings)


def _read_graph(path: Path) -> Model:
    from axone.graph import Model

    if not path.is_file() or path.stat().st_size > LARGEST_FILE:
        raise UsageError(_("There is no graph file '{path}' (from {folder}).", path=path, folder=Path.cwd()))
    try:
        content = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise UsageError(_("'{path}' is not JSON: {error}", path=path, error=error)) from None
    if not isinstance(content, dict):
        raise UsageError(_("There is no graph file '{path}' (from {folder}).", path=path, folder=Path.cwd()))
    return Model.from_json(content, device="meta")


def _rebuild(word: str, options: argparse.Namespace) -> nn.Module:
    from axone.use import load

    if options.settings:
        raise UsageError(
            _("{words} does not apply: the network of a run has the settings of its training.",
              words=options.settings[0])
        )  # fmt: skip
    run = load(word, system=options.system, runs_folder=options.runs_folder)
    return run.system.model(run.settings, run.facts)


def _is_run(word: str, runs_folder: str) -> bool:
    from axone.runs import folder

    try:
        folder.find(word, runs_folder)
    except AxoneError:
        return False
    return True


def _write(path: Path, text: str) -> None:
    from axone.runs.storage.files import write_atomically

    if not path.absolute().parent.is_dir():
        raise UsageError(_("There is no folder '{path}' (from {folder}).", path=path.parent, folder=Path.cwd()))
    write_atomically(path, text)
    say(_("written: {path}", path=path))
