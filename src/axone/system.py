"""What a system's file offers: a contract, checked once when the file is loaded.

    Settings                                                        required
    build(settings, context) -> Experiment                          required
    model(settings, facts) -> nn.Module                             required
    predict(network, settings, facts, inputs) -> list of Answer
    generate(network, settings, facts, *, count, label, seed) -> iterable of Answer
    answering(network, settings, facts) -> nn.Module                raw values in, answer out; for export
    read_inputs(inputs, facts) -> (list, whether it was one input)  for inputs that are not images
    complete(settings, context) -> Settings                         settings that follow from other runs
    explain(network, settings, facts, inputs, *, label) -> list of Answer
    play(network, settings, facts, *, seed) -> PlaySession          an episode or a game, for `axone play`
    verbs(settings) -> list of str                                  where settings decide what a run can do
    EXAMPLE_FACTS                                                   for `axone graph` without data
    GenerateOptions, PredictOptions, EvaluateOptions, ExplainOptions, PlayOptions    flags of its own for these verbs

A class of options extends `axone.settings.Options`. The function of its verb has the further parameter `options`:
`generate(..., *, count, label, seed, options)`, `predict(network, settings, facts, inputs, options)` and
`explain(..., *, label, options)`, `play(..., *, seed, options)`; for `evaluate`, the options are `context.options` of
`build`.

Everything that uses a system receives a `System`, in which what a file does not offer is None: nothing asks a module
with `hasattr`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import axone.settings
from axone.errors import AxoneError, SettingsError, UsageError
from axone.messages import _
from axone.system_calls import locate_errors_in, wrap

if TYPE_CHECKING:
    from torch import nn

    from axone.engine.context import BuildContext
    from axone.engine.experiment import Experiment
    from axone.tasks.answers import Answer
    from axone.tasks.play_session import PlaySession

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

    def __call__(
        self, network: Any, settings: Any, facts: Any, inputs: Sequence[Any], *options: Any
    ) -> Sequence[Answer | AxoneError]:
        """Return an answer for each input, or the AxoneError of an input that cannot be read in its place."""


@runtime_checkable
class Generate(Protocol):
    """The function `generate` of a system."""

    def __call__(
        self, network: Any, settings: Any, facts: Any, *, count: int, label: str | None, seed: int, **options: Any
    ) -> Iterable[Answer]:
        """Yield `count` new examples of the class `label`, or of any class when it is None; `seed` seeds the noise."""


@runtime_checkable
class Explain(Protocol):
    """The function `explain` of a system."""

    def __call__(
        self, network: Any, settings: Any, facts: Any, inputs: Sequence[Any], *, label: str | None, **options: Any
    ) -> Sequence[Answer | AxoneError]:
        """Return what the answer about each input depends on, or the AxoneError of an input in its place."""


@runtime_checkable
class Play(Protocol):
    """The function `play` of a system."""

    def __call__(self, network: Any, settings: Any, facts: Any, *, seed: int, **options: Any) -> PlaySession:
        """Return an episode or a game that has not begun yet; `seed` seeds the world and what is drawn at random."""


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
        """Return the verbs that a run with these settings offers, such as "predict", "generate" and "play"."""


@dataclass(frozen=True)
class System:
    """A loaded system: its functions, checked. What its file does not offer is None.

    Args:
        name: The name of the file without `.py`.
        path: The file.
        own: Whether it is a user's own file rather than one of Axone's systems.
        option_classes: The class of its own options for each verb that has some.
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
    explain: Explain | None = None
    play: Play | None = None
    verbs: ListVerbs | None = None
    EXAMPLE_FACTS: Facts | None = None
    option_classes: Mapping[str, type[axone.settings.Options]] = field(default_factory=dict)

    def list_verbs(self, settings: axone.settings.Settings) -> list[str]:
        """List the verbs that a run with these settings offers, of "predict", "generate" and "play"."""
        if self.verbs is not None:
            return list(self.verbs(settings))
        offered = (("predict", self.predict), ("generate", self.generate), ("play", self.play))
        return [verb for verb, function in offered if function]

    def resolve_options(self, verb: str, values: Mapping[str, Any]) -> dict[str, axone.settings.Options]:
        """Return {"options": the options of a verb}, validated, or {} for a system that has none of its own.

        Raises SettingsError for an unknown name or a value that does not fit.
        """
        options_class = self.option_classes.get(verb)
        if options_class is not None:
            return {"options": axone.settings.resolve_options(options_class, values)}
        if values:
            raise SettingsError(
                _("The system '{name}' has no option '{option}'.", name=self.name, option=next(iter(values))),
                hint=_("type: axone {verb} --help", verb=verb),
            )
        return {}


# The class of a system's own options for each verb that may have some.
OPTION_CLASSES = {
    "generate": "GenerateOptions",
    "predict": "PredictOptions",
    "evaluate": "EvaluateOptions",
    "explain": "ExplainOptions",
    "play": "PlayOptions",
}
# Each function's parameters: by position, then by keyword.
_REQUIRED = {"build": ("settings, context", ""), "model": ("settings, facts", "")}
_OPTIONAL = {
    "predict": ("network, settings, facts, inputs", ""),
    "generate": ("network, settings, facts", "count, label, seed"),
    "answering": ("network, settings, facts", ""),
    "read_inputs": ("inputs, facts", ""),
    "complete": ("settings, context", ""),
    "explain": ("network, settings, facts, inputs", "label"),
    "play": ("network, settings, facts", "seed"),
    "verbs": ("settings", ""),
}


def check_system(module: ModuleType, name: str, path: Path, own: bool) -> System:
    """Return what a system's module offers. Raises UsageError that names what is missing or has other parameters."""
    declared = getattr(module, "Settings", None)
    if not (isinstance(declared, type) and issubclass(declared, axone.settings.Settings)):
        raise _explain(_("'{path}' has no class Settings(axone.settings.Settings).", path=path))
    option_classes = _read_option_classes(module, path)
    functions: dict[str, Any] = {}
    for function_name, (positional, keywords) in {**_REQUIRED, **_OPTIONAL}.items():
        function = getattr(module, function_name, None)
        if function is None and function_name in _OPTIONAL:
            continue
        if function_name in option_classes and keywords:
            keywords += ", options"
        elif function_name in option_classes:
            positional += ", options"
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
    example_facts = getattr(module, "EXAMPLE_FACTS", None)
    return System(name, path, own, declared, **functions, EXAMPLE_FACTS=example_facts, option_classes=option_classes)


def _read_option_classes(module: ModuleType, path: Path) -> dict[str, type[axone.settings.Options]]:
    classes = {}
    for verb, name in OPTION_CLASSES.items():
        declared = getattr(module, name, None)
        if declared is None:
            continue
        if not (isinstance(declared, type) and issubclass(declared, axone.settings.Options)):
            raise _explain(_("{name} in '{path}' is no class of options.", name=name, path=path),
                           _("expected class {name}(axone.settings.Options)", name=name))  # fmt: skip
        classes[verb] = declared
    return classes


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
