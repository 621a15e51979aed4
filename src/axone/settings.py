"""Typed settings: one declaration gives the flags, `--help`, the TOML file, the JSON Schema and the validation.

    class Settings(axone.settings.Settings):
        PRESETS = {"default": {}, "fast": {"epochs": 12}}
        kernel_size: int = option(3, "side of the convolution's kernel, in pixels", ge=1, le=15)

Order of precedence, lowest first: the declared default, the preset, the TOML file, the command line.
Settings are frozen. An unknown name is an error that suggests the nearest known one.

A setting with `auto` is one that a system may choose by the data (`complete` of the system) unless it was set
explicitly. `model_fields_set` of resolved settings contains the names that were set explicitly.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args, get_origin

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from axone.errors import SettingsError, closest
from axone.messages import _, mark
from axone.setting_fields import AUTO as AUTO
from axone.setting_fields import auto_rule_of as auto_rule_of
from axone.setting_fields import choices_of, expected_value, kind_of, limits_of

Group = Literal["system", "task", "data", "optimization", "hardware", "run"]
"""The parts of a help page: settings of the system itself, those of its kind of task, and those of all systems."""


def option(default: Any, help: str, *, auto: str = "", **limits: Any) -> Any:
    """Declare one setting: its default, one line of help, and its limits (ge, gt, le, lt, pattern).

    `auto` says, for help pages, how the system chooses a value by the data where none was set; "auto" is then a value
    that can be typed. The default is the value of a system that does not choose, or of data that need no other.
    """
    return Field(default, description=help, json_schema_extra={AUTO: auto} if auto else None, **limits)


class Options(BaseModel):
    """Declared options: those of a training are `Settings`; a system may declare others for a verb (`axone.system`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)
    # Inherited options that a system does not read: they are not offered, and their default is their only value.
    UNUSED: ClassVar[frozenset[str]] = frozenset()
    # Examples that `axone generate` makes where --count is not typed.
    DEFAULT_COUNT: ClassVar[int] = 16
    # The option that stands for an input of `axone predict`, as `--record 3` does for a file; "": none.
    INPUT_OPTION: ClassVar[str] = ""

    def read_input(self) -> tuple[str, Any]:
        """Return the input that `INPUT_OPTION` stands for, with its name for people."""
        raise NotImplementedError


class Settings(Options):
    """The settings that all systems share. A system's own class Settings extends it."""

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {"default": {}}

    data: str = option("", mark("name of a known data set, or path of your own data"))
    target: str | None = option(None, mark("column to predict, in a table"))
    limit: int = option(0, mark("number of training examples to use; 0: all"), ge=0)
    validation: float = option(0.1, mark("fraction of the training set held out for validation"), ge=0, le=0.9)

    epochs: int = option(10, mark("number of passes over the training set"), ge=1, le=1_000_000)
    batch_size: int = option(128, mark("number of examples in a batch"), ge=1, le=1_000_000)
    learning_rate: float = option(1e-3, mark("highest learning rate of the schedule"), gt=0, le=100)
    optimizer: Literal["sgd", "adam", "adamw", "muon"] = option("adam", mark("optimizer"))
    schedule: Literal["constant", "cosine", "one-cycle"] = option("constant", mark("learning rate schedule"))
    weight_decay: float = option(0.0, mark("weight decay"), ge=0, le=10)
    gradient_clip: float = option(0.0, mark("largest norm of the gradients; 0: no clipping"), ge=0)
    accumulate: int = option(
        1, mark("number of batches whose gradients are accumulated for each optimizer step"), ge=1, le=65_536
    )
    ema: float = option(0.0, mark("decay of the exponential moving average of the weights; 0: none"), ge=0, lt=1)
    label_smoothing: float = option(0.0, mark("label smoothing"), ge=0, lt=1)
    patience: int = option(0, mark("epochs without improvement before early stopping; 0: never"), ge=0)

    device: str = option("auto", mark("auto, cpu, cuda, cuda:1 or mps"), pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")
    precision: Literal["auto", "float32", "bfloat16"] = option(
        "auto", mark("floating-point precision: auto, float32 or bfloat16")
    )
    shards: int = option(1, mark("number of parts of each batch, which as many processes can share"), ge=1, le=1024)
    threads: int = option(0, mark("number of CPU threads; 0: one for each core"), ge=0, le=4096)

    preset: str = option("default", mark("named set of default values, listed below"))
    seed: int = option(0, mark("random seed"), ge=0, lt=2**63)
    save_every: int = option(0, mark("steps between checkpoints; 0: one at the end of each epoch"), ge=0)


_GROUPS: dict[Group, tuple[str, ...]] = {
    "data": ("data", "target", "limit", "validation"),
    "hardware": ("device", "precision", "shards", "threads"),
    "run": ("preset", "seed", "save_every"),
}


@dataclass(frozen=True)
class Setting:
    """One declared setting, for help pages, forms and documentation."""

    name: str
    kind: str  # "integer", "number", "text", "switch", "choice" or "list"
    default: Any
    help: str
    choices: tuple[str, ...]
    limits: str  # for example "1 to 15" or "above 0"; empty when there is none
    group: Group
    auto: str = ""  # how the value is chosen by the data where none was set; empty: it is not

    @property
    def flag(self) -> str:
        """The flag of the command line: --batch-size for batch_size, --from for from_ (see `_find_name`)."""
        return "--" + self.name.rstrip("_").replace("_", "-")


def offered_fields(settings_class: type[Options]) -> dict[str, FieldInfo]:
    """Return the fields that can be set by a user, by name: all but the unused ones."""
    return {name: field for name, field in settings_class.model_fields.items() if name not in settings_class.UNUSED}


def describe(settings_class: type[Options], preset: str = "default") -> list[Setting]:
    """List the settings of a system: its own first, then those of its kind of task, then those of all systems.

    The defaults are those of a preset. Raises SettingsError for an unknown one. Options of a verb have no presets.
    """
    values: dict[str, Any] = {}
    if issubclass(settings_class, Settings):
        values = {**_read_preset(settings_class, preset), "preset": preset}
    settings = [
        Setting(
            name=name,
            kind=kind_of(field),
            default=values.get(name, field.get_default(call_default_factory=True)),
            help=field.description or "",
            choices=choices_of(field),
            limits=limits_of(field),
            group=_group(settings_class, name),
            auto=auto_rule_of(field) if preset == "default" else "",  # a preset is a choice
        )
        for name, field in offered_fields(settings_class).items()
    ]
    order = {"system": 0, "task": 1}
    return sorted(settings, key=lambda setting: order.get(setting.group, 2))


def _group(settings_class: type[Options], name: str) -> Group:
    if name not in Settings.model_fields:
        return "system" if name in settings_class.__annotations__ else "task"
    return next((group for group, names in _GROUPS.items() if name in names), "optimization")


def read_flags(settings_class: type[Options], tokens: Iterable[str]) -> dict[str, Any]:
    """Turn `--epochs 5`, `--epochs=5`, `epochs=5`, `--flag` and `--no-flag` into typed values.

    Raises SettingsError for an unknown flag (with the nearest known one), a missing or a mistyped value.
    """
    words = list(tokens)
    values: dict[str, Any] = {}
    while words:
        word = words.pop(0)
        key, has_value, text = word.partition("=")
        if not key.startswith("--") and not has_value:
            raise SettingsError(
                _("'{word}' is not a setting.", word=word), expected=_("expected --name VALUE or name=VALUE")
            )
        name = _find_name(settings_class, key.removeprefix("--").replace("-", "_"))
        negated = name.removeprefix("no_")
        if name not in settings_class.model_fields and negated in settings_class.model_fields and not has_value:
            name, has_value, text = negated, "=", "false"
        field = _find_field(settings_class, name, key)
        if not has_value:
            if field.annotation is bool:
                text = "true"
            elif words:
                text = words.pop(0)
            else:
                raise SettingsError(_("{flag} needs a value.", flag=key), expected=expected_value(field))
        values[name] = _parse(name, field, text)
    return values


def resolve(
    settings_class: type[Settings], values: Mapping[str, Any] | None = None, file: str | Path | None = None
) -> Settings:
    """Merge the defaults, the preset, a TOML file and `values` into validated, frozen settings.

    Their `model_fields_set` contains the names of `values` and of the file, without those whose value is "auto".

    Raises SettingsError for a name that is not a setting, with the nearest one, and for a value that does not fit.
    """
    typed = {_find_name(settings_class, name): value for name, value in (values or {}).items()}
    from_file = {_find_name(settings_class, name): value for name, value in (read_toml(file) if file else {}).items()}
    for name, value in (*from_file.items(), *typed.items()):
        # A run of another version may hold the default of a setting that is not used any more.
        if name not in settings_class.UNUSED or value != settings_class.model_fields[name].default:
            _find_field(settings_class, name, name)
    typed, from_file = (_without_auto(settings_class, values) for values in (typed, from_file))
    preset = typed.get("preset", from_file.get("preset", settings_class.model_fields["preset"].default))
    merged = {**_read_preset(settings_class, preset), **from_file, **typed, "preset": preset}
    # TOML and JSON have only lists; settings have tuples, which cannot be changed.
    merged = {name: tuple(value) if isinstance(value, list) else value for name, value in merged.items()}
    for name, value in merged.items():
        if isinstance(value, str):
            _require_utf8(name, value)
    try:
        settings = settings_class.model_validate(merged, strict=True)
    except ValidationError as error:
        raise _to_settings_error(settings_class, error, merged) from None
    return settings_class.model_construct({*from_file, *typed}, **dict(settings))


def resolve_options(options_class: type[Options], values: Mapping[str, Any]) -> Options:
    """Return validated, frozen options of a verb.

    Raises SettingsError for a name that is not an option, with the nearest one, and for a value that does not fit.
    """
    typed = {_find_name(options_class, name): value for name, value in values.items()}
    for name, value in typed.items():
        _find_field(options_class, name, name)
        if isinstance(value, str):
            _require_utf8(name, value)
    try:
        return options_class.model_validate(typed, strict=True)
    except ValidationError as error:
        raise _to_settings_error(options_class, error, typed) from None


def _without_auto(settings_class: type[Settings], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values without those that leave the choice to the system."""
    fields = settings_class.model_fields
    return {
        name: value
        for name, value in values.items()
        if not (isinstance(value, str) and value == AUTO and auto_rule_of(fields[name]))
    }


def read_toml(file: str | Path) -> dict[str, Any]:
    """Read a settings file. Raises SettingsError when it is missing, too large or not TOML."""
    path = Path(file)
    if not path.is_file():
        raise SettingsError(_("There is no settings file '{path}' (from {folder}).", path=path, folder=Path.cwd()))
    if path.stat().st_size > 1_000_000:
        raise SettingsError(_("'{path}' is too large for a settings file.", path=path))
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(_("'{path}' is not a TOML file: {error}", path=path, error=error)) from None


def to_toml(settings: Settings) -> str:
    """Return settings as TOML, without those that are None."""
    return tomli_w.dumps(settings.model_dump(mode="json", exclude_none=True, exclude=set(settings.UNUSED)))


def json_schema(settings_class: type[Settings]) -> dict[str, Any]:
    """Return the JSON Schema of the settings, with their defaults; a form can be built from it."""
    schema = settings_class.model_json_schema()
    schema["properties"] = {k: v for k, v in schema["properties"].items() if k not in settings_class.UNUSED}
    return schema


def _read_preset(settings_class: type[Settings], preset: str) -> dict[str, Any]:
    if preset not in settings_class.PRESETS:
        raise SettingsError(
            _("There is no preset '{preset}'.", preset=preset) + _suggest(str(preset), settings_class.PRESETS),
            expected=_("expected one of: {choices}", choices=", ".join(settings_class.PRESETS)),
        )
    return settings_class.PRESETS[preset]


def _find_name(settings_class: type[Options], name: str) -> str:
    """Return the field for a name as it is typed: `from` is the field `from_`, because Python reserves the word."""
    return f"{name}_" if name not in settings_class.model_fields and f"{name}_" in settings_class.model_fields else name


def _find_field(settings_class: type[Options], name: str, written: str) -> FieldInfo:
    offered = offered_fields(settings_class)
    field = offered.get(name)
    if field is None:
        raise SettingsError(
            _("There is no setting '{name}'.", name=written) + _suggest(name, [known.rstrip("_") for known in offered])
        )
    return field


def _suggest(word: str, known: Iterable[str]) -> str:
    near = closest(word, known)
    return " " + _("Did you mean '{near}'?", near=near) if near else ""


def _parse(name: str, field: FieldInfo, text: str) -> Any:
    annotation: Any = field.annotation
    if text == AUTO and auto_rule_of(field):
        return AUTO
    try:
        if get_origin(annotation) is tuple:
            member = TypeAdapter(get_args(annotation)[0])
            return tuple(member.validate_strings(part.strip()) for part in text.split(",") if part.strip())
        return TypeAdapter(annotation).validate_strings(text)
    except ValidationError:
        raise SettingsError(
            _("{name} cannot be '{value}'.", name=name, value=text[:80]), expected=expected_value(field)
        ) from None


def _to_settings_error(
    settings_class: type[Options], error: ValidationError, values: Mapping[str, Any]
) -> SettingsError:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if name not in settings_class.model_fields:  # a system's own validation of several settings together
        return SettingsError(first["msg"].removeprefix("Value error, "))
    value = str(values.get(name, first.get("input")))[:80]
    return SettingsError(
        _("{name} cannot be '{value}'.", name=name, value=value),
        expected=expected_value(settings_class.model_fields[name]),
    )


def _require_utf8(name: str, value: str) -> None:
    """Raise SettingsError for text that no file can hold: Python's form of a path that is not UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise SettingsError(
            _("{name} cannot be '{value}'.", name=name, value=value[:80]),
            expected=_("expected text in UTF-8"),
            hint=_("a terminal without UTF-8 cannot type other letters than ASCII: set LC_ALL=C.UTF-8"),
        ) from None
