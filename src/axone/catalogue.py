"""Which systems there are, and their settings, without loading torch.

A system is one Python file: those of `axone/systems`, or the user's own. Listing reads only the first line of a
file; its settings are read by executing the `Settings` class alone, with the constants and the imports that it
names, so that `axone train cnn --help` and a form in a page cost no import of torch.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from axone.errors import AxoneError, UsageError, closest
from axone.messages import _
from axone.settings import Settings

FOLDER = Path(__file__).parent / "systems"
LIGHT_IMPORTS = {
    "axone.settings",
    "axone.messages",
    "axone.tasks.classification.backbone_settings",
    "axone.tasks.classification.settings",
    "axone.tasks.images.settings",
    "axone.tasks.restoration.settings",
    "axone.tasks.tables.settings",
    "axone.tasks.reconstruction.settings",
    "pydantic",
    "__future__",
    *sys.stdlib_module_names,
}


@dataclass(frozen=True)
class System:
    """One system: its name, its file, what it is in a line, and whether it is the user's own."""

    name: str
    path: Path
    own: bool = False

    @property
    def summary(self) -> str:
        """The first line of the file's docstring."""
        text = ast.get_docstring(_parse(self.path)) or ""
        return text.split("\n")[0]


def systems() -> list[System]:
    """List the systems that come with Axone, by name."""
    return [System(path.stem, path) for path in sorted(FOLDER.glob("[a-z]*.py"))]


def find(text: str | Path) -> System:
    """Find the system that a person typed: the name of one of ours, or the path of their own file.

    Never pass what a run folder says: a path would be executed. Raises UsageError.
    """
    text = str(text)
    return find_file(text) if text.endswith(".py") or "/" in text or "\\" in text else find_builtin(text)


def find_builtin(name: str) -> System:
    """Find a system that comes with Axone by its exact name, which is compared and never opened. Raises UsageError."""
    known = {system.name: system for system in systems()}
    if name not in known:
        near = closest(name, known)
        raise UsageError(
            _("There is no system '{name}'.", name=name)
            + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
            expected=_("systems: {names}; or the path of your own file", names=", ".join(known)),
            hint=_("type: axone list"),
        )
    return known[name]


def find_file(path: str | Path) -> System:
    """Return the system in a file whose path a person typed: `load` executes it. Raises UsageError."""
    file = Path(path)
    if not file.is_file():
        raise UsageError(
            _("There is no file '{path}' (from {folder}).", path=path, folder=Path.cwd()),
            hint=_("type: axone new {name}", name=file.stem or "my_system"),
        )
    if file.suffix != ".py":
        raise UsageError(_("'{path}' is not a Python file.", path=path), expected=_("expected a name that ends in .py"))
    return System(file.stem, file.resolve(), own=True)


def load(system: System) -> ModuleType:
    """Import a system and check that it offers the contract. Raises UsageError that says what is missing."""
    if not system.own:
        return importlib.import_module(f"axone.systems.{system.name}")
    spec = importlib.util.spec_from_file_location(f"axone_own_{system.name}", system.path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickling by name look a module up here
    try:
        spec.loader.exec_module(module)
    except AxoneError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(
            _("'{path}' cannot be loaded: {kind}: {error}", path=system.path, kind=type(error).__name__, error=error)
        ) from error
    return check_contract(module, system)


def check_contract(module: ModuleType, system: System) -> ModuleType:
    """Return the module when it offers Settings, build and model. Raises UsageError otherwise."""
    declared = getattr(module, "Settings", None)
    if not (isinstance(declared, type) and issubclass(declared, Settings)):
        raise UsageError(
            _("'{path}' has no class Settings(axone.settings.Settings).", path=system.path),
            hint=_("see a commented example: axone new my_system"),
        )
    for name, example in (("build", "build(settings) -> Experiment"), ("model", "model(settings, facts) -> nn.Module")):
        if not callable(getattr(module, name, None)):
            raise UsageError(
                _("'{path}' has no function {example}.", path=system.path, example=example),
                hint=_("see a commented example: axone new my_system"),
            )
    return module


def offers(module: ModuleType, settings: Settings) -> list[str]:
    """List the verbs by which a run of this system can be used; where settings decide, it says so in `verbs`."""
    if hasattr(module, "verbs"):
        return list(module.verbs(settings))
    return [verb for verb in ("predict", "generate") if hasattr(module, verb)]


@contextmanager
def blaming(system: System) -> Iterator[None]:
    """Around code of a system: an error that a user's own file raised names its line, instead of a bug of ours."""
    try:
        yield
    except AxoneError:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.lineno for frame in reversed(frames) if frame.filename == str(system.path)), None)
        if not system.own or line is None:
            raise
        raise UsageError(
            _(
                "'{path}' failed in line {line}: {kind}: {error}",
                path=system.path,
                line=line,
                kind=type(error).__name__,
                error=error,
            ),
            hint=_("type the same with --debug to see how it came there"),
        ) from error


def declaration(system: System) -> type[Settings]:
    """Return a system's Settings class, without torch whenever its declaration allows it."""
    return light_declaration(system.path) or load(system).Settings


def light_declaration(path: Path) -> type[Settings] | None:
    """Execute the Settings class of a file alone; None when it needs more than light imports and constants."""
    tree = _parse(path)
    declared = next((n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Settings"), None)
    if declared is None:
        return None
    constants = {
        target.id: node
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    imports = [node for node in tree.body if _is_light_import(node)]
    wanted: list[ast.stmt] = [declared]
    needed: set[str] = set()
    for node in wanted:  # grows while constants name further constants
        for name in {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} & constants.keys() - needed:
            needed.add(name)
            wanted.append(constants[name])
    body = imports + [node for node in tree.body if node in wanted]
    module = ModuleType(f"axone_settings_of_{path.stem}")
    sys.modules[module.__name__] = module  # pydantic resolves annotations there
    try:
        exec(compile(ast.Module(body, []), str(path), "exec"), module.__dict__)
    except Exception:  # what it needs beyond that is known only by importing the file
        return None
    found: Any = module.__dict__["Settings"]
    return found if isinstance(found, type) and issubclass(found, Settings) else None


def _is_light_import(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import):
        return all(name.name.split(".")[0] in LIGHT_IMPORTS or name.name in LIGHT_IMPORTS for name in node.names)
    if isinstance(node, ast.ImportFrom):
        return node.module in LIGHT_IMPORTS or (node.module or "").split(".")[0] in sys.stdlib_module_names
    return False


def _parse(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text("utf-8"), str(path))
    except SyntaxError as error:
        where = f" (line {error.lineno})" if error.lineno else ""
        raise UsageError(_("'{path}' is not Python: {error}", path=path, error=f"{error.msg}{where}")) from None
    except ValueError as error:
        raise UsageError(_("'{path}' is not Python: {error}", path=path, error=error)) from None
