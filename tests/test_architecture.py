"""The rules of the source tree: which package may import which, and what no file may contain."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "axone"
TESTS = Path(__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))

# Package -> the other packages that it may import. A file of the top folder counts as a package of its own.
BASE = {"cores", "errors", "messages", "numbers", "own_module", "progress", "shell"}
DECLARATIONS = BASE | {"settings", "metrics", "best_epoch"}
TOOLS = DECLARATIONS | {"graph", "layers", "play", "figures"}
SERVICES = TOOLS | {"data", "engine", "runs"}
SYSTEMS = SERVICES | {"tasks", "systems", "system", "system_calls", "catalogue"}
ALLOWED = {
    "errors": set(),
    "messages": set(),
    "words": {"messages"},
    "numbers": {"messages"},
    "cores": set(),
    "own_module": set(),
    "shell": set(),
    "progress": set(),
    "metrics": {"messages", "numbers"},
    "best_epoch": {"messages", "metrics", "numbers"},
    "settings": BASE,
    "system": DECLARATIONS | {"engine", "tasks", "system_calls"},
    "system_calls": DECLARATIONS | {"tasks"},
    "catalogue": DECLARATIONS | {"system"},
    "graph": DECLARATIONS,
    "layers": DECLARATIONS,
    "play": DECLARATIONS,
    "figures": DECLARATIONS,
    "data": TOOLS,
    "engine": TOOLS,
    "runs": TOOLS,
    "tasks": SERVICES,
    "systems": SERVICES | {"tasks"},
    "display": {"best_epoch", "messages", "metrics", "numbers"},
    "use": SYSTEMS | {"display"},
    "network": SYSTEMS | {"use"},
    "train": SYSTEMS | {"use", "display"},
    "sklearn": SYSTEMS | {"use", "train", "display"},
    "commands": SYSTEMS | {"use", "network", "train", "display"},
    "cli": BASE | {"catalogue", "display", "commands"},
    "__main__": {"cli"},
    "__init__": set(),  # its names are loaded on first use
}
# Imported by `axone --help`, `axone list` and the error for a mistyped flag, which must not load torch.
LIGHT_PACKAGES = {
    "best_epoch",
    "__init__",
    "__main__",
    "cli",
    "errors",
    "messages",
    "metrics",
    "numbers",
    "own_module",
    "progress",
    "shell",
    "words",
    "settings",
    "system",
    "system_calls",
    "catalogue",
    "display",
    "commands",
}
RUN_FILES_WITH_TORCH = {"checkpoints.py", "tensors.py", "recorder.py"}
HEAVY_LIBRARIES = {"torch", "numpy", "PIL", "matplotlib", "safetensors"}

# Source files without a test file of their own -> the file that tests them.
TESTED_ELSEWHERE = {
    "data/audio/audio_data.py": "data/audio/test_load.py",
    "data/audio/cache/format.py": "data/audio/cache/test_build.py",
    "data/notes/score.py": "data/notes/test_quantize.py",
    "engine/experiment.py": "engine/test_contract.py",
    "engine/group.py": "engine/test_shards.py",
    "engine/loop.py": "engine/test_contract.py",
    "engine/optimization/muon.py": "engine/optimization/test_torch_optimizers.py",
    "engine/training.py": "engine/test_contract.py",
}


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def package_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> list[tuple[str, int, bool]]:
    """List the modules that a file imports: dotted name, line, whether it happens when the file is imported."""
    modules = []

    def visit(node: ast.AST, at_import: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                modules.extend((alias.name, child.lineno, at_import) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"a relative import in line {child.lineno}"
                module = child.module or ""
                # `from axone import catalogue` and `from axone.runs import folder` name modules too.
                modules.extend((f"{module}.{alias.name}", child.lineno, at_import) for alias in child.names)
            else:
                deferred = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                deferred |= isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
                visit(child, at_import and not deferred)

    visit(tree, True)
    return modules


def own_imports(path: Path) -> list[tuple[list[str], int, bool]]:
    tree = ast.parse(path.read_text("utf-8"))
    return [
        (name.split(".")[1:], line, at_import)
        for name, line, at_import in imports(tree)
        if name.split(".")[0] == "axone" and len(name.split(".")) > 1
    ]


def test_every_package_has_a_rule():
    assert len(FILES) > 50
    assert {package_of(path) for path in FILES} <= ALLOWED.keys(), "a new package: add to ALLOWED what it may import"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_go_one_way(path):
    package = package_of(path)
    allowed = ALLOWED[package] | ({package} if path.parent != SOURCE and package != "systems" else set())
    wrong = [
        f"line {line}: axone.{'.'.join(parts)}"
        for parts, line, _at_import in own_imports(path)
        if parts[0] not in allowed
    ]
    assert not wrong, f"{name_of(path)} ({package}) may import {sorted(allowed)} only"


def test_the_rules_permit_no_cycle():
    done: set[str] = set()
    while len(done) < len(ALLOWED):
        ready = {package for package, imported in ALLOWED.items() if package not in done and imported <= done}
        assert ready, f"these may import each other: {sorted(ALLOWED.keys() - done)}"
        done |= ready


def module_of(path: Path) -> str:
    return name_of(path).removesuffix(".py").removesuffix("/__init__")


def find_cycle(edges: dict[str, set[str]]) -> list[str]:
    """List the modules that are in an import cycle or depend on one."""
    done: set[str] = set()
    while ready := {module for module, imported in edges.items() if module not in done and imported - {module} <= done}:
        done |= ready
    return sorted(edges.keys() - done)


def import_edges(paths: list[Path], *, deferred: bool) -> dict[str, set[str]]:
    """Map each module to those of `paths` that it imports; `deferred`: also in functions and for type checking."""
    modules = {module_of(path) for path in paths}
    edges: dict[str, set[str]] = {module: set() for module in modules}
    for path in paths:
        for parts, _line, at_import in own_imports(path):
            names = ("/".join(parts[:length]) for length in (len(parts), len(parts) - 1))
            target = next((name for name in names if name in modules), None)
            if target and (at_import or deferred):
                edges[module_of(path)].add(target)
    return edges


def test_modules_do_not_import_each_other_in_cycles():
    assert find_cycle(import_edges(FILES, deferred=False)) == []


@pytest.mark.parametrize("package", sorted({package_of(path) for path in FILES if path.parent != SOURCE}))
def test_imports_in_functions_and_for_type_checking_hide_no_cycle(package):
    paths = [path for path in FILES if package_of(path) == package and path.parent != SOURCE]
    assert find_cycle(import_edges(paths, deferred=True)) == []


def test_the_command_line_loads_commands_only_when_they_run():
    imported = {".".join(parts[:3]) for parts, _line, at_import in own_imports(SOURCE / "cli.py") if at_import}
    assert {name.split(".")[0] for name in imported} <= {"errors", "messages", "commands"}
    modules = {name for name in imported if name.startswith("commands")}
    assert modules == {"commands.parsing.usage", "commands.parsing.verbs"}


@pytest.mark.parametrize("path", [path for path in FILES if package_of(path) in LIGHT_PACKAGES], ids=name_of)
def test_light_modules_load_nothing_heavy(path):
    tree = ast.parse(path.read_text("utf-8"))
    heavy_packages = SERVICES - DECLARATIONS | {"tasks", "use", "network", "train"}
    for name, line, at_import in imports(tree):
        parts = name.split(".")
        assert not (at_import and parts[0] in HEAVY_LIBRARIES), f"line {line} imports {name}"
        assert not (at_import and parts[0] == "axone" and len(parts) > 1 and parts[1] in heavy_packages), f"line {line}"


def test_most_files_about_runs_do_not_import_torch():
    for path in (SOURCE / "runs").rglob("*.py"):
        imported = {name.split(".")[0] for name, _line, now in imports(ast.parse(path.read_text("utf-8"))) if now}
        assert "torch" not in imported or path.name in RUN_FILES_WITH_TORCH, path.name


def calls(path: Path) -> list[tuple[str, ast.Call]]:
    tree = ast.parse(path.read_text("utf-8"))
    return [(ast.unparse(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_can_execute_what_it_loads(path):
    modules = {name.split(".")[0] for name, _line, _at_import in imports(ast.parse(path.read_text("utf-8")))}
    assert not modules & {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "yaml"}
    for name, call in calls(path):
        arguments = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        where = f"line {call.lineno}: {name}"
        assert name not in ("eval", "builtins.eval", "os.system", "os.popen"), where
        assert name not in ("exec", "compile") or name_of(path) == "catalogue.py", where
        assert name != "torch.load" or arguments.get("weights_only") == "True", where
        assert arguments.get("allow_pickle", "False") == "False", where
        assert arguments.get("shell", "False") == "False", where


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_are_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_has_a_docstring(path):
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_every_source_file_has_a_test_file():
    packages = ("graph", "layers", "data", "engine", "runs")
    modules = {
        name_of(path) for package in packages for path in (SOURCE / package).rglob("*.py") if path.name != "__init__.py"
    }
    mirrored = {name for name in modules if (TESTS / Path(name).parent / f"test_{Path(name).name}").is_file()}
    assert modules - mirrored - TESTED_ELSEWHERE.keys() == set(), "write tests/PACKAGE/test_FILE.py"
    assert TESTED_ELSEWHERE.keys() - (modules - mirrored) == set(), (
        "these have their own test file now, or no longer exist"
    )
    assert {test for test in TESTED_ELSEWHERE.values() if not (TESTS / test).is_file()} == set()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_translation_functions_are_imported(path):
    # The linter's check for undefined names is off, because axis names of shapes look like undefined names.
    tree = ast.parse(path.read_text("utf-8"))
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    bound = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert {"_", "mark", "plural"} & called <= bound
