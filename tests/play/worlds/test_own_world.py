"""A world in a user's own file: the template works as it is, and each mistake is an error with file and line."""

import pytest
import torch

from axone import cli
from axone.errors import DataError, DataNote, UsageError
from axone.play.worlds.own_world import DEFAULT_LIMIT
from axone.play.worlds.registry import make_world, make_worlds


@pytest.fixture
def template(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new", "my_world", "--kind", "world"]) == 0
    return tmp_path / "my_world.py"


def refuse(path, *words):
    with pytest.raises(DataError) as caught:
        make_world(path.name)
    assert caught.value.exit_code == 3
    assert all(word in str(caught.value) for word in words), str(caught.value)


def line_of(path, words):
    return next(number for number, line in enumerate(path.read_text().splitlines(), 1) if words in line)


def rewrite(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_template_is_a_world_that_works(template):
    worlds = make_worlds("my_world.py", 16, seed=3)
    assert worlds.name == "my_world" and "class MyWorld(World)" in template.read_text()
    total = 0.0
    for _ in range(14):
        ball, _row, paddle = worlds.observations.T
        step = worlds.step(1 + (ball > paddle).long() - (ball < paddle).long())
        total += float(step.rewards.sum())
    assert total == 2 * 16  # each ball is caught
    assert worlds.render_text(3).count("o") == 1 and worlds.render_image(3).shape == (128, 80, 3)


def test_another_name_is_used_throughout(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new", "two_balls", "--kind", "world"]) == 0
    assert "axone train ppo --world ./two_balls.py" in capsys.readouterr().err
    text = (tmp_path / "two_balls.py").read_text()
    assert "class TwoBalls(World)" in text and 'name = "two_balls"' in text and "my_world" not in text.lower()
    assert cli.main(["new", "another", "--kind", "planet"]) == 2
    assert "expected one of: system, world" in capsys.readouterr().err


def test_a_file_that_is_not_there():
    with pytest.raises(UsageError, match="axone new missing --kind world"):
        make_world("./missing.py")


def test_a_file_that_cannot_be_executed(template):
    rewrite(template, "import torch\n", "import torc\n")
    refuse(template, "my_world.py", f"line {line_of(template, 'import torc')}:", "ModuleNotFoundError", "torc")
    template.write_text("class World(:\n")
    refuse(template, "my_world.py", "line 1", "SyntaxError")
    template.write_text("import sys\nsys.exit(0)\n")
    refuse(template, "line 2", "SystemExit")


def test_a_file_that_prints(template):
    rewrite(template, "zeros = torch.zeros_like(keys)", 'print("hello"); zeros = torch.zeros_like(keys)')
    refuse(template, "prints: 'hello", "sys.stderr")


def test_a_file_with_no_world_or_two(template):
    text = template.read_text()
    template.write_text("x = 1\n")
    refuse(template, "one class derived from World", "none")
    template.write_text(text + "\n\nclass Other(MyWorld):\n    pass\n")
    refuse(template, "MyWorld, Other")


def test_a_class_with_a_function_missing(template):
    rewrite(template, "def step(", "def stepp(")
    refuse(template, "abstract", "step")


def test_a_function_that_raises_names_the_line(template):
    rewrite(template, "        landed = row == ROWS - 1\n", "        landed = row == ROWS - ONE\n")
    refuse(template, f"line {line_of(template, 'ROWS - ONE')}:", "NameError", "ONE")


def test_a_broken_contract_names_function_part_and_step(template):
    rewrite(template, "rewards = caught.float() -", "rewards = caught.double() -")
    refuse(template, "step()", "outcome.rewards", "step 1", "float32 [8]", "float64 [8]")


def test_nan_that_comes_later_names_the_step(template):
    rewrite(template, "max_steps = 100", "max_steps = 10000")
    rewrite(template, "landed = row == ROWS - 1", "landed = row == -1")
    rewrite(template, "caught.float() -", "torch.where(steps == 400, torch.nan, caught.float()) -")
    rewrite(template, '"row": row,', '"row": row * 0,')
    worlds = make_worlds("my_world.py", 2)
    with pytest.raises(DataError, match=r"outcome\.rewards: not finite in copy 0, step 400 of its episode"):
        for _ in range(401):
            worlds.step(torch.zeros(2, dtype=torch.int64))


def test_a_world_without_a_time_limit_gets_one_with_a_warning(template):
    rewrite(template, "max_steps = 100", "max_steps = 0")
    rewrite(template, "steps >= self.max_steps", "steps < 0")
    with pytest.warns(DataNote, match="no time limit"):
        worlds = make_worlds("my_world.py", 2)
    assert worlds.max_steps == DEFAULT_LIMIT
