"""Read a user's meshes as voxels: OBJ, STL, PLY and OFF files, in a folder for each class or all in one.

A mesh is scaled so that its longest side fills the cube, and placed on the floor in the middle. Every voxel that its
surface touches is full, and so is its interior. Of a mesh that is not closed, the voxels without a way out at this
resolution are filled, and those that the surface hides from all six sides; elsewhere it stays a surface. The same
solid gives the same voxels in every format. Files are read by trimesh (extra `shapes`) from their bytes alone: other
files that they name, such as textures, are not opened.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from axone.data.paths import printable_path
from axone.data.voxels.rasterize import Triangles, rasterize
from axone.data.voxels.surface import is_closed
from axone.data.voxels.voxels import Solid, Solids, fill_interior, fill_occluded
from axone.errors import DataError, ResourceError
from axone.messages import _, plural
from axone.progress import Progress, ignore_progress

SUFFIXES = (".obj", ".stl", ".ply", ".off")
MAX_FILE_BYTES = 200_000_000  # bytes
MAX_TRIANGLES = 5_000_000
MAX_COORDINATE = 1e300  # the difference of two coordinates is still a number


class MeshError(DataError):
    """A file that is not a usable mesh; `reason` says why, without the name of the file."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(_("'{path}' cannot be used: {reason}.", path=printable_path(path), reason=reason))
        self.reason = reason


@dataclass
class Meshes:
    """The meshes of a folder as voxels.

    Args:
        solids: The voxels of each mesh.
        labels: The class of each mesh.
        classes: The names of the classes.
        names: The file of each mesh, relative to the folder.
        notes: Sentences for people.
        skipped: The files that cannot be used, with the reason.
    """

    solids: Solids
    labels: Int64[np.ndarray, " solids"]
    classes: tuple[str, ...]
    names: list[str]
    notes: list[str] = field(default_factory=list)
    skipped: list[tuple[Path, str]] = field(default_factory=list)


def read_meshes(root: Path, side: int, up: str = "z", progress: Progress = ignore_progress) -> Meshes:
    """Read all meshes of a folder.

    Folders inside it are classes; where none of them has meshes, its own files are one class. A file that cannot be
    used is skipped.

    Args:
        root: The folder.
        side: The side of the cubes, in voxels.
        up: The axis that points up in the files: "y" or "z".
        progress: Counts meshes.

    Raises:
        DataError: The folder has no usable meshes.
        ResourceError: trimesh is not installed.
    """
    _require_trimesh()
    classes, files, notes = _list_files(root)
    solids, labels, names, is_open = [], [], [], []
    skipped: list[tuple[Path, str]] = []
    for done, (path, label) in enumerate(files, 1):
        try:
            solid, closed = voxelize(path, side, up)
        except MeshError as error:
            skipped.append((path, error.reason))
        else:
            solids.append(solid)
            labels.append(label)
            names.append(printable_path(path.relative_to(root)))
            is_open += [] if closed else [names[-1]]
        progress(_("reading meshes"), done, len(files))
    absent = [name for number, name in enumerate(classes) if number not in labels]
    if absent:
        raise DataError(
            _("No mesh of these classes can be used: {names}.", names=", ".join(absent))
            + "".join(f"\n  {printable_path(path)}: {reason}" for path, reason in skipped[:5]),
            expected=_("expected closed surfaces of triangles in {formats} files", formats=", ".join(SUFFIXES)),
        )
    if is_open:
        notes.append(
            plural(
                "{count} mesh is not closed ({names}): it is filled where its surface hides the interior from all six "
                "sides, and is a surface elsewhere.",
                "{count} meshes are not closed ({names}): they are filled where their surface hides the interior from "
                "all six sides, and are surfaces elsewhere.",
                len(is_open),
                names=", ".join(is_open[:3]) + (", ..." if len(is_open) > 3 else ""),
            )
        )
    return Meshes(np.stack(solids), np.array(labels, dtype=np.int64), classes, names, notes, skipped)


def voxelize(path: Path, side: int, up: str = "z") -> tuple[Solid, bool]:
    """Return a mesh in a cube of `side` voxels, and whether it is closed. Raises MeshError."""
    triangles, closed = read_mesh(path)
    x, y, z = np.moveaxis(triangles, -1, 0)
    if up == "y":
        y, z = -z, y
    points = np.stack([z, y, x], axis=-1)  # in the order of a solid: up, back, right
    low, high = points.min((0, 1)), points.max((0, 1))
    # Half a voxel of margin on each side: a voxel reaches half a unit around its center. Dividing by the longest side
    # first keeps tiny and huge coordinates from leaving the range of numbers.
    points, sizes = (points - low) / (high - low).max(), (high - low) / (high - low).max()
    start = (side - 1) * (1 - sizes) / 2
    start[0] = 0  # on the floor
    shell = rasterize((side - 1) * points + start, side)
    solid = fill_interior(shell)
    return (solid if closed else solid | fill_occluded(shell)), closed


def read_mesh(path: Path) -> tuple[Triangles, bool]:
    """Return the triangles of a file, and whether they form a closed surface. Raises MeshError."""
    import trimesh

    try:
        if not path.is_file():
            raise MeshError(path, _("it is not a regular file"))
        if path.stat().st_size > MAX_FILE_BYTES:
            raise MeshError(path, _("it is larger than {limit} MB", limit=MAX_FILE_BYTES // 1_000_000))
        # Without trimesh's processing, which merges vertices by a distance that does not depend on the mesh's size.
        mesh = trimesh.load_mesh(io.BytesIO(path.read_bytes()), file_type=path.suffix[1:].lower(), process=False)
        triangles = np.asarray(mesh.triangles, dtype=np.float64)
    except MeshError:
        raise
    except OSError as error:
        raise MeshError(path, _("it cannot be read ({error})", error=error)) from None
    except Exception as error:  # on damaged files, trimesh raises exceptions of many types
        raise MeshError(path, _("it is damaged ({error})", error=str(error)[:200])) from None
    if not len(triangles):
        raise MeshError(path, _("it contains no triangles"))
    if len(triangles) > MAX_TRIANGLES:
        raise MeshError(path, _("it has more than {limit} million triangles", limit=MAX_TRIANGLES // 1_000_000))
    if not np.isfinite(triangles).all() or not np.abs(triangles).max() < MAX_COORDINATE:
        raise MeshError(path, _("some of its coordinates are not finite"))
    if not np.ptp(triangles.reshape(-1, 3), axis=0).max() > 0:
        raise MeshError(path, _("all its points are the same"))
    return triangles, is_closed(triangles)


def _list_files(root: Path) -> tuple[tuple[str, ...], list[tuple[Path, int]], list[str]]:
    """Return the classes, the files with their labels, and notes, sorted. Raises DataError if there are none."""
    if not root.is_dir():
        raise DataError(
            _("There is no folder '{path}' (from {here}).", path=printable_path(root), here=Path.cwd()),
            expected=_("expected a folder of meshes, or: {choices}", choices="furniture"),
        )
    folders = sorted(entry for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    by_class = {printable_path(folder.name): paths for folder in folders if (paths := _meshes_in(folder.rglob("*")))}
    loose, notes = _meshes_in(root.glob("*")), []
    if by_class and loose:
        notes.append(
            plural(
                "{count} mesh is in no class folder and is not used.",
                "{count} meshes are in no class folder and are not used.",
                len(loose),
            )
        )
    by_class = by_class or ({printable_path(root.resolve().name): loose} if loose else {})
    if not by_class:
        raise DataError(
            _("'{path}' contains no meshes.", path=printable_path(root)),
            expected=_(
                "expected {formats} files, in a folder for each class or all in one", formats=", ".join(SUFFIXES)
            ),
        )
    files = [(path, label) for label, paths in enumerate(by_class.values()) for path in paths]
    return tuple(by_class), files, notes


def _meshes_in(paths: Iterable[Path]) -> list[Path]:
    return sorted(
        path for path in paths
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    )  # fmt: skip


def _require_trimesh() -> None:
    if find_spec("trimesh") is None:
        raise ResourceError(
            _("Meshes need trimesh, which is not installed."), hint=_("type: pip install 'axone[shapes]'")
        )
