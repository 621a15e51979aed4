"""`axone play RUN`: play against a trained network, or watch it act. Only the loop around the system's session."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING, Any

from axone.commands.output.save_outputs import save_outputs
from axone.commands.parsing.arguments import parse_whole_number
from axone.commands.parsing.own_options import split_own_options
from axone.display import say
from axone.display.load_torch import load_torch
from axone.errors import AxoneError
from axone.messages import _
from axone.system import locate_errors
from axone.system_calls import require_json

if TYPE_CHECKING:
    from axone.tasks.play_session import PlaySession

QUIT = ("q", "quit")
LONGEST_LINE = 1000  # characters of a typed line that are read


def execute(options: argparse.Namespace) -> int:
    """Play one game or one episode; write its files where `--out` asks for them, and the result with `--json`."""
    seed = parse_whole_number(options.seed or "0", "--seed", 0, 2**63 - 1)

    load_torch()
    from axone.use import load

    run = load(options.words[0], system=options.system, runs_folder=options.runs_folder)
    _words, own = split_own_options(run.system, "play", options.words)
    with locate_errors(run.system):
        session = run.play(seed=seed, **own)
        # With --json, standard output is the result alone.
        code = play(session, sys.stderr if options.json else sys.stdout)
        paths = []
        if options.out:
            files = [(f"play-seed{seed}{suffix}", content) for suffix, content in session.files().items()]
            paths = save_outputs(run.path, "", options.out, files)
        result: dict[str, Any] = {"run": str(run.path), "seed": seed, "finished": session.finished}
        result |= {**session.to_json(), "files": [str(path) for path in paths]}
        if run.system.own:
            require_json(result, "to_json()", run.system.path)
    for path in paths:
        say(_("written: {path}", path=path))
    if options.json:
        print(json.dumps(result))
    return code


def play(session: PlaySession, output: Any) -> int:
    """Run a session until it is finished, the input ends, a person quits, or Ctrl-C; return the exit code.

    A line that makes no sense is explained, and the session continues.
    """
    screen = _Screen(output)
    try:
        while not session.finished:
            if not session.asks:
                screen.show_step(session.text(), session.pause)
                session.advance()
                continue
            screen.show(session.text())
            line = read_line(session.prompt, output)
            if line is None:
                say(_("The input has ended before the end."))
                return 0
            if line in QUIT:
                return 0
            try:
                session.enter(line)
            except AxoneError as error:
                say(error)
        screen.show(session.text())
    except KeyboardInterrupt:
        say()
        say(_("Stopped."))
        return 130
    return 0


def read_line(prompt: str, output: Any) -> str | None:
    """Return the next line of standard input without spaces at its ends, or None where there is no further one.

    A line from a pipe is printed after the prompt, as if it had been typed.
    """
    if sys.stdin.isatty() and output is sys.stdout:
        try:
            return input(prompt).strip()[:LONGEST_LINE]
        except EOFError:
            return None
    line = sys.stdin.readline()
    if not line:
        return None
    line = line.strip()[:LONGEST_LINE]
    say(prompt + line, file=output)
    return line


class _Screen:
    """Prints texts one below the other; on a terminal, the text of a step replaces the one of the step before.

    Where there is no terminal, the steps that no one is asked about are not printed.
    """

    def __init__(self, output: Any) -> None:
        self.output, self.is_terminal = output, output.isatty()
        self.lines = 0  # of the step above, to be replaced

    def show_step(self, text: str, pause: float) -> None:
        if self.is_terminal:
            self.show(text)
            self.lines = text.count("\n") + 1
            time.sleep(pause)

    def show(self, text: str) -> None:
        if self.lines:
            self.output.write(f"\x1b[{self.lines}F\x1b[J")  # to the first line of the step, and clear what follows
        self.lines = 0
        say(text, file=self.output)
