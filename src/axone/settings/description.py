"""What is known of each setting, for help pages, forms and documentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from axone.settings.declaration import Options, Settings, offered_fields
from axone.settings.fields import auto_rule_of, choices_of, kind_of, limits_of
from axone.settings.names import read_preset

Group = Literal["system", "task", "data", "optimization", "hardware", "run"]
"""The parts of a help page: settings of the system itself, those of its kind of task, and those of all systems."""

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
        """The flag of the command line: --batch-size for batch_size, --from for from_ (see `find_name`)."""
        return "--" + self.name.rstrip("_").replace("_", "-")


def describe(settings_class: type[Options], preset: str = "default") -> list[Setting]:
    """List the settings of a system: its own first, then those of its kind of task, then those of all systems.

    The defaults are those of a preset. Raises SettingsError for an unknown one. Options of a verb have no presets.
    """
    values: dict[str, Any] = {}
    if issubclass(settings_class, Settings):
        values = {**read_preset(settings_class, preset), "preset": preset}
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


def json_schema(settings_class: type[Settings]) -> dict[str, Any]:
    """Return the JSON Schema of the settings, with their defaults; a form can be built from it."""
    schema = settings_class.model_json_schema()
    schema["properties"] = {k: v for k, v in schema["properties"].items() if k not in settings_class.UNUSED}
    return schema
