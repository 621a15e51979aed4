"""What may differ between a run and its continuation, and what may not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axone.errors import RunError, SettingsError
from axone.messages import _
from axone.settings import Settings

# Settings that may change without making the continuation another experiment; data, because a folder may have moved:
# `require_same_data` compares their content.
CHANGEABLE = frozenset({"data", "epochs", "patience", "save_every", "device", "threads"})


def require_same_settings(saved: Settings, settings: Settings) -> None:
    """Raise SettingsError when other settings than CHANGEABLE differ from those that a run began with."""
    changed = [name for name in type(saved).model_fields if getattr(saved, name) != getattr(settings, name)]
    refused = [name for name in changed if name not in CHANGEABLE]
    if refused:
        listed = ", ".join(f"{name} ({getattr(saved, name)} -> {getattr(settings, name)})" for name in refused)
        raise SettingsError(
            _("A run continues with the settings it began with; these differ: {listed}.", listed=listed),
            expected=_("these may change: {names}", names=", ".join(sorted(CHANGEABLE))),
            hint=_("type: axone train, for a new run with other settings"),
        )


def require_same_data(saved: Mapping[str, Any], facts: Mapping[str, Any], is_renamed: bool = False) -> None:
    """Raise RunError when the data are not those that a run was trained on.

    Args:
        saved: The facts of the run.
        facts: The facts of the data as they are now.
        is_renamed: Whether the data have another name or path than the run's; they then need a fingerprint.
    """
    if saved.get("fingerprint") != facts.get("fingerprint") or (is_renamed and not saved.get("fingerprint")):
        raise RunError(
            _("The data are not those that this run was trained on."),
            expected=_(
                "fingerprint {saved}, found {found}", saved=saved.get("fingerprint"), found=facts.get("fingerprint")
            ),
            hint=_("restore the data, or train a new run"),
        )


def describe_machine_differences(saved: Mapping[str, Any], environment: Mapping[str, Any]) -> str:
    """Return a sentence on what makes the continuation inexact on this machine; empty when it is exact to the bit."""
    names = ("threads", "device", "precision", "torch", "processor")
    changed = [name for name in names if saved.get(name) != environment[name]]
    if not changed:
        return ""
    changes = "; ".join(f"{name}: {saved.get(name)} -> {environment[name]}" for name in changed)
    return _("Not exact to the bit, because the machine differs ({changes}).", changes=changes)
