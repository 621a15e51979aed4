"""The rules of the house, read from the source itself: who may import whom, and what is never written."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "axone"
TESTS = Path(__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))

# Room -> the rooms it may import, besides itself. A file of the package's top folder is a room of its own.
BASE = {"errors", "messages", "numbers", "progress"}
DECLARED = BASE | {"settings", "metrics"}
DRAWN = DECLARED | {"graph", "layers", "play", "figures"}
ROOMS = DRAWN | {"data", "engine", "runs"}
WORK = ROOMS | {"tasks", "systems", "system", "catalogue"}
SEEN = {
    "errors": set(),
    "messages": set(),
    "words": {"messages"},
    "numbers": {"messages"},
    "progress": set(),
    "metrics": {"messages", "numbers"},
    "settings": BASE,
    "system": DECLARED | {"engine", "tasks"},
    "catalogue": DECLARED | {"system"},
    "graph": DECLARED,
    "layers": DECLARED,
    "play": DECLARED,
    "figures": DECLARED,
    "data": DRAWN,
    "engine": DRAWN,
    "runs": DRAWN,
    "tasks": ROOMS,
    "systems": ROOMS | {"tasks"},
    "use": WORK,
    "network": WORK | {"use"},
    "train": WORK | {"use"},
    "sklearn": WORK | {"use", "train"},
    "display": WORK | {"use", "network", "train"},
    "commands": WORK | {"use", "network", "train", "display"},
    "cli": BASE | {"catalogue", "display", "commands"},
    "__main__": {"cli"},
    "__init__": set(),  # its names are loaded on first use
}
# What answers at once: `axone --help`, `axone list`, a mistyped flag.
LIGHT = {
    "__init__",
    "__main__",
    "cli",
    "errors",
    "messages",
    "metrics",
    "numbers",
    "progress",
    "words",
    "settings",
    "system",
    "catalogue",
    "display",
    "commands",
}
RUNS_WITH_TORCH = {"checkpoints.py", "tensors.py", "recorder.py"}
HEAVY = {"torch", "numpy", "PIL", "matplotlib", "safetensors"}

# Packages in which imports inside functions or under TYPE_CHECKING still hide cycles. None may be added.
HIDDEN_CYCLES = {"data"}

# Files of a room whose test stands in another file, and which one.
TESTED_ELSEWHERE = {
    "data/images/signature.py": "data/images/test_file.py",
    "data/images/cache/reuse.py": "data/images/cache/test_build.py",
    "engine/device.py": "test_cli.py",
    "engine/experiment.py": "engine/test_contract.py",
    "engine/learner.py": "engine/test_contract.py",
    "engine/loop.py": "engine/test_contract.py",
    "engine/metrics.py": "engine/test_parts.py",
    "engine/precision.py": "engine/test_parts.py",
    "engine/progress.py": "engine/test_parts.py",
    "engine/recorder.py": "engine/test_contract.py",
    "engine/schedules.py": "engine/test_parts.py",
    "engine/seeds.py": "engine/test_parts.py",
    "engine/interrupt.py": "test_resume.py",
    "runs/report/curves.py": "runs/report/test_document.py",
    "runs/report/network.py": "runs/report/test_document.py",
    "runs/report/page.py": "runs/report/test_document.py",
    "runs/report/parts.py": "runs/report/test_document.py",
    "runs/report/figures.py": "runs/report/test_document.py",
    "runs/report/sections.py": "runs/report/test_document.py",
    "runs/report/story.py": "runs/report/test_document.py",
}


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> list[tuple[str, int, bool]]:
    """List the modules that a file imports: dotted name, line, whether it happens when the file is imported."""
    found = []

    def visit(node: ast.AST, at_once: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend((alias.name, child.lineno, at_once) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"a relative import in line {child.lineno}"
                module = child.module or ""
                # `from axone import catalogue` and `from axone.runs import folder` name modules too.
                found.extend((f"{module}.{alias.name}", child.lineno, at_once) for alias in child.names)
            else:
                later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                later |= isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
                visit(child, at_once and not later)

    visit(tree, True)
    return found


def own_imports(path: Path) -> list[tuple[list[str], int, bool]]:
    tree = ast.parse(path.read_text("utf-8"))
    return [
        (name.split(".")[1:], line, at_once)
        for name, line, at_once in imports(tree)
        if name.split(".")[0] == "axone" and len(name.split(".")) > 1
    ]


def test_there_is_something_to_read():
    assert len(FILES) > 50
    assert {room_of(path) for path in FILES} <= SEEN.keys(), "a new room: say here what it may import"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_go_one_way(path):
    room = room_of(path)
    allowed = SEEN[room] | ({room} if path.parent != SOURCE and room != "systems" else set())
    wrong = [
        f"line {line}: axone.{'.'.join(parts)}" for parts, line, _now in own_imports(path) if parts[0] not in allowed
    ]
    assert not wrong, f"{name_of(path)} ({room}) may import {sorted(allowed)} only"


def test_the_rules_themselves_have_no_circle():
    done: set[str] = set()
    while len(done) < len(SEEN):
        ready = {room for room, seen in SEEN.items() if room not in done and seen <= done}
        assert ready, f"these see each other: {sorted(SEEN.keys() - done)}"
        done |= ready


def module_of(path: Path) -> str:
    return name_of(path).removesuffix(".py").removesuffix("/__init__")


def find_cycle(edges: dict[str, set[str]]) -> list[str]:
    """List the modules that are in an import cycle or depend on one."""
    done: set[str] = set()
    while ready := {module for module, seen in edges.items() if module not in done and seen - {module} <= done}:
        done |= ready
    return sorted(edges.keys() - done)


def import_edges(paths: list[Path], *, deferred: bool) -> dict[str, set[str]]:
    """Map each module to those of `paths` that it imports; `deferred`: also in functions and for type checking."""
    modules = {module_of(path) for path in paths}
    edges: dict[str, set[str]] = {module: set() for module in modules}
    for path in paths:
        for parts, _line, at_once in own_imports(path):
            names = ("/".join(parts[:length]) for length in (len(parts), len(parts) - 1))
            target = next((name for name in names if name in modules), None)
            if target and (at_once or deferred):
                edges[module_of(path)].add(target)
    return edges


def test_modules_do_not_import_each_other_in_cycles():
    assert find_cycle(import_edges(FILES, deferred=False)) == []


@pytest.mark.parametrize("room", sorted({room_of(path) for path in FILES if path.parent != SOURCE} - HIDDEN_CYCLES))
def test_imports_in_functions_and_for_type_checking_hide_no_cycle(room):
    paths = [path for path in FILES if room_of(path) == room and path.parent != SOURCE]
    assert find_cycle(import_edges(paths, deferred=True)) == []


def test_the_command_line_loads_commands_only_when_they_run():
    early = {".".join(parts[:2]) for parts, _line, at_once in own_imports(SOURCE / "cli.py") if at_once}
    assert {name.split(".")[0] for name in early} <= {"errors", "messages", "commands"}
    assert {name for name in early if name.startswith("commands")} == {"commands.verbs"}


@pytest.mark.parametrize("path", [path for path in FILES if room_of(path) in LIGHT], ids=name_of)
def test_light_modules_load_nothing_heavy(path):
    tree = ast.parse(path.read_text("utf-8"))
    heavy_rooms = ROOMS - DECLARED | {"tasks", "use", "network", "train"}
    for name, line, at_once in imports(tree):
        parts = name.split(".")
        assert not (at_once and parts[0] in HEAVY), f"line {line} imports {name}"
        assert not (at_once and parts[0] == "axone" and len(parts) > 1 and parts[1] in heavy_rooms), f"line {line}"


def test_most_of_the_run_folder_does_without_torch():
    for path in (SOURCE / "runs").rglob("*.py"):
        early = {name.split(".")[0] for name, _line, now in imports(ast.parse(path.read_text("utf-8"))) if now}
        assert "torch" not in early or path.name in RUNS_WITH_TORCH, path.name


def calls(path: Path) -> list[tuple[str, ast.Call]]:
    tree = ast.parse(path.read_text("utf-8"))
    return [(ast.unparse(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_that_loading_could_execute(path):
    modules = {name.split(".")[0] for name, _line, _now in imports(ast.parse(path.read_text("utf-8")))}
    assert not modules & {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "yaml"}
    for name, call in calls(path):
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        where = f"line {call.lineno}: {name}"
        assert name not in ("eval", "builtins.eval", "os.system", "os.popen"), where
        assert name not in ("exec", "compile") or name_of(path) == "catalogue.py", where
        assert name != "torch.load" or given.get("weights_only") == "True", where
        assert given.get("allow_pickle", "False") == "False", where
        assert given.get("shell", "False") == "False", where


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_are_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_says_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_tests_mirror_the_rooms():
    rooms = ("graph", "layers", "data", "engine", "runs")
    modules = {name_of(path) for room in rooms for path in (SOURCE / room).rglob("*.py") if path.name != "__init__.py"}
    mirrored = {name for name in modules if (TESTS / Path(name).parent / f"test_{Path(name).name}").is_file()}
    assert modules - mirrored - TESTED_ELSEWHERE.keys() == set(), "write tests/ROOM/test_FILE.py"
    assert TESTED_ELSEWHERE.keys() - (modules - mirrored) == set(), "these have a test of their own now, or are gone"
    assert {test for test in TESTED_ELSEWHERE.values() if not (TESTS / test).is_file()} == set()
