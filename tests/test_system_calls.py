"""What goes wrong inside a user's own system is theirs: each error names the file, the line or the contract.

The cases run in one process of their own, without the type checks of the tests, as on a user's machine.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from axone import catalogue
from axone.commands.new import FOLDER, KINDS
from axone.system import locate_errors

TEXT = (FOLDER / KINDS["system"][0]).read_text("utf-8")
ANSWERS = "return [predict_one(network, facts, point) for point in inputs]"
POINT = """

from axone.tasks.answers import Answer


class Point(Answer):
    output = "files"

    def text(self):
        return "a point"

    def to_json(self):
        return {}

    def files(self):
        return {".txt": b"0.1,0.2"}


def generate(network, settings, facts, *, count, label, seed):
    for number in range(count):
        yield Point()
"""


def own_step(body: str) -> list[tuple[str, str]]:
    learner = f"class Own(Classifier):\n    def train_step(self, batch):\n        {body}\n\n\ndef build("
    return [("def build(", learner), ("learner=Classifier(", "learner=Own(")]


# Name -> verb, changes of the starting file, and what its message must contain; [] where it must succeed.
CASES: dict[str, tuple[str, list[tuple[str, str]], list[str]]] = {
    "build returns a dict": ("train", [("return Experiment(", "return dict(")], ["build(settings, context)", "dict"]),
    "no learner": (
        "train",
        [("learner=Classifier(model(settings, facts), settings)", "learner=None")],
        [".learner", "returned None", "axone.engine.learner.Learner"],
    ),
    "a list as a stream": (
        "train",
        [("train=Points(*draw_spirals(2000, settings.seed), settings.batch_size, settings.seed)", "train=[1, 2]")],
        [".train", "a list of 2 (int, ...)", "axone.engine.experiment.Stream"],
    ),
    "facts with a tensor": ("train", [("facts=facts,", "facts={'mean': torch.ones(1)},")], ["facts", "JSON", "tolist"]),
    "a stream that fails": (
        "train",
        [("return self.inputs[index], self.targets[index]", "return self.input[index]")],
        ["failed in line", "AttributeError"],
    ),
    "model returns None": (
        "train",
        [('return Model(x, Linear(len(facts["classes"]))(h))', "return None")],
        ["has no network", "torch.nn.Module"],
    ),
    "train_step returns None": ("train", own_step("return None"), ["NoneType", "scalar tensor"]),
    "train_step returns a vector": ("train", own_step("return {'loss': torch.ones(2)}"), ["'loss'", "Tensor (2,)"]),
    "train_step returns text": ("train", own_step("return {'loss': 'low'}"), ["'loss'", "'low'"]),
    "train_step fails": ("train", own_step("return batch.nothing"), ["failed in line", "AttributeError"]),
    "train_step returns plain numbers": (
        "train",
        own_step("return {name: float(value) for name, value in super().train_step(batch).items()}"),
        [],
    ),
    "predict fails": ("predict", [(ANSWERS, "return 1 / 0")], ["failed in line", "ZeroDivisionError"]),
    "predict returns None": ("predict", [(ANSWERS, "return None")], ["an answer for each of 1 inputs"]),
    "predict returns too few": ("predict", [(ANSWERS, "return []")], ["an answer for each of 1 inputs"]),
    "predict returns texts": (
        "predict",
        [(ANSWERS, "return ['first']")],
        ["returned str", "axone.tasks.answers.Answer", "docs/your-own-system.md"],
    ),
    "an answer with a tensor": (
        "predict",
        [("Prediction(label, ranking[label], ranking)", "Prediction(label, torch.ones(1), {label: 1.0})")],
        ["to_json()", "JSON"],
    ),
    "read_inputs returns a list": (
        "predict",
        [("return ([inputs], True) if isinstance(inputs, str) else (list(inputs), False)", "return [inputs]")],
        ["read_inputs", "whether it was a single one"],
    ),
    "model fails": (
        "predict",
        [('x = h = Input(*facts["input"])', 'x = h = Input(*facts["inputs"])')],
        ["failed in line", "KeyError"],
    ),
    "generate with the least answer": ("generate", [("\n\ndef predict(", POINT + "\n\ndef predict(")], []),
    "generate fails late": (
        "generate",
        [("\n\ndef predict(", POINT.replace("yield Point()", "yield 1 / (1 - number)") + "\n\ndef predict(")],
        ["failed in line", "ZeroDivisionError"],
    ),
    "generate yields numbers": (
        "generate",
        [("\n\ndef predict(", POINT.replace("yield Point()", "yield number") + "\n\ndef predict(")],
        ["axone.tasks.answers.Answer"],
    ),
}  # fmt: skip

SCRIPT = """
import contextlib, io, json, sys
from pathlib import Path
from axone.cli import main

text, cases = json.load(sys.stdin)
Path("mine.py").write_text(text)
assert main(["train", "mine.py", "--epochs", "1", "--batch-size", "500", "--name", "base"]) == 0
words = {
    "train": ["train", "mine.py", "--epochs", "1", "--batch-size", "500"],
    "predict": ["predict", "runs/mine/base", "0.3,0.1", "--json", "--system", "mine.py"],
    "generate": ["generate", "runs/mine/base", "--count", "2", "--out", "out", "--system", "mine.py"],
}
results = {}
for name, (verb, changes, _parts) in cases.items():
    changed = text
    for old, new in changes:
        assert changed.count(old) == 1, old
        changed = changed.replace(old, new)
    Path("mine.py").write_text(changed)
    printed = io.StringIO()
    with contextlib.redirect_stderr(printed), contextlib.redirect_stdout(io.StringIO()):
        code = main(words[verb])
    results[name] = code, printed.getvalue()
print(json.dumps(results))
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps([TEXT, CASES]),
        cwd=tmp_path_factory.mktemp("own"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", CASES)
def test_an_error_of_a_users_own_system_names_its_file_or_the_contract(results, name):
    code, message = results[name]
    parts = CASES[name][2]
    assert code == (2 if parts else 0), message
    assert all(part in message for part in parts), message
    assert not parts or "train_step returns" in name or "mine.py" in message, message


def test_errors_of_built_in_systems_stay_as_they_are():
    with pytest.raises(ZeroDivisionError), locate_errors(catalogue.load(catalogue.find_builtin("cnn"))):
        _ = 1 / 0
