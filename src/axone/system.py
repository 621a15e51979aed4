"""What a system's file offers: a contract, checked once when the file is loaded.

    Settings                                                        required
    build(settings, context) -> Experiment                          required
    model(settings, facts) -> nn.Module                             required
    predict(network, settings, facts, inputs) -> list of Answer
    generate(network, settings, facts, *, count, label, seed) -> iterable of Answer
    answering(network, settings, facts) -> nn.Module                raw values in, answer out; for export
    read_inputs(inputs, facts) -> (list, whether it was one input)  for inputs that are not images
    complete(settings, context) -> Settings                         settings that follow from other runs
    verbs(settings) -> list of str                                  where settings decide what a run can do
    EXAMPLE_FACTS                                                   for `axone graph` without data

Everything that uses a system receives a `System`, in which what a file does not offer is None: nothing asks a module
with `hasattr`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import axone.settings
from axone.errors import AxoneError, UsageError
from axone.messages import _
from axone.system_calls import locate_errors_in, wrap

if TYPE_CHECKING:
    from torch import nn

    from axone.engine.context import BuildContext
    from axone.engine.experiment import Experiment
    from axone.tasks.answers import Answer

Facts = Mapping[str, Any]


@runtime_checkable
class Build(Protocol):
    """The function `build` of a system."""

    def __call__(self, settings: Any, context: BuildContext) -> Experiment:
        """Read the data and assemble what the engine trains."""


@runtime_checkable
class BuildModel(Protocol):
    """The function `model` of a system."""

    def __call__(self, settings: Any, facts: Any) -> nn.Module:
        """Build the network, untrained, without the data."""


@runtime_checkable
class Predict(Protocol):
    """The function `predict` of a system."""

    def __call__(self, network: Any, settings: Any, facts: Any, inputs: Sequence[Any]) -> Sequence[Answer | AxoneError]:
        """Return an answer for each input, or the AxoneError of an input that cannot be read in its place."""


@runtime_checkable
class Generate(Protocol):
    """The function `generate` of a system."""

    def __call__(
        self, network: Any, settings: Any, facts: Any, *, count: int, label: str | None, seed: int
    ) -> Iterable[Answer]:
        """Yield `count` new examples of the class `label`, or of any class when it is None; `seed` seeds the noise."""


@runtime_checkable
class Answering(Protocol):
    """The function `answering` of a system."""

    def __call__(self, network: Any, settings: Any, facts: Any) -> nn.Module:
        """Return a module that computes the answer from raw values, with all normalization inside."""


@runtime_checkable
class ReadInputs(Protocol):
    """The function `read_inputs` of a system."""

    def __call__(self, inputs: Any, facts: Any) -> tuple[list[Any], bool] | None:
        """Return the inputs of `predict` as a list, and whether it was a single one; None when they are images."""


@runtime_checkable
class Complete(Protocol):
    """The function `complete` of a system."""

    def __call__(self, settings: Any, context: BuildContext) -> axone.settings.Settings:
        """Return the settings with those filled in that follow from another run."""


@runtime_checkable
class ListVerbs(Protocol):
    """The function `verbs` of a system."""

    def __call__(self, settings: Any) -> Sequence[str]:
        """Return the verbs that a run with these settings offers, such as "predict" and "generate"."""


@dataclass(frozen=True)
class System:
    """A loaded system: its functions, checked. What its file does not offer is None.

    Args:
        name: The name of the file without `.py`.
        path: The file.
        own: Whether it is a user's own file rather than one of Axone's systems.
    """

    name: str
    path: Path
    own: bool
    Settings: type[axone.settings.Settings]
    build: Build
    model: BuildModel
    predict: Predict | None = None
    generate: Generate | None = None
    answering: Answering | None = None
    read_inputs: ReadInputs | None = None
    complete: Complete | None = None
    verbs: ListVerbs | None = None
    EXAMPLE_FACTS: Facts | None = None

    def list_verbs(self, settings: axone.settings.Settings) -> list[str]:
        """List the verbs that a run with these settings offers, of "predict" and "generate"."""
        if self.verbs is not None:
            return list(self.verbs(settings))
        return [verb for verb, function in (("predict", self.predict), ("generate", self.generate)) if function]


# Each function's parameters: by position, then by keyword.
_REQUIRED = {"build": ("settings, context", ""), "model": ("settings, facts", "")}
_OPTIONAL = {
    "predict": ("network, settings, facts, inputs", ""),
    "generate": ("network, settings, facts", "count, label, seed"),
    "answering": ("network, settings, facts", ""),
    "read_inputs": ("inputs, facts", ""),
    "complete": ("settings, context", ""),
    "verbs": ("settings", ""),
}


def check_system(module: ModuleType, name: str, path: Path, own: bool) -> System:
    """Return what a system's module offers. Raises UsageError that names what is missing or has other parameters."""
    declared = getattr(module, "Settings", None)
    if not (isinstance(declared, type) and issubclass(declared, axone.settings.Settings)):
        raise _explain(_("'{path}' has no class Settings(axone.settings.Settings).", path=path))
    functions: dict[str, Any] = {}
    for function_name, (positional, keywords) in {**_REQUIRED, **_OPTIONAL}.items():
        function = getattr(module, function_name, None)
        if function is None and function_name in _OPTIONAL:
            continue
        signature = f"{function_name}({positional}{', *, ' + keywords if keywords else ''})"
        if not callable(function):
            raise _explain(_("'{path}' has no function {example}.", path=path, example=signature))
        if not _accepts(function, positional, keywords):
            actual = f"{function_name}{inspect.signature(function)}"
            raise _explain(
                _("{name} in '{path}' does not take these arguments.", name=actual, path=path),
                _("expected {example}", example=signature),
            )
        functions[function_name] = wrap(function, function_name, path) if own else function
    return System(name, path, own, declared, **functions, EXAMPLE_FACTS=getattr(module, "EXAMPLE_FACTS", None))


def _accepts(function: Any, positional: str, keywords: str) -> bool:
    names = [name for name in keywords.split(", ") if name]
    try:
        inspect.signature(function).bind(*positional.split(", "), **dict.fromkeys(names))
    except TypeError:
        return False
    return True


def _explain(what: str, expected: str | None = None) -> UsageError:
    return UsageError(what, expected=expected, hint=_("see a commented example: axone new my_system"))


@contextmanager
def locate_errors(system: System) -> Iterator[None]:
    """Around code that calls what a system returned: an error in a user's own file names the file and the line."""
    if not system.own:
        yield
        return
    with locate_errors_in(system.path):
        yield
