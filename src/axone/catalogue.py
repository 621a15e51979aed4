"""The systems by name, and their settings, without loading torch.

A system is one Python file: one of `axone/systems`, or a user's own. Listing reads only the first line of a file.
Its settings are read by executing the class `Settings` alone, with the constants and the imports that it names, and so
are the classes of its own options of a verb. So neither `axone train cnn --help` nor a form in a page imports torch.
"""

from __future__ import annotations

import ast
import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from axone.errors import AxoneError, UsageError, closest
from axone.messages import _
from axone.own_module import execute_file
from axone.settings import Options, Settings
from axone.system import OPTION_CLASSES, System, check_system

FOLDER = Path(__file__).parent / "systems"
# Modules that a Settings class may import without loading torch, besides the `settings` of a task and the standard
# library.
LIGHT_IMPORTS = {"axone.settings", "axone.messages", "pydantic"}


@dataclass(frozen=True)
class SystemFile:
    """The file of a system, which is not executed yet.

    Args:
        name: The name of the file without `.py`.
        path: The file.
        own: Whether it is a user's own file rather than one of Axone's systems.
    """

    name: str
    path: Path
    own: bool = False

    @property
    def summary(self) -> str:
        """The first line of the file's docstring: what the system is."""
        text = ast.get_docstring(_parse(self.path)) or ""
        return text.split("\n")[0]


def list_systems() -> list[SystemFile]:
    """List the systems that come with Axone, sorted by name."""
    return [SystemFile(path.stem, path) for path in sorted(FOLDER.glob("[a-z]*.py"))]


def find(text: str | Path) -> SystemFile:
    """Find the system that a person typed: the name of one of ours, or the path of their own file.

    Never pass what a run folder says: a path would be executed. Raises UsageError.
    """
    text = str(text)
    return find_file(text) if text.endswith(".py") or "/" in text or "\\" in text else find_builtin(text)


def find_builtin(name: str) -> SystemFile:
    """Find a system that comes with Axone by its exact name, which is compared and never opened. Raises UsageError."""
    known = {system.name: system for system in list_systems()}
    if name not in known:
        near = closest(name, known)
        raise UsageError(
            _("There is no system '{name}'.", name=name)
            + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
            expected=_("systems: {names}; or the path of your own file", names=", ".join(known)),
            hint=_("type: axone list"),
        )
    return known[name]


def find_file(path: str | Path) -> SystemFile:
    """Return the system in a file whose path a person typed: `load` executes it. Raises UsageError."""
    file = Path(path)
    if not file.is_file():
        raise UsageError(
            _("There is no file '{path}' (from {folder}).", path=path, folder=Path.cwd()),
            hint=_("type: axone new {name}", name=file.stem or "my_system"),
        )
    if file.suffix != ".py":
        raise UsageError(_("'{path}' is not a Python file.", path=path), expected=_("expected a name that ends in .py"))
    return SystemFile(file.stem, file.resolve(), own=True)


def load(file: SystemFile) -> System:
    """Execute a system's file and check what it offers. Raises UsageError that says what is missing."""
    module = _execute(file) if file.own else importlib.import_module(f"axone.systems.{file.name}")
    return check_system(module, file.name, file.path, file.own)


def _execute(file: SystemFile) -> ModuleType:
    try:
        return execute_file(file.path)
    except AxoneError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(
            _("'{path}' cannot be loaded: {kind}: {error}", path=file.path, kind=type(error).__name__, error=error)
        ) from error


def read_settings_class(file: SystemFile) -> type[Settings]:
    """Return a system's Settings class: without torch where possible, otherwise by loading the whole file."""
    return read_light_class(file.path, "Settings", Settings) or load(file).Settings


def read_options_class(file: SystemFile, verb: str) -> type[Options] | None:
    """Return the class of a system's own options of a verb, without torch where possible; None where it has none."""
    name = OPTION_CLASSES[verb]
    if not any(isinstance(node, ast.ClassDef) and node.name == name for node in _parse(file.path).body):
        return None
    return read_light_class(file.path, name, Options) or load(file).option_classes.get(verb)


OptionsType = TypeVar("OptionsType", bound=Options)


def read_light_class(path: Path, class_name: str, base: type[OptionsType]) -> type[OptionsType] | None:
    """Execute a class of a file alone; None when it needs more than light imports and constants."""
    tree = _parse(path)
    definition = next((n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == class_name), None)
    if definition is None:
        return None
    constants = {
        target.id: node
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    imports = [node for node in tree.body if _is_light_import(node)]
    required: list[ast.stmt] = [definition]
    names: set[str] = set()
    for node in required:  # the list grows while constants name further constants
        for name in {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} & constants.keys() - names:
            names.add(name)
            required.append(constants[name])
    body = imports + [node for node in tree.body if node in required]
    module = ModuleType(f"axone_{class_name.lower()}_of_{path.stem}")
    sys.modules[module.__name__] = module  # pydantic resolves annotations there
    try:
        exec(compile(ast.Module(body, []), str(path), "exec"), module.__dict__)
    except Exception:  # it needs other names of the file, so the whole file has to be loaded
        return None
    options_class: Any = module.__dict__[class_name]
    return options_class if isinstance(options_class, type) and issubclass(options_class, base) else None


def _is_light_import(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import):
        return all(_is_light(alias.name) for alias in node.names)
    return isinstance(node, ast.ImportFrom) and _is_light(node.module or "")


def _is_light(module: str) -> bool:
    is_settings = module.startswith("axone.tasks.") and module.endswith("settings")
    return module in LIGHT_IMPORTS or is_settings or module.split(".")[0] in sys.stdlib_module_names


def _parse(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text("utf-8"), str(path))
    except SyntaxError as error:
        where = f" (line {error.lineno})" if error.lineno else ""
        raise UsageError(_("'{path}' is not Python: {error}", path=path, error=f"{error.msg}{where}")) from None
    except ValueError as error:
        raise UsageError(_("'{path}' is not Python: {error}", path=path, error=error)) from None
