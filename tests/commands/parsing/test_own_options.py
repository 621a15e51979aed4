"""Flags that a system has of its own for a verb: read, checked, passed on, and listed on the help page."""

from __future__ import annotations

import json

import pytest

import axone
from axone import catalogue, cli
from axone.commands.help.own_options import format_own_options
from axone.commands.help.pages import format_verb_help
from axone.commands.parsing.own_options import is_flag
from axone.errors import SettingsError, UsageError

OWN = '''
"""A system that counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch

from axone.data.stream import StatelessStream
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.optimization.optimizer import Optimizer
from axone.settings import Options, Settings as Common, option
from axone.tasks.answers import Answer


class Settings(Common):
    """Nothing of its own."""


class GenerateOptions(Options):
    DEFAULT_COUNT: ClassVar[int] = 2
    prompt: str = option("", "text with which it begins")
    length: int = option(3, "number of pieces", ge=1, le=9)
    loud: bool = option(False, "in capitals")


class PredictOptions(Options):
    INPUT_OPTION: ClassVar[str] = "sample"
    factor: float = option(1.0, "factor of the answers")
    sample: float = option(0.0, "a number that is measured instead of an input")

    def read_input(self):
        return "measured", self.sample + 1


class EvaluateOptions(Options):
    offset: float = option(0.0, "added to the loss")


class Numbers(StatelessStream):
    samples = 4

    def __len__(self):
        return 1

    def batches(self, epoch, start=0):
        yield from [torch.ones(4, 1)][start:]

    def to(self, device):
        return self


class Constant(Learner):
    def __init__(self, settings, offset):
        self.network, self.offset = torch.nn.Linear(1, 1), offset
        self.optimizer = Optimizer(self.network, settings)

    def train_step(self, batch):
        loss = self.network(batch).square().mean()
        self.optimizer.step(loss)
        return {"loss": loss.detach()}

    def eval_step(self, batch):
        return {"loss": torch.tensor(1.0 + self.offset)}


@dataclass
class Text(Answer):
    words: list

    output = "stream"

    def pieces(self) -> Iterator[str]:
        yield from self.words

    def text(self):
        return "".join(self.words)

    def to_json(self):
        return {"text": self.text()}

    def files(self):
        return {".txt": self.text().encode()}


@dataclass
class Number(Answer):
    value: float

    def text(self):
        return str(self.value)

    def to_json(self):
        return {"value": self.value}


def model(settings, facts):
    return torch.nn.Linear(1, 1)


def build(settings, context):
    offset = context.options.offset if context.options is not None else 0.0
    return Experiment(learner=Constant(settings, offset), train=Numbers(), validation=Numbers())


def read_inputs(inputs, facts):
    return [float(inputs)], True


def predict(network, settings, facts, inputs, options):
    return [Number(options.factor * one) for one in inputs]


def generate(network, settings, facts, *, count, label, seed, options):
    for number in range(count):
        words = [options.prompt] + [f" {number}"] * options.length
        yield Text([word.upper() for word in words] if options.loud else words)
'''


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    file = folder / "counting.py"
    file.write_text(OWN)
    return axone.train(file, epochs=1, runs_folder=folder / "runs", name="run")


def typed(capsys, run, verb, *words, code=0):
    line = [verb, str(run.path), *map(str, words), "--system", str(run.system.path), "--language", "en"]
    assert cli.main(line) == code
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err + printed.out
    return printed


def test_a_text_is_printed_piece_by_piece_and_written_as_a_file(run, capsys, tmp_path):
    words = ["--prompt", "--def", "--length=2", "--loud", "--count", 1, "--out", tmp_path]
    printed = typed(capsys, run, "generate", *words)
    assert printed.out.splitlines()[0] == "--DEF 0 0"
    assert (tmp_path / "seed0-0.txt").read_text() == "--DEF 0 0"


def test_with_json_the_pieces_are_not_printed(run, capsys):
    printed = typed(capsys, run, "generate", "--prompt", "x", "--json")
    assert [one["text"] for one in json.loads(printed.out)["examples"]] == ["x 0 0 0", "x 1 1 1"]


def test_the_same_in_python(run):
    assert [one.text() for one in run.generate(prompt="a", length=1)] == ["a 0", "a 1"]
    assert run.predict(3.0, factor=2.0).value == 6.0
    assert run.evaluate(verbose=False, offset=0.5)["validation"] == {"loss": 1.5}
    assert run.evaluate(verbose=False)["validation"] == {"loss": 1.0}
    with pytest.raises(SettingsError, match="There is no setting 'promt'"):
        run.generate(promt="a")
    with pytest.raises(SettingsError, match="length cannot be '10'"):
        run.generate(length=10)


def test_flags_may_stand_between_words(run, capsys):
    assert typed(capsys, run, "predict", "--factor", "-2", "4").out == "4: -8.0\n"
    assert typed(capsys, run, "predict", "4", "--factor=0.5").out == "4: 2.0\n"
    assert json.loads(typed(capsys, run, "evaluate", "--offset", 2, "--json").out)["validation"]["loss"] == 3.0


def test_an_option_may_stand_for_an_input(run, capsys):
    assert typed(capsys, run, "predict", "--sample", 2, "--factor", 2).out == "measured: 6.0\n"
    printed = typed(capsys, run, "predict", "7", "--sample", 2, code=2)
    assert "--sample stands for an input, and there are others: 7." in printed.err


@pytest.mark.parametrize(
    ("verb", "words", "parts"),
    [
        ("generate", ["--promt", "a"], ["'generate' has no flag --promt.", "Did you mean '--prompt'?"]),
        ("generate", ["--length", "many"], ["length cannot be 'many'.", "a whole number, 1 to 9"]),
        ("generate", ["--length"], ["--length needs a value."]),
        ("generate", ["word", "--length", "2"], ["usage: axone generate RUN"]),
        ("predict", ["--factor", "2"], ["usage: axone predict RUN INPUT..."]),
        ("evaluate", ["--factor", "2"], ["'evaluate' has no flag --factor."]),
    ],
)
def test_wrong_flags_are_named(run, capsys, verb, words, parts):
    printed = typed(capsys, run, verb, *words, code=2)
    assert all(part in printed.err for part in parts), printed.err


def test_the_run_comes_before_the_flags_of_its_system(capsys):
    assert cli.main(["generate", "--prompt", "a", "run", "--language", "en"]) == 2
    assert "'generate' has no flag --prompt." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "expected"), [("--a", True), ("-a", True), ("-", False), ("-5.5", False), ("a", False)]
)
def test_numbers_and_standard_input_are_no_flags(word, expected):
    assert is_flag(word) is expected


def test_help_lists_the_flags_of_a_system(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    file = catalogue.SystemFile("counting", run.system.path, own=True)
    monkeypatch.setattr(catalogue, "find_builtin", lambda name: file)
    page = "\n".join(format_own_options("generate", [str(run.path)]))
    assert "flags of the system 'counting'" in page
    assert "--length INTEGER" in page and "number of pieces (1 to 9) [3]" in page and "--loud, --no-loud" in page
    assert format_own_options("explain", [str(run.path)]) == ["The system 'counting' has no further flags for explain."]


def test_help_of_a_verb_says_where_the_flags_of_a_system_are(run):
    assert format_verb_help("generate", []).endswith("and the flags of the run's system: axone generate RUN --help")
    assert "has no further flags for predict" in format_verb_help("predict", ["cnn"])
    page = format_verb_help("generate", [str(run.path)])  # nothing names the file of a user's own system
    assert page.endswith("axone generate RUN --help")


def test_classes_of_options_are_checked(tmp_path):
    file = tmp_path / "wrong.py"
    file.write_text(OWN.replace("class PredictOptions(Options)", "class PredictOptions"))
    with pytest.raises(UsageError, match=r"PredictOptions in .* is no class of options"):
        catalogue.load(catalogue.find_file(file))
    file.write_text(OWN.replace("label, seed, options)", "label, seed)"))
    with pytest.raises(UsageError, match=r"generate.* does not take these arguments"):
        catalogue.load(catalogue.find_file(file))


def test_the_options_of_a_verb_are_read_without_the_rest_of_the_file(run):
    file = catalogue.SystemFile("counting", run.system.path, own=True)
    options_class = catalogue.read_light_class(run.system.path, "GenerateOptions", axone.settings.Options)
    assert options_class is not None and list(options_class.model_fields) == ["prompt", "length", "loud"]
    assert catalogue.read_options_class(file, "explain") is None
