"""How settings are declared, each with its default, its help and its limits; the settings that all systems share."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from axone.messages import mark
from axone.settings.fields import AUTO


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


def offered_fields(settings_class: type[Options]) -> dict[str, FieldInfo]:
    """Return the fields that can be set by a user, by name: all but the unused ones."""
    return {name: field for name, field in settings_class.model_fields.items() if name not in settings_class.UNUSED}
