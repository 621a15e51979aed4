"""Pretrained weights: fetched from where torchvision publishes them or read from a file, and loaded by name.

Weights may differ from the network in two ways. The head keeps its random initialization where the number of classes
differs. The kernels of the first convolution are summed over their input channels and divided equally among those of
the network, so that a gray image has the same output as the same image in three equal channels.
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
from axone.progress import Progress, ignore_progress
from axone.runs.storage.tensors import describe_misfits

PUBLISHER = "https://download.pytorch.org/models/"
PUBLISHED = "imagenet"  # the value of --weights that asks for the published file
SUFFIXES = (".safetensors", ".pth", ".pt")
NESTED_KEYS = ("state_dict", "model")  # keys under which training scripts store weights in a larger file
PREFIXES = ("module.", "network.")  # which DataParallel and Axone's own checkpoints put before names


def require_source(source: str) -> None:
    """Raise RunError unless `source` is "imagenet" or an existing file whose suffix is that of a weights file."""
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
            _("'{path}' is not a weights file.", path=source),
            expected=_("expected a name that ends in {suffixes}", suffixes=", ".join(SUFFIXES)),
        )


def load_weights(network: nn.Module, source: str, progress: Progress = ignore_progress) -> list[str]:
    """Load the weights of a file, or those published for a network, into it.

    Args:
        network: The network. Its attributes `published` (the name of the published file) and `head` (the names of the
            dense layers that depend on the classes) are used where it has them.
        source: "imagenet", or the path of a file.
        progress: Called while the published file is downloaded.

    Returns:
        Sentences for people on what was loaded.

    Raises RunError for a file that cannot be used, contains anything but tensors, or belongs to another network;
    DataError where the published weights cannot be downloaded.
    """
    require_source(source)
    path = download(getattr(network, "published", None), progress) if source == PUBLISHED else Path(source)
    weights = read_weights(path)
    initialized = adapt(weights, network, path)
    network.load_state_dict(weights)
    notes = [_("The initial weights are those of {file}.", file=path.name)]
    if initialized:
        layers = ", ".join(initialized)
        notes.append(_("Layers initialized randomly, because the number of classes differs: {layers}.", layers=layers))
    return notes


def download(name: str | None, progress: Progress = ignore_progress) -> Path:
    """Return the path of a published file in the cache, downloading it where it is not there.

    The name ends in the first eight digits of the file's sha256, which is checked. Raises RunError where there is no
    such file for the network, DataError or ResourceError where it cannot be downloaded.
    """
    if name is None:
        raise RunError(
            _("There are no published weights for this network."),
            expected=_("expected the path of a weights file"),
            hint=_("type --weights FILE, or choose another --variant"),
        )
    stem = Path(name).stem
    file = DatasetFile(name, (PUBLISHER + name,), sha256=stem.rpartition("-")[2], size=None)
    spec = DatasetSpec(stem, "", "BSD-3-Clause", "https://github.com/pytorch/vision", (file,))
    try:
        location = ensure_local(spec, progress)
    except DataError as error:
        error.hint = _("fetch {url} elsewhere, and type --weights FILE with its path", url=file.urls[0])
        raise
    assert location.folder is not None
    return location.folder / name


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read a file of weights by name; nothing in it is executed. Raises RunError for anything else."""
    try:
        content: Any
        if path.suffix == ".safetensors":
            content = load_file(path)
        else:
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # of a hostile or damaged file: the readers may raise anything
        raise RunError(
            _("'{path}' cannot be read as weights ({kind}); nothing in it was executed.",
              path=path, kind=type(error).__name__),
            expected=_("expected a file that contains only tensors by name"),
        ) from None  # fmt: skip
    for key in NESTED_KEYS:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in content.items()
    ):
        raise RunError(
            _("'{path}' contains no weights.", path=path),
            expected=_("expected a file that contains only tensors by name"),
        )
    for prefix in PREFIXES:
        if content and all(name.startswith(prefix) for name in content):
            content = {name.removeprefix(prefix): value for name, value in content.items()}
    return dict(content)


def adapt(weights: dict[str, Tensor], network: nn.Module, path: Path) -> list[str]:
    """Change weights in place where a network may differ from them; return the layers that keep their own weights.

    Raises RunError with the first three misfits for weights that belong to another network.
    """
    own = network.state_dict()
    for name, value in own.items():
        if name.endswith("num_batches_tracked"):  # older files lack it, and it is not used
            weights.setdefault(name, value)
    initialized = [layer for layer in getattr(network, "head", ()) if _has_other_classes(own, weights, layer)]
    for layer in initialized:
        weights.update({name: value for name, value in own.items() if name.startswith(f"{layer}.")})
    first = next((name for name, value in own.items() if value.ndim > 1), "")
    if first in weights:
        weights[first] = adapt_channels(weights[first], own[first])
    if misfits := describe_misfits(network, weights):
        raise RunError(
            _("The weights of '{path}' do not fit the network: {misfits}.", path=path, misfits=misfits),
            expected=_("expected the shapes of the network, which are after the slash"),
            hint=_("choose the --variant of the weights; published weights need --width 1 and --stem imagenet"),
        )
    return initialized


def adapt_channels(kernels: Tensor, own: Tensor) -> Tensor:
    """Return kernels [out, in, height, width] for the number of input channels of a network's own kernels."""
    channels = own.shape[1]
    same = kernels.ndim == own.ndim == 4 and kernels.shape[0] == own.shape[0] and kernels.shape[2:] == own.shape[2:]
    if not same or kernels.shape[1] == channels:
        return kernels
    return (kernels.sum(1, keepdim=True) / channels).expand(-1, channels, -1, -1)


def _has_other_classes(own: Mapping[str, Tensor], weights: Mapping[str, Tensor], layer: str) -> bool:
    """Return whether a dense layer of the head differs from the weights in the number of its classes only."""
    name = f"{layer}.weight"
    return name in weights and weights[name].shape[1:] == own[name].shape[1:] and len(weights[name]) != len(own[name])
