"""Verbs that only look: `list`, `graph`, `runs`, `report`, `check`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from axone import catalogue
from axone.display import figures, printable, say
from axone.errors import AxoneError, UsageError
from axone.messages import _
from axone.numbers import duration


def list_systems(options: argparse.Namespace) -> int:
    """List the systems with what each is, in a line."""
    systems = catalogue.systems()
    if options.json:
        print(json.dumps({"systems": [{"name": s.name, "summary": s.summary} for s in systems]}))
        return 0
    width = max(len(system.name) for system in systems)
    for system in systems:
        print(f"{system.name:{width}}  {_(system.summary)}")
    return 0


def graph(options: argparse.Namespace) -> int:
    """Show a network: of a system, of a run, or of a graph file."""
    from axone.graph import Model

    word = options.words[0]
    model = _model(word, options)
    model = next((part for part in model.modules() if isinstance(part, Model)), model)
    if not isinstance(model, Model):
        if options.svg or options.source:
            raise UsageError(_("Only a network written with axone.graph can be drawn or written as a file."))
        print(model)
        return 0
    if options.svg:
        _write(Path(options.svg), model.draw())
        say(_("drawn: {path}", path=options.svg))
    if options.source:
        _write(Path(options.source), model.to_source())
        say(_("written: {path}", path=options.source))
    if options.json:
        print(json.dumps({"parameters": model.parameters_count, "flops": model.flops, **model.to_json()}))
    else:
        print(printable(model.summary()))
    return 0


def _write(path: Path, text: str) -> None:
    from axone.runs.files import write_atomically

    if not path.absolute().parent.is_dir():
        raise UsageError(_("There is no folder '{path}' (from {folder}).", path=path.parent, folder=Path.cwd()))
    write_atomically(path, text)


def _model(word: str, options: argparse.Namespace) -> Any:
    from axone.graph import Model
    from axone.runs import folder

    if word.endswith(".json"):
        path = Path(word)
        if not path.is_file() or path.stat().st_size > 50_000_000:
            raise UsageError(_("There is no graph file '{path}' (from {folder}).", path=word, folder=Path.cwd()))
        try:
            content = json.loads(path.read_text("utf-8"))
        except (ValueError, RecursionError) as error:
            raise UsageError(_("'{path}' is not JSON: {error}", path=word, error=error)) from None
        if not isinstance(content, dict):
            raise UsageError(_("There is no graph file '{path}' (from {folder}).", path=word, folder=Path.cwd()))
        return Model.from_json(content, device="meta")
    is_system = word in {system.name for system in catalogue.systems()} or word.endswith(".py")
    if not is_system and (folder.is_run(Path(word)) or _is_run_name(word, options.runs_folder)):
        from axone.use import load

        if options.settings:
            raise UsageError(
                _("A run's network is drawn as it was trained: {words} cannot change it.", words=options.settings[0])
            )
        run = load(word, system=options.system, runs_folder=options.runs_folder)
        return run.module.model(run.settings, run.facts)
    from axone.network import network
    from axone.settings import read_flags

    given = read_flags(catalogue.declaration(catalogue.find(word)), options.settings)
    return network(word, input=_shape(options.input), classes=_classes(options.classes), device="meta", **given)


def _is_run_name(word: str, root: str) -> bool:
    from axone.runs import folder

    try:
        folder.find(word, root)
    except AxoneError:
        return False
    return True


def _shape(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    parts = text.lower().split("x")
    if not all(part.isdecimal() and 0 < int(part) <= 100_000 for part in parts):
        raise UsageError(
            _("{name} cannot be '{value}'.", name="--input", value=text),
            expected=_("expected channels x height x width, for example 3x224x224"),
        )
    return tuple(int(part) for part in parts)


def _classes(text: str | None) -> int | None:
    if text is not None and not (text.isdecimal() and 1 <= int(text) <= 1_000_000):
        raise UsageError(
            _("{name} cannot be '{value}'.", name="--classes", value=text),
            expected=_("expected {wanted}", wanted=_("a whole number")),
        )
    return None if text is None else int(text)


def runs(options: argparse.Namespace) -> int:
    """List the runs, the newest last; a damaged one is shown as such and hides no other."""
    from axone.runs.listing import list_runs

    found = sorted(list_runs(options.runs_folder), key=lambda run: run.started)
    if options.json:
        listed = [
            {"run": str(r.path), "system": r.system, "status": r.status, "reason": r.reason, "results": r.done}
            for r in found
        ]
        print(json.dumps({"runs": listed}))
        return 0
    if not found:
        say(_("There are no runs in '{root}' yet. Begin with: axone train cnn", root=options.runs_folder))
    width = max((len(str(run.path)) for run in found), default=0)
    for run in found:
        done = run.done or {}
        metrics = done.get("test") or done.get("validation") or {}
        detail = run.reason or "  ".join(
            part for part in (figures(metrics), duration(done["seconds"]) if "seconds" in done else "") if part
        )
        print(f"{printable(run.path):{width}}  {_(run.status):10}  {printable(detail)}")
    return 0


def report(options: argparse.Namespace) -> int:
    """Write the report page of a run again."""
    from axone.runs import folder
    from axone.runs.report.document import write_report
    from axone.runs.status import read_run

    path = folder.find(options.words[0], options.runs_folder)
    try:
        name = read_run(path).environment.get("system")
        declaration = catalogue.declaration(catalogue.find_builtin(str(name)))
    except AxoneError:  # a user's own system, or a damaged run: the page then shows no defaults
        declaration = None
    page = write_report(path, declaration).resolve()
    say(_("report: {path}", path=page.as_uri()))
    if options.open:
        import webbrowser

        webbrowser.open(page.as_uri())
    if options.json:
        print(json.dumps({"run": str(path), "report": str(page)}))
    return 0


def check(options: argparse.Namespace) -> int:
    """Tell what this machine offers, and what Axone will use of it."""
    from axone.engine.device import available_devices, choose_device, environment, memory_bytes, use_threads
    from axone.engine.precision import choose_precision, has_bfloat16

    device = choose_device("auto")
    use_threads(0)
    dtype = choose_precision("auto", device)
    facts = {**environment(device, dtype), "devices": available_devices(), "bfloat16": has_bfloat16(device)}
    memory = memory_bytes()
    facts["memory_gigabytes"] = round(memory / 1e9, 1) if memory else None
    if options.json:
        print(json.dumps(facts))
        return 0
    rows = [
        (_("processor"), f"{facts['processor']} ({', '.join(facts['features']) or '-'})"),
        (_("memory"), f"{facts['memory_gigabytes']} GB" if memory else "?"),
        (_("devices"), ", ".join(facts["devices"])),
        (_("Axone will use"), f"{facts['device']}, {facts['precision']}, " + _("{n} threads", n=facts["threads"])),
        (_("versions"), f"axone {facts['axone']}, torch {facts['torch']}, Python {facts['python']}"),
        (_("system"), facts["platform"]),
    ]
    if not facts["bfloat16"]:
        rows.insert(4, ("", _("(bfloat16 would be emulated here, and slower: float32 it is)")))
    width = max(len(title) for title, _value in rows)
    for title, value in rows:
        print(f"{title:{width}}  {value}")
    return 0
