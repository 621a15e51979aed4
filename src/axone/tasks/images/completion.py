"""Apply the rules of `defaults.py` to settings that were not set explicitly, and say which were chosen."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from axone.engine.context import BuildContext
from axone.messages import _, plural
from axone.numbers import format_number
from axone.settings import Settings, auto_rule_of
from axone.tasks.images import defaults
from axone.tasks.images.survey import ImageSurvey, survey_images

SomeSettings = TypeVar("SomeSettings", bound=Settings)

# (settings, survey) -> further choices of a system
Choose = Callable[[Any, ImageSurvey], Mapping[str, Any]]

# Settings that follow the data under any preset, whose numbers are for many images of one size; and those that do so
# unless the preset sets them. Everything else is what the preset was chosen for.
ALWAYS, UNLESS_PRESET = {"batch_size", "epochs", "channels", "validation"}, {"image_size"}
SAID = ("augment", "image_size", "network", "variant")  # by their flags; others, as the optimizer, go with these


def complete_settings(
    settings: SomeSettings,
    context: BuildContext,
    choose: Choose | None = None,
    *,
    steps: int = defaults.STEPS,
    largest_side: int = defaults.LARGEST_SIDE,
    labeled: bool = True,
    only: Container[str] | None = None,
) -> SomeSettings:
    """Return settings with what follows from the number and the size of the images, where they leave it open.

    Args:
        settings: The settings of a system for images.
        context: With the data, where they are in memory.
        choose: Returns further settings, of the system's network.
        steps: The least number of training steps.
        largest_side: The side in pixels to which larger images are resized.
        labeled: Whether each image has a class.
        only: The names of the settings to choose; None: all.
    """
    survey = survey_images(settings, context, labeled=labeled)
    if survey is None:
        return settings
    if is_validation_open(settings) and not survey.has_validation:
        settings = fill(settings, defaults.choose_validation(survey.undivided))
        if not settings.validation:
            survey = replace(survey, images=survey.undivided, held_out=0)
    choices = choose_training(settings, survey, steps, largest_side)
    settings = fill(settings, {name: value for name, value in choices.items() if only is None or name in only})
    return fill(settings, choose(settings, survey)) if choose else settings


def is_validation_open(settings: Settings) -> bool:
    """Return whether the system leaves its validation set to the rules; early stopping needs one."""
    return bool(auto_rule_of(type(settings).model_fields["validation"])) and settings.patience == 0


def choose_training(settings: Settings, survey: ImageSurvey, steps: int, largest_side: int) -> dict[str, Any]:
    """Return batch size, epochs, augmentation and image size for the images of a survey."""
    batch_size, epochs = settings.batch_size, settings.epochs
    if "batch_size" not in settings.model_fields_set:
        batch_size = defaults.choose_batch_size(survey.images, batch_size)
    if "epochs" not in settings.model_fields_set:
        together = batch_size or survey.images  # 0: all at once
        epochs = defaults.choose_epochs(survey.images, together, epochs, steps)
    choices = {"batch_size": batch_size, "epochs": epochs, **defaults.choose_augmentation(survey.images)}
    if survey.side is not None and not survey.is_elongated:  # a size makes squares, which lose the ends
        choices["image_size"] = defaults.choose_side(survey.side, epochs * survey.images, largest_side)
    return choices


def fill(settings: SomeSettings, choices: Mapping[str, Any]) -> SomeSettings:
    """Return settings with choices in the place of values that were not set explicitly.

    With a preset other than the default one, only `ALWAYS` and `UNLESS_PRESET` are chosen. Names that the system does
    not have are ignored. `model_fields_set` stays as it is: it lists what was set explicitly.
    """
    values = dict(settings)
    free = values.keys() - settings.model_fields_set
    if settings.preset != "default":
        free &= ALWAYS | UNLESS_PRESET - settings.PRESETS[settings.preset].keys()
    values |= {name: value for name, value in choices.items() if name in free}
    return type(settings).model_construct(set(settings.model_fields_set), **values)


def describe_choices(settings: Settings, images: int) -> list[str]:
    """Return sentences on the settings that were chosen by the data, or none where all were set explicitly.

    Args:
        settings: The settings as `complete_settings` returned them.
        images: The number of training images.
    """
    usual = {**{name: field.default for name, field in type(settings).model_fields.items()},
             **settings.PRESETS[settings.preset]}  # fmt: skip
    chosen = {
        name: value
        for name, value in settings
        if name not in settings.model_fields_set and value != usual[name] and name != "preset"
    }
    parts = []
    if "batch_size" in chosen:
        parts.append(_("batches of {count}", count=chosen["batch_size"]))
    if "epochs" in chosen:
        parts.append(plural("{count} epoch", "{count} epochs", chosen["epochs"]))
    if chosen.get("network") == defaults.USUAL_NETWORK:
        del chosen["network"]
    parts += [f"--{name.replace('_', '-')} {chosen[name]}" for name in SAID if name in chosen]
    count, sentences = format_number(images), []
    if chosen.get("validation") == 0:
        sentences.append(
            _("No images are held out for validation (--validation 0): all {count} are trained on.", count=count)
        )
    if not parts:
        return sentences
    listed = ", ".join(parts)
    if images < defaults.FEW:
        first = _("Few training images ({count}): {choices}. Flags override this.", count=count, choices=listed)
    else:
        first = _("By the number and the size of the images: {choices}. Flags override this.", choices=listed)
    return [first, *sentences]
