"""A run folder may come from anyone: whatever its files say, no code runs, no other file is displayed or written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import axone
from axone import catalogue, cli
from axone.errors import AxoneError, RunError, UsageError
from axone.runs.storage.verification import verify
from tests.helpers.runs.forged_runs import attack, forge, seal_again
from tests.helpers.runs.trainings import quick, shapes

SECRET = "a-secret-that-belongs-to-the-user"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return shapes(tmp_path_factory.mktemp("data") / "shapes", each=20)


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    return quick(data, tmp_path_factory.mktemp("runs"), epochs=1, name="trained").path


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test works in a folder of its own, where relative paths of a forged run would lead."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def marker(tmp_path):
    return tmp_path / "executed"


def commands(run, image):
    """Every command that opens a run, and every verb's usual words."""
    return {
        "report": ["report", run],
        "predict": ["predict", run, image],
        "evaluate": ["evaluate", run],
        "resume": ["resume", run, "--epochs", "2"],
        "explain": ["explain", run, image],
        "generate": ["generate", run],
        "play": ["play", run],
        "graph": ["graph", run],
        "runs": ["runs", "--runs-folder", Path(run).parent.parent],
    }


VERBS = sorted(commands(Path("a/b"), ""))
# What environment.json says: the place of the file that it would like to be executed, and the name by which it is
# called. {folder} is the working directory.
NAMES = {
    "absolute": ("elsewhere/system.py", "{folder}/elsewhere/system.py"),
    "relative": ("elsewhere/system.py", "elsewhere/system.py"),
    "in the working directory": ("system.py", "system.py"),
    "dotted": ("elsewhere/system.py", "./elsewhere/system.py"),
    "parent": ("elsewhere/system.py", "elsewhere/../elsewhere/system.py"),
    "without its ending": ("elsewhere/system.py", "elsewhere/system"),
    "a module's name": ("elsewhere/system.py", "elsewhere.system"),
    "in the run": ("runs/cnn/forged/system.py", "runs/cnn/forged/system.py"),
    "from the systems' folder": (
        "elsewhere/system.py",
        "../../../../../../../../../../../../..{folder}/elsewhere/system",
    ),
    "backslashes": ("elsewhere/system.py", "elsewhere\\system.py"),
    "a folder named like a system": ("cnn/__init__.py", "cnn/"),
    "our own, by path": ("elsewhere/system.py", "systems/cnn.py"),
    "nothing": ("elsewhere/system.py", ""),
}


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("case", NAMES)
def test_no_file_that_a_run_names_is_executed(trained, data, folder, marker, case, own, capsys):
    place, name = NAMES[case]
    name = name.format(folder=folder)
    run = forge(trained, folder / "runs/cnn/forged", environment={"system": name, "own_system": own})
    attack(folder / place, marker)
    seal_again(run)  # the file may lie in the run itself
    assert verify(run) == []
    for verb, words in commands(run, next(data.rglob("*.png"))).items():
        code = cli.main([str(word) for word in words])
        printed = capsys.readouterr()
        assert not marker.exists(), verb
        assert code == (0 if verb in ("report", "runs") else 2 if own else 4), (verb, printed.err)
        assert "Traceback" not in printed.err
    for use in (axone.load, axone.resume):
        with pytest.raises(UsageError if own else RunError):
            use(run)
    assert not marker.exists()


@pytest.mark.parametrize("name", [None, True, 3, ["cnn"], {"cnn": "cnn"}, "cnn\0", "CNN", " cnn", "cnn.py"])
def test_an_unknown_system_is_an_error(trained, folder, name):
    run = forge(trained, folder / "run", environment={"system": name})
    with pytest.raises(RunError, match="Axone does not have"):
        axone.load(run)


def test_a_file_is_executed_when_its_path_is_typed(trained, data, folder, marker, capsys):
    run = forge(trained, folder / "run", environment={"system": "elsewhere/system.py", "own_system": True})
    file = attack(folder / "mine.py", marker)
    assert cli.main(["predict", str(run), str(next(data.rglob("*.png"))), "--system", str(file)]) == 0
    assert marker.exists()
    marker.unlink()
    assert axone.load(run, system=file).system.Settings and marker.exists()


def test_a_run_named_after_the_copied_file_needs_the_file_of_the_user(trained, folder, marker, capsys):
    run = forge(trained, folder / "run", environment={"own_system": True})
    attack(run / "system.py", marker)
    seal_again(run)
    assert cli.main(["evaluate", str(run)]) == 2
    printed = capsys.readouterr().err
    assert "--system FILE.py" in printed and "read it before you use it" in printed and not marker.exists()


@pytest.mark.parametrize("name", ["cnn", "cnn.py"])
def test_a_run_folder_named_like_a_system_is_a_run(trained, data, folder, marker, name, capsys):
    """`train cnn` means our system whatever lies in the working directory; `predict cnn` means the folder."""
    run = forge(trained, folder / name, environment={"system": str(attack(folder / "x/cnn.py", marker))})
    attack(run / "__init__.py", marker)
    attack(run / "system.py", marker)
    seal_again(run)
    assert cli.main(["predict", name, str(next(data.rglob("*.png")))]) == 4
    assert catalogue.find("cnn").path.parent.name == "systems"
    assert cli.main(["graph", "cnn"]) == 0
    assert not marker.exists()


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("link", ["settings.toml", "facts.json", "events.jsonl", "figures", "system.py", "predictions"])
def test_a_link_that_leads_out_of_a_run_is_not_followed(trained, data, folder, verb, link, capsys):
    private = folder / "private"
    private.mkdir()
    content = f'data = "{SECRET}"\nkind = "{SECRET}"\n'
    for file in ("target", "graph.svg", "notes.txt"):
        (private / file).write_text(content)
    run = forge(trained, folder / "runs/cnn/forged")
    if (run / link).is_dir():
        shutil.rmtree(run / link)
    (run / link).unlink(missing_ok=True)
    (run / link).symlink_to(private if link in ("figures", "predictions") else private / "target")
    seal_again(run)
    before = {path.name: path.read_text() for path in private.iterdir()}
    code = cli.main([str(word) for word in commands(run, next(data.rglob("*.png")))[verb]])
    printed = capsys.readouterr()
    assert code == (0 if verb == "runs" else 4) and link in printed.err + printed.out
    assert SECRET not in printed.err + printed.out and not _holds(run, SECRET)
    assert {path.name: path.read_text() for path in private.iterdir()} == before


def test_a_linked_run_and_links_within_a_run_are_accepted(trained, data, folder):
    run = forge(trained, folder / "kept")
    (run / "latest").symlink_to(run / "checkpoints" / "best")
    (folder / "shortcut").symlink_to(run)
    assert axone.load(folder / "shortcut").predict(next(data.rglob("*.png"))).label


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "named", ["data", "config", "weights", "from", "image", "table", "data for tables"], ids=lambda name: name
)
def test_a_file_that_settings_name_is_read_as_data_at_most(trained, data, folder, marker, verb, named, capsys):
    (folder / "private.csv").write_text(f"{SECRET},{SECRET}-2\n{SECRET}-3,{SECRET}-4\n")
    attack(folder / "private.py", marker)
    (folder / "private.png").write_text(SECRET)
    changes = {
        "data": {"data": str(folder / "private.py")},
        "config": {"config": str(folder / "private.csv")},
        "weights": {"weights": str(folder / "private.py")},
        "from": {"from": str(folder / "private.py")},
        "image": {"data": str(folder / "private.png")},
        "table": {"data": str(folder / "private.csv")},
        "data for tables": {"data": str(folder / "private.csv"), "target": "none"},
    }[named]
    run = forge(trained, folder / "runs/cnn/forged", **changes)
    assert verify(run) == []
    cli.main([str(word) for word in commands(run, next(data.rglob("*.png")))[verb]])
    printed = capsys.readouterr()
    assert not marker.exists()
    assert SECRET not in printed.err + printed.out and not _holds(run, SECRET)
    assert "Traceback" not in printed.err and "bug" not in printed.err


@pytest.mark.parametrize("system", ["mlp", "perceptron", "resnet", "cnn_xgboost"])
def test_a_run_that_claims_another_built_in_system_reads_a_named_file_only_as_data(
    trained, data, folder, marker, system, capsys
):
    (folder / "private.csv").write_text(f"{SECRET},{SECRET}-2\n{SECRET}-3,{SECRET}-4\n")
    named = {"weights": str(attack(folder / "private.py", marker))} if system == "resnet" else {"target": "none"}
    run = forge(trained, folder / "runs/cnn/forged", environment={"system": system})
    (run / "settings.toml").write_text(
        "".join(f'{name} = "{value}"\n' for name, value in {"data": str(folder / "private.csv"), **named}.items())
    )
    seal_again(run)
    for words in commands(run, next(data.rglob("*.png"))).values():
        cli.main([str(word) for word in words])
        printed = capsys.readouterr()
        # A table without the run's target: the error lists its columns, to the user's own terminal and nowhere else.
        text = printed.out + "".join(line for line in printed.err.splitlines() if not line.startswith("columns:"))
        assert SECRET not in text and not _holds(run, SECRET) and not marker.exists()


def test_names_are_compared_and_paths_are_opened_by_two_functions(folder, marker):
    file = attack(folder / "mine.py", marker)
    for text in (str(file), "./mine.py", "mine.py", "../systems/cnn", "cnn/", "cnn.py", ""):
        with pytest.raises(AxoneError):
            catalogue.find_builtin(text)
    assert catalogue.find_builtin("cnn") == catalogue.find("cnn") and not catalogue.find("cnn").own
    assert catalogue.find_file(file) == catalogue.find("./mine.py") and catalogue.find(file).own
    assert not marker.exists()  # finding executes nothing
    catalogue.load(catalogue.find_file(file))
    assert marker.exists()


def _holds(run: Path, text: str) -> bool:
    """Say whether any file of the run itself, links apart, holds the text."""
    files = (path for path in run.rglob("*") if path.is_file() and not path.is_symlink())
    return any(text.encode() in path.read_bytes() for path in files if path.resolve().is_relative_to(run.resolve()))
