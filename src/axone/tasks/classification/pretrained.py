"""Weights that somebody trained before: fetched from where torchvision publishes them, read safely, fitted by name.

Two things may differ from the network they are for. The head is left as it was drawn when its classes are others.
The first convolution takes the sum of its kernels over the channels it was made for, shared out equally over those
it has now: a gray picture then gives what the same picture gave as three equal channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from axone.data.datasets.store import DatasetFile, DatasetSpec, ensure_local
from axone.errors import DataError, RunError
from axone.messages import _
from axone.progress import Progress, count_progress, ignore_progress

PUBLISHER = "https://download.pytorch.org/models/"
PUBLISHED = "imagenet"  # the word that asks for them
SUFFIXES = (".safetensors", ".pth", ".pt")
NESTS = ("state_dict", "model")  # under which training scripts keep weights in a larger file
PREFIXES = ("module.", "network.")  # which DataParallel and Axone's own checkpoints put before names


def require(source: str) -> None:
    """Raise RunError unless `source` is the word "imagenet" or an existing file of a kind that can be read."""
    path = Path(source)
    if source == PUBLISHED:
        return
    if not path.is_file():
        raise RunError(
            _("There is no weights file '{path}' (from {folder}).", path=source, folder=Path.cwd()),
            expected=_("expected the path of a file, or {word}", word=PUBLISHED),
        )
    if path.suffix not in SUFFIXES:
        raise RunError(
            _("'{path}' is no weights file.", path=source),
            expected=_("expected a name that ends in {suffixes}", suffixes=", ".join(SUFFIXES)),
        )


def load(network: nn.Module, source: str, progress: Progress = ignore_progress) -> list[str]:
    """Give a network the weights of a file, or with "imagenet" those published for it; say what was done, in words.

    Raises RunError for a file that is unusable, holds anything but tensors, or belongs to another network; DataError
    when the published weights cannot be fetched.
    """
    require(source)
    path = fetch(getattr(network, "published", None), progress) if source == PUBLISHED else Path(source)
    weights = read(path)
    fresh = fit(network, weights, path)
    network.load_state_dict(weights)
    notes = [_("The weights to begin with are those of {file}.", file=path.name)]
    if fresh:
        notes.append(_("Drawn afresh, because the classes are others: {layers}.", layers=", ".join(fresh)))
    return notes


def fetch(name: str | None, progress: Progress = ignore_progress) -> Path:
    """Return the path of a published file, downloading it into the cache when it is not there.

    The name ends in the first eight digits of the file's sha256, which the bytes must have. Raises RunError when
    there is no such file for the network, DataError or ResourceError when it cannot be had.
    """
    if name is None:
        raise RunError(
            _("There are no published weights for this network."),
            expected=_("expected the path of a weights file"),
            hint=_("type --weights FILE, or choose another --variant"),
        )
    stem = Path(name).stem
    file = DatasetFile(name, (PUBLISHER + name,), sha256=stem.rpartition("-")[2], size=None)
    known = DatasetSpec(stem, "", "BSD-3-Clause", "https://github.com/pytorch/vision", (file,))
    try:
        place = ensure_local(known, count_progress(progress, _("downloading {name}", name=name)))
    except DataError as error:
        error.hint = _("fetch {url} elsewhere, and type --weights FILE with its path", url=file.urls[0])
        raise
    assert place.folder is not None
    return place.folder / name


def read(path: Path) -> dict[str, Tensor]:
    """Read a file of weights by name; nothing in it is executed. Raises RunError for anything else."""
    try:
        found: Any
        if path.suffix == ".safetensors":
            found = load_file(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # of a hostile or damaged file, whatever the readers make of it
        raise RunError(
            _("'{path}' cannot be read as weights ({kind}); nothing in it was executed.",
              path=path, kind=type(error).__name__),
            expected=_("expected a file that holds tensors by name, and nothing else"),
        ) from None  # fmt: skip
    for nest in NESTS:
        if isinstance(found, Mapping) and isinstance(found.get(nest), Mapping):
            found = found[nest]
    if not isinstance(found, Mapping) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in found.items()
    ):
        raise RunError(
            _("'{path}' holds no weights.", path=path),
            expected=_("expected a file that holds tensors by name, and nothing else"),
        )
    for prefix in PREFIXES:
        if found and all(name.startswith(prefix) for name in found):
            found = {name.removeprefix(prefix): value for name, value in found.items()}
    return dict(found)


def fit(network: nn.Module, weights: dict[str, Tensor], path: Path) -> list[str]:
    """Change weights in place where a network may differ; return the layers of its head that stay as they are.

    Raises RunError, naming the first three, for weights that then do not fit.
    """
    own = network.state_dict()
    for name, value in own.items():
        if name.endswith("num_batches_tracked"):  # older files lack it, and nothing computes with it
            weights.setdefault(name, value)
    fresh = [layer for layer in getattr(network, "head", ()) if _differ(own, weights, layer)]
    for layer in fresh:
        weights.update({name: value for name, value in own.items() if name.startswith(f"{layer}.")})
    first = next((name for name, value in own.items() if value.ndim > 1), "")
    if first in weights:
        weights[first] = for_channels(weights[first], own[first])
    if wrong := misfits(network, weights):
        raise RunError(
            _("The weights of '{path}' do not fit the network: {misfits}.", path=path, misfits=wrong),
            expected=_("expected the shapes of the network, which stand second"),
            hint=_("choose the --variant that they are of; published weights need --width 1 and --stem imagenet"),
        )
    return fresh


def for_channels(kernels: Tensor, own: Tensor) -> Tensor:
    """Return kernels (out, in, height, width) for as many input channels as a network's own have."""
    channels = own.shape[1]
    alike = kernels.ndim == own.ndim == 4 and kernels.shape[0] == own.shape[0] and kernels.shape[2:] == own.shape[2:]
    if not alike or kernels.shape[1] == channels:
        return kernels
    return (kernels.sum(1, keepdim=True) / channels).expand(-1, channels, -1, -1)


def misfits(network: nn.Module, weights: Mapping[str, Tensor]) -> str:
    """Name the first weights that do not fit a network, each with both shapes; nothing when all do."""
    own = network.state_dict()
    wrong = [
        f"{name}: {tuple(weights[name].shape) if name in weights else _('missing')}"
        f" / {tuple(own[name].shape) if name in own else _('unknown')}"
        for name in sorted(own.keys() | weights.keys())
        if name not in own or name not in weights or own[name].shape != weights[name].shape
    ]
    return "; ".join(wrong[:3])


def _differ(own: Mapping[str, Tensor], weights: Mapping[str, Tensor], layer: str) -> bool:
    """Say whether a dense layer of the head answers about another number of classes, all else being alike."""
    name = f"{layer}.weight"
    return name in weights and weights[name].shape[1:] == own[name].shape[1:] and len(weights[name]) != len(own[name])
