"""Printed commands can be pasted: words with spaces and quotes survive the shell, and whole commands run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from axone.cli import main
from axone.shell import join, quote
from tests.helpers.runs.trainings import shapes

FOLDER = "it's my $HOME; runs"


@pytest.mark.skipif(sys.platform == "win32", reason="bash quotes otherwise than cmd.exe")
@pytest.mark.parametrize("word", ["plain", "two words", "it's", 'a "b"', "$HOME", "a;b", "", "é"])
def test_a_quoted_word_is_one_word_of_the_shell(word):
    assert shlex.split(join(["echo", word])) == ["echo", word]
    assert quote("plain/path.png") == "plain/path.png"


def list_commands(text: str) -> list[str]:
    """List the commands in what was printed."""
    return re.findall(r"axone (?:predict|generate|resume|report|train|runs) .*", text)


def run_in_shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = f'axone() {{ {shlex.quote(sys.executable)} -m axone "$@"; }}; {command}'
    return subprocess.run(["bash", "-c", program], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="bash is needed")
def test_printed_commands_run_when_they_are_pasted(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    images = shapes(tmp_path / "my shapes")
    train = ["train", "autoencoder", "--preset", "variational", "--data", str(images), "--epochs", "1"]
    assert main([*train, "--runs-folder", FOLDER]) == 0
    commands = list_commands(capsys.readouterr().err)
    assert [command.split()[1] for command in commands] == ["predict", "generate"]
    image = next(images.rglob("*.png"))
    for command in commands:
        done = run_in_shell(command.replace("FILE", shlex.quote(str(image))), tmp_path)
        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="bash is needed")
def test_the_example_row_of_a_table_is_answered(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = [f"{n},{'dark red' if n % 2 else 'blue'},{'yes' if n > 20 else 'no'}" for n in range(40)]
    Path("a table.csv").write_text("the size,color,result\n" + "\n".join(rows))
    train = ["train", "mlp", "--data", "a table.csv", "--target", "result", "--epochs", "1"]
    assert main([*train, "--runs-folder", FOLDER]) == 0
    (command,) = list_commands(capsys.readouterr().err)
    assert "color=" in command
    done = run_in_shell(command, tmp_path)
    assert done.returncode == 0 and re.search(r"yes|no", done.stdout), done.stderr
    assert main(["resume", f"{FOLDER}/mlp/missing"]) == 4
    assert main(["resume", "a table.csv", "--runs-folder", FOLDER]) == 4
    (command,) = list_commands(capsys.readouterr().err.splitlines()[-1])
    assert run_in_shell(command, tmp_path).returncode == 0
