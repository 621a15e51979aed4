"""A system's network without its training: to look at, to count, to put into one's own code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from axone import catalogue
from axone.errors import DataError, UsageError
from axone.messages import _
from axone.settings import resolve
from axone.use import misfits


def network(
    system: str,
    *,
    input: tuple[int, ...] | None = None,
    classes: int | None = None,
    weights: str | Path | None = None,
    device: str | None = None,
    **given: Any,
) -> nn.Module:
    """Return the network of a system, untrained, or with the weights of a safetensors file.

    `input` is the shape without the batch, (channels, height, width) for pictures; `classes` the number of
    answers; further keywords are the system's settings. `device="meta"` makes it without allocating weights.
    Raises UsageError, SettingsError (also for shapes that do not fit), DataError for a file that is unusable or
    holds the weights of another network.
    """
    import torch

    found = catalogue.find(system)
    module = catalogue.load(found)
    facts = dict(getattr(module, "EXAMPLE_FACTS", {}))
    if not facts and (input is None or classes is None):
        raise UsageError(_("The system '{name}' draws its network only with data at hand: train it.", name=found.name))
    if input is not None:
        facts["input"] = list(input)
    if classes is not None:
        facts["classes"] = [str(number) for number in range(classes)]
    with torch.device(device or "cpu"):
        made: nn.Module = module.model(resolve(module.Settings, given), facts)
    if weights is not None:
        found_weights = _read_weights(Path(weights))
        if wrong := misfits(made, found_weights):
            raise DataError(
                _("The weights of '{path}' do not fit the network: {misfits}.", path=weights, misfits=wrong)
            )
        made.load_state_dict(found_weights)
    return made


def _read_weights(path: Path) -> dict[str, Any]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not path.is_file():
        raise DataError(_("There is no weights file '{path}'.", path=path))
    try:
        found = load_file(path)
    except SafetensorError as error:
        raise DataError(_("'{path}' is not a safetensors file: {error}", path=path, error=error)) from None
    return {name.removeprefix("network."): value for name, value in found.items()}
