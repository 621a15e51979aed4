"""`axone predict RUN INPUT...`: the answers of a trained model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axone.commands.output.answer_table import is_answer_table, write_answer_table
from axone.commands.output.failures import report_failures
from axone.commands.output.save_outputs import make_unique_stem, save_output
from axone.commands.parsing.arguments import list_inputs, parse_whole_number
from axone.commands.parsing.own_options import split_own_options
from axone.display import open_display, printable, say
from axone.display.load_torch import load_torch
from axone.errors import AxoneError, UsageError
from axone.messages import _, plural
from axone.system import locate_errors
from axone.system_calls import require_json

if TYPE_CHECKING:
    from axone.tasks.answers import Answer
    from axone.use import Run

SUBFOLDER = "predictions"  # of the run


def execute(options: argparse.Namespace) -> int:
    """Print one answer for each input; inputs that cannot be read are reported, and make the exit code 3."""
    top = parse_whole_number(options.top, "--top", 1) if options.top else 1

    load_torch()
    from axone.use import load

    run = load(options.words[0], system=options.system, runs_folder=options.runs_folder)
    words, own = split_own_options(run.system, "predict", options.words)
    with locate_errors(run.system):
        return _predict(run, options, top, words[1:], own)


def _predict(run: Run, options: argparse.Namespace, top: int, words: list[str], own: dict[str, Any]) -> int:
    inputs = _list_inputs(run, words, own)
    if is_answer_table(options.out):
        return _write_table(run, options, inputs, own)
    out, out_stem = _split_out(options.out, len(inputs))
    answers = _compute_answers(run, inputs, own)
    stems: set[str] = set()
    rows: list[dict[str, Any]] = []
    for (name, _item), answer in zip(inputs, answers, strict=True):
        if isinstance(answer, AxoneError):
            say(answer)
            rows.append({"input": name, "error": answer.what})
            continue
        answer = answer.with_top(top)
        text, row = answer.text(), answer.to_json()
        if run.system.own:
            require_json(row, "to_json()", run.system.path)
        if out is not None and not answer.files():
            raise UsageError(
                _("--out does not apply: the system '{name}' outputs text, not files.", name=run.system.name)
            )
        if out is not None or answer.output != "text":
            stem = out_stem or make_unique_stem(Path(name).stem, stems)
            paths = _save(answer, run.path, out, stem)
            text, row["files"] = f"{text} -> {', '.join(map(str, paths))}", [str(path) for path in paths]
        if not options.json:
            print(printable(f"{name}: {text}"))
        rows.append({"input": name, **row})
    return report_failures(options, {"run": str(run.path), "predictions": rows}, rows)


def _list_inputs(run: Run, words: list[str], own: dict[str, Any]) -> list[tuple[str, Any]]:
    """List the inputs that words name, or the one that an option of the system stands for."""
    options = run.system.resolve_options("predict", own).get("options")
    if options is None or options.INPUT_OPTION not in own:
        return list_inputs(run, words)
    if words:
        raise UsageError(
            _("--{option} stands for an input, and there are others: {names}.", option=options.INPUT_OPTION,
              names=" ".join(words))
        )  # fmt: skip
    return [options.read_input()]


def _compute_answers(run: Run, inputs: list[tuple[str, Any]], own: dict[str, Any]) -> list[Answer | AxoneError]:
    """Return the answer about each input, with a line that says so where it takes long."""
    with open_display() as display:
        display.progress(_("predicting"))
        return run.predict_each([item for _name, item in inputs], **own)


def _write_table(run: Run, options: argparse.Namespace, inputs: list[tuple[str, Any]], own: dict[str, Any]) -> int:
    """Write all answers into one table instead of printing them; errors are a column of it."""
    answers = _compute_answers(run, inputs, own)
    if any(not isinstance(answer, AxoneError) and answer.output != "text" for answer in answers):
        raise UsageError(
            _(
                "--out {path} does not apply: the system '{name}' outputs files.",
                path=options.out,
                name=run.system.name,
            ),
            hint=_("name a folder: --out cleaned/"),
        )
    path = Path(options.out)
    write_answer_table(path, inputs, answers, run.facts.get("classes", ()))
    say(plural("{count} answer written: {path}", "{count} answers written: {path}", len(answers), path=path))
    rows = [
        {"input": name, **({"error": answer.what} if isinstance(answer, AxoneError) else answer.to_json())}
        for (name, _item), answer in zip(inputs, answers, strict=True)
    ]
    return report_failures(options, {"run": str(run.path), "file": str(path), "predictions": rows}, rows)


def _split_out(out: str | None, inputs: int) -> tuple[str | None, str]:
    """Return the folder that --out names, and the stem of the file where it names a single file."""
    if out is None or not Path(out).suffix:
        return out, ""
    if inputs > 1:
        raise UsageError(
            _("--out names one file, '{path}', and there are {count} inputs.", count=inputs, path=out),
            hint=_("name a folder: --out cleaned/"),
        )
    return str(Path(out).parent), Path(out).stem


def _save(answer: Answer, run: Path, out: str | None, stem: str) -> list[Path]:
    return [save_output(run, SUBFOLDER, out, stem + suffix, content) for suffix, content in answer.files().items()]
