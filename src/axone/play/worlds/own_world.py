"""A user's own world: a Python file with one class derived from `World`. Only a path that was typed is ever executed.

The file is checked before it is used (`check_world`), and what each step returns is checked for NaN while it is used.
"""

from __future__ import annotations

import io
import warnings
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from jaxtyping import Bool, Float, Int64, UInt8
from torch import Tensor

from axone.errors import AxoneError, DataError, DataNote, UsageError
from axone.messages import _
from axone.own_module import execute_file, find_line
from axone.play.check import check_world
from axone.play.simulation import Outcome, State, World

DEFAULT_LIMIT = 1000  # steps of an episode, where a world sets no limit itself


def open_own_world(text: str) -> World:
    """Return the world in a file whose path a person typed; the file is executed and checked.

    Raises:
        UsageError: There is no such file.
        DataError: The file cannot be executed, prints, has no world, or its world breaks the contract.
    """
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise UsageError(
            _("There is no file '{path}' (from {folder}).", path=text, folder=Path.cwd()),
            hint=_("type: axone new {name} --kind world", name=path.stem or "my_world"),
        )
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            world = find_class(execute_file(path), path)()
            check_world(world)
    except AxoneError:
        raise
    except (Exception, SystemExit) as error:
        raise describe_failure(error, path) from error
    if text_printed := printed.getvalue().strip():
        raise DataError(
            _("'{path}' prints: {text}", path=path, text=repr(text_printed[:80])),
            expected=_("expected a world that prints nothing: standard output belongs to the results"),
            hint=_("while you look for a mistake, write: print(..., file=sys.stderr)"),
        )
    if not world.max_steps:
        warnings.warn(
            _("'{path}' sets no time limit (max_steps): episodes are cut off after {limit} steps.",
              path=path, limit=DEFAULT_LIMIT),
            DataNote, stacklevel=2,
        )  # fmt: skip
    return OwnWorld(world, path)


def find_class(module: Any, path: Path) -> type[World]:
    """Return the only class of a module that is derived from `World`. Raises DataError when there is not just one."""
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, World) and value.__module__ == module.__name__
    ]
    if len(classes) != 1:
        names = ", ".join(each.__name__ for each in classes) or _("none")
        raise DataError(
            _("'{path}' must have one class derived from World; it has: {names}", path=path, names=names),
            hint=_("see a commented example: axone new my_world --kind world"),
        )
    return classes[0]


def describe_failure(error: BaseException, path: Path) -> DataError:
    """Return the error of a file that raised: with the line, where the exception came from the file."""
    kind, line = type(error).__name__, find_line(error, path)
    if line is None and isinstance(error, SyntaxError) and error.filename == str(path):
        line = error.lineno
    what = (
        _("'{path}' cannot be used: {kind}: {error}", path=path, kind=kind, error=error)
        if line is None
        else _("'{path}' failed in line {line}: {kind}: {error}", path=path, line=line, kind=kind, error=error)
    )
    return DataError(what, hint=_("type the same with --debug to see the traceback"))


class OwnWorld(World):
    """A user's world, whose errors name the line of the file, and whose results are checked for NaN at each step.

    Args:
        world: The world.
        path: Its file.
    """

    def __init__(self, world: World, path: Path) -> None:
        self.world, self.path = world, path
        self.name, self.observations, self.actions = world.name, world.observations, world.actions
        self.max_steps = world.max_steps or DEFAULT_LIMIT

    def reset(self, keys: Int64[Tensor, " copies"]) -> State:
        """Return the first state of each copy."""
        return self._call("reset", keys)

    def step(self, state: State, actions: Tensor) -> tuple[State, Outcome]:
        """Return the state after an action of each copy, and what it led to."""
        new, outcome = self._call("step", state, actions)
        rewards, terminated, truncated = outcome
        self._require_finite(rewards, new, "step", "outcome.rewards")
        return new, Outcome(rewards, terminated, truncated | (~terminated & (new["steps"] >= self.max_steps)))

    def observe(self, state: State) -> Float[Tensor, "copies ..."]:
        """Return what the agent sees of each copy."""
        observations = self._call("observe", state)
        self._require_finite(observations, state, "observe", _("the observations"))
        return observations

    def legal_actions(self, state: State) -> Bool[Tensor, "copies actions"]:
        """Return which actions are allowed."""
        return self._call("legal_actions", state)

    def render_text(self, state: State, copy: int = 0) -> str:
        """Return one copy as text."""
        return self._call("render_text", state, copy)

    def render_image(self, state: State, copy: int = 0) -> UInt8[Tensor, "height width 3"]:
        """Return one copy as an image."""
        return self._call("render_image", state, copy)

    def kernels(self) -> OwnWorld | None:
        """Return the world with its own kernels; None: it has none."""
        kernels = self.world.kernels()
        return OwnWorld(kernels, self.path) if isinstance(kernels, World) else None

    def _call(self, name: str, *arguments: Any) -> Any:
        try:
            return getattr(self.world, name)(*arguments)
        except AxoneError:
            raise
        except (Exception, SystemExit) as error:
            raise describe_failure(error, self.path) from error

    def _require_finite(self, values: Any, state: State, function: str, part: str) -> None:
        if values.isfinite().all():
            return
        copy = int((~values.isfinite()).reshape(len(values), -1).any(1).long().argmax())
        raise DataError(
            _("'{path}': {function}(), {part}: not finite in copy {copy}, step {step} of its episode.",
              path=self.path, function=function, part=part, copy=copy, step=int(state["steps"][copy])),
            expected=_("expected finite numbers"),
        )  # fmt: skip
