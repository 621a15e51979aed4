"""The numbers in the documentation are measured: pages and headers are what the benchmarks' JSON files give."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*.json"))
SCRIPTS = sorted(path for path in (ROOT / "benchmarks").glob("*.py") if "__main__" in path.read_text("utf-8"))


def check_pages(root: Path) -> subprocess.CompletedProcess[str]:
    """Run `tables.py --check` of the checkout `root`."""
    command = [sys.executable, str(root / "benchmarks" / "tables.py"), "--check"]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose results can be changed; everything else in it is linked."""
    for name in ("docs", "src"):
        (tmp_path / name).symlink_to(ROOT / name)
    results = tmp_path / "benchmarks" / "results"
    results.mkdir(parents=True)
    for file in ("tables.py", "headers.py"):
        (tmp_path / "benchmarks" / file).write_bytes((ROOT / "benchmarks" / file).read_bytes())
    for file in RESULTS:
        (results / file.name).write_bytes(file.read_bytes())
    return tmp_path


def change(file: Path, edit) -> None:
    content = json.loads(file.read_text("utf-8"))
    edit(content)
    file.write_text(json.dumps(content), "utf-8")


def test_pages_and_headers_are_those_of_the_results():
    done = check_pages(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_changed_cell_makes_its_page_differ(checkout):
    def edit(content):
        content["rows"][0][1] += "9"

    change(checkout / "benchmarks" / "results" / "startup.json", edit)
    done = check_pages(checkout)
    assert (done.returncode, done.stdout) == (1, "differ: startup.md\n")


def test_a_changed_sentence_of_a_header_is_reported(checkout):
    def edit(content):
        content["headers"]["cnn"] += " And more."

    change(checkout / "benchmarks" / "results" / "accuracy_cnn.json", edit)
    done = check_pages(checkout)
    assert (done.returncode, done.stdout) == (1, "differ: accuracy_cnn.md\n")


def test_pages_and_headers_are_written_again_from_the_results(checkout):
    def edit(content):
        content["headers"]["cnn"] += " And more."

    (checkout / "docs").unlink()
    (checkout / "src").unlink()
    for folder in ("docs/benchmarks", "src/axone/systems"):
        shutil.copytree(ROOT / folder, checkout / folder)
    change(checkout / "benchmarks" / "results" / "accuracy_cnn.json", edit)
    subprocess.run([sys.executable, str(checkout / "benchmarks" / "tables.py")], check=True, capture_output=True)
    header = ast.get_docstring(ast.parse((checkout / "src" / "axone" / "systems" / "cnn.py").read_text("utf-8")))
    assert " ".join(header.split()).count("And more.") == 1
    assert check_pages(checkout).returncode == 0


@pytest.mark.parametrize("file", RESULTS, ids=lambda file: file.stem)
def test_every_result_has_its_script_and_its_figures(file):
    content = json.loads(file.read_text("utf-8"))
    assert content["name"] == file.stem
    assert (ROOT / "benchmarks" / f"{file.stem}.py") in SCRIPTS
    assert all((ROOT / "docs" / "images" / name).is_file() for name in content.get("figures", {}))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_every_script_compiles(script):
    compile(script.read_text("utf-8"), str(script), "exec")
