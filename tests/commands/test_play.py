"""`axone play`: lines from a pipe or a terminal, errors, the end of the input, Ctrl-C, files and JSON."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace

import pytest

import axone
from axone import cli
from axone.commands.play import play, read_line
from axone.errors import UsageError

# A system whose session is a game: guess a number from 0 to 9; or, with --watch, a count to three.
OWN = '''
"""A system that plays at guessing."""

import torch

from axone.data.stream import StatelessStream
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.optimization.optimizer import Optimizer
from axone.errors import UsageError
from axone.settings import Options, Settings as Common, option
from axone.tasks.play_session import PlaySession


class Settings(Common):
    """Nothing of its own."""


class PlayOptions(Options):
    watch: bool = option(False, "watch instead of playing")


class Ones(StatelessStream):
    samples = 1

    def __len__(self):
        return 1

    def batches(self, epoch, start=0):
        yield torch.ones(1, 1)

    def to(self, device):
        return self


class Nothing(Learner):
    def __init__(self, settings):
        self.network = torch.nn.Linear(1, 1)
        self.optimizer = Optimizer(self.network, settings)

    def train_step(self, batch):
        loss = self.network(batch).square().mean()
        self.optimizer.step(loss)
        return {"loss": loss.detach()}


class Guess(PlaySession):
    prompt = "guess: "

    def __init__(self, secret):
        self.secret, self.guesses = secret, []

    def text(self):
        return f"guesses: {self.guesses}"

    @property
    def asks(self):
        return True

    @property
    def finished(self):
        return self.secret in self.guesses

    def enter(self, line):
        if not line.isdecimal():
            raise UsageError(f"'{line}' is no number.", hint="type a number")
        self.guesses.append(int(line))

    def to_json(self):
        return {"guesses": self.guesses}

    def files(self):
        return {".txt": str(self.guesses).encode()}


class Count(PlaySession):
    number = 0

    def text(self):
        return f"step {self.number}"

    @property
    def finished(self):
        return self.number == 3

    def advance(self):
        self.number += 1


def model(settings, facts):
    return torch.nn.Linear(1, 1)


def build(settings, context):
    return Experiment(learner=Nothing(settings), train=Ones())


def play(network, settings, facts, *, seed, options):
    return Count() if options.watch else Guess(seed % 10)
'''


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    file = folder / "guessing.py"
    file.write_text(OWN)
    return axone.train(file, epochs=1, runs_folder=folder / "runs", name="run", verbose=False)


@pytest.fixture
def typed(run, capsys, monkeypatch):
    def typed(lines, *words, code=0):
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        assert cli.main(["play", str(run.path), *words, "--system", str(run.system.path), "--language", "en"]) == code
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err + printed.out
        return printed

    return typed


def test_lines_from_a_pipe_are_printed_as_if_typed(typed):
    assert typed("1\n 3 \n", "--seed", "3").out == "guesses: []\nguess: 1\nguesses: [1]\nguess: 3\nguesses: [1, 3]\n"


def test_a_line_without_sense_is_explained_and_loses_nothing(typed):
    printed = typed("1\nx\n3\n", "--seed", "3")
    assert "'x' is no number.\ntype a number" in printed.err
    assert printed.out.endswith("guesses: [1]\nguess: 3\nguesses: [1, 3]\n")


def test_the_result_is_json_and_files_are_written_where_asked(typed, tmp_path):
    printed = typed("1\n3\n", "--seed", "3", "--json", "--out", str(tmp_path / "made"))
    result = json.loads(printed.out)
    assert result["finished"] and result["guesses"] == [1, 3] and result["seed"] == 3
    assert result["files"] == [str(tmp_path / "made" / "play-seed3.txt")]
    assert (tmp_path / "made" / "play-seed3.txt").read_text() == "[1, 3]"
    assert "guess: 1" in printed.err


@pytest.mark.parametrize(("lines", "text"), [("1\n", "The input has ended"), ("1\nq\n5\n", ""), ("1\nquit\n", "")])
def test_an_end_before_the_end_is_no_error(typed, lines, text):
    printed = typed(lines, "--seed", "3", "--json")
    result = json.loads(printed.out)
    assert not result["finished"] and result["guesses"] == [1] and text in printed.err


def test_steps_without_questions_are_one_text_in_a_pipe(typed):
    assert typed("", "--watch").out == "step 3\n"


def test_a_terminal_shows_each_step_in_the_place_of_the_last(run):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen = Terminal()
    assert play(run.play(watch=True), screen) == 0
    clear = "\x1b[1F\x1b[J"
    assert screen.getvalue() == clear.join(f"step {number}\n" for number in range(4))


def test_a_line_is_read_from_a_terminal_with_its_editor(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("builtins.input", lambda prompt: f" answer to {prompt} ")
    assert read_line("guess:", sys.stdout) == "answer to guess:"

    def end(prompt):
        raise EOFError

    monkeypatch.setattr("builtins.input", end)
    assert read_line("guess:", sys.stdout) is None


def test_ctrl_c_ends_with_the_result_so_far(typed, monkeypatch):
    class Interrupted(io.StringIO):
        def readline(self):
            if self.tell():
                raise KeyboardInterrupt
            return super().readline()

    monkeypatch.setattr(io, "StringIO", Interrupted)
    printed = typed("1\n3\n", "--seed", "3", "--json", code=130)
    assert json.loads(printed.out)["guesses"] == [1] and "Stopped." in printed.err


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--seed", "-1"], ["--seed cannot be '-1'."]),
        (["--watched"], ["'play' has no flag --watched.", "--watch"]),
        (["--watch=maybe"], ["watch cannot be 'maybe'."]),
    ],
)
def test_usage_errors_are_explained(typed, words, parts):
    printed = typed("", *words, code=2)
    assert all(part in printed.err for part in parts)


def test_a_system_that_does_not_play_is_an_error(run, monkeypatch):
    monkeypatch.setitem(run.__dict__, "system", replace(run.system, play=None))
    with pytest.raises(UsageError, match="does not play"):
        run.play()
