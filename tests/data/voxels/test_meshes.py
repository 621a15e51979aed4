"""Meshes of the user's own: closed and open ones, damaged files, folders with classes and without."""

from itertools import pairwise

import numpy as np
import pytest
import trimesh

from axone.data.datasets.furniture import make_furniture
from axone.data.voxels.meshes import MeshError, read_meshes, voxelize
from axone.data.voxels.voxels import to_obj, to_stl
from axone.errors import DataError


def test_a_ball_is_solid_and_as_large_as_a_ball(tmp_path):
    for suffix in ("obj", "stl", "ply", "off"):
        path = tmp_path / f"ball.{suffix}"
        trimesh.creation.icosphere(3, radius=17.0).export(path)
        solid, closed = voxelize(path, 24)
        assert closed and solid[12, 12, 12]
        # The ball is 24 - 1 across, and the voxels that its surface touches, whose centers are up to 0.75 away on
        # average over all directions, are full.
        assert solid.sum() == pytest.approx(np.pi / 6 * 24.5**3, rel=0.01)
        assert solid.any((1, 2)).all() and solid.any((0, 1)).all()


def test_a_long_mesh_is_placed_on_the_floor_in_the_middle(tmp_path):
    trimesh.creation.box((4, 2, 1)).export(tmp_path / "z.stl")
    solid, _closed = voxelize(tmp_path / "z.stl", 20)
    high, deep, width = (np.flatnonzero(solid.any(axes)) for axes in ((1, 2), (0, 2), (0, 1)))
    assert (width[0], width[-1]) == (0, 19) and high[0] == 0
    assert deep[0] == 19 - deep[-1] and len(deep) == pytest.approx(10, abs=1) and len(high) == pytest.approx(5, abs=1)
    upright, _closed = voxelize(tmp_path / "z.stl", 20, up="y")
    assert len(np.flatnonzero(upright.any((1, 2)))) == pytest.approx(len(deep), abs=1)  # its depth is its height now


def test_an_exported_mesh_is_read_back(tmp_path):
    solids, _labels = make_furniture(8, 16)
    for number, solid in enumerate(solids):
        for suffix, write in (("obj", to_obj), ("stl", to_stl)):
            path = tmp_path / f"{number}.{suffix}"
            path.write_bytes(write(solid))
            again, closed = voxelize(path, 32)
            assert closed
            widened = np.repeat(np.repeat(solid.any((0, 1)), 2), 1)
            assert again.any((0, 1)).sum() >= widened.sum() - 2  # scaled to fill the cube, so nothing shrinks


def test_a_mesh_with_a_hole_is_filled_where_it_hides_and_reported(tmp_path):
    ball = trimesh.creation.icosphere(4)
    ball.update_faces(ball.triangles_center[:, 2] < 0.9)  # a hole at the top, several voxels wide
    ball.export(tmp_path / "open.ply")
    trimesh.creation.box((1, 1, 1)).export(tmp_path / "shut.ply")
    solid, closed = voxelize(tmp_path / "open.ply", 24)
    assert not closed and not solid[12, 12, 12] and solid[10, 12, 4]  # open to the sky; hidden from all six sides
    solids = read_meshes(tmp_path, 24)
    assert any("1 mesh is not closed (open.ply)" in note for note in solids.notes)


def test_a_sheet_of_paper_stays_a_sheet(tmp_path):
    sheet = trimesh.Trimesh([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], [[0, 1, 2], [0, 2, 3]])
    sheet.export(tmp_path / "sheet.obj")
    solid, closed = voxelize(tmp_path / "sheet.obj", 16)
    assert not closed and solid.sum() == 256 and solid[0].all()


def damaged(folder):
    (folder / "cut.stl").write_bytes(to_stl(np.ones((4, 4, 4), dtype=bool))[:500])
    (folder / "noise.obj").write_bytes(b"\x00\xffnothing of this kind")
    (folder / "empty.ply").write_bytes(b"")
    (folder / "points.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\n")
    (folder / "one_place.obj").write_text("v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\n")
    (folder / "no_number.obj").write_text("v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    (folder / "folder.stl").mkdir()
    return 7


def test_damaged_files_are_skipped_each_with_its_reason(tmp_path):
    count = damaged(tmp_path)
    trimesh.creation.box((1, 2, 3)).export(tmp_path / "good.stl")
    solids = read_meshes(tmp_path, 8)
    assert solids.names == ["good.stl"] and len(solids.skipped) == count
    assert all(reason for _path, reason in solids.skipped)
    for path, _reason in solids.skipped:
        with pytest.raises(MeshError, match=path.name):
            voxelize(path, 8)


def test_folders_without_meshes_are_refused(tmp_path):
    with pytest.raises(DataError, match="There is no folder"):
        read_meshes(tmp_path / "nowhere", 8)
    with pytest.raises(DataError, match="contains no meshes"):
        read_meshes(tmp_path, 8)
    damaged(tmp_path)
    with pytest.raises(DataError, match="No mesh of these classes can be used") as refused:
        read_meshes(tmp_path, 8)
    assert "cut.stl" in str(refused.value)


def test_folders_are_classes_and_files_outside_them_are_reported(tmp_path):
    for number, name in enumerate(["cups", "dice", "dice/more"]):
        (tmp_path / name).mkdir()
        trimesh.creation.box((1, 1, 1 + number)).export(tmp_path / name / "a.stl")
    (tmp_path / "papers").mkdir()
    (tmp_path / "loose.STL").write_bytes(to_stl(np.ones((2, 2, 2), dtype=bool)))
    seen = []
    solids = read_meshes(tmp_path, 8, progress=lambda text, done, total: seen.append((done, total)))
    assert solids.classes == ("cups", "dice") and solids.labels.tolist() == [0, 1, 1]
    assert solids.names == ["cups/a.stl", "dice/a.stl", "dice/more/a.stl"] and seen == [(1, 3), (2, 3), (3, 3)]
    assert any("1 mesh is in no class folder" in note for note in solids.notes)


def test_meshes_without_classes_are_one_class(tmp_path):
    trimesh.creation.box((1, 1, 1)).export(tmp_path / "a.stl")
    assert read_meshes(tmp_path, 8).classes == (tmp_path.name,)


def vase(scale: float = 1.0) -> tuple[np.ndarray, list[list[int]]]:
    """Return the vertices and the faces (squares, and triangles at the two ends) of a closed vase with a hollow."""
    profile = [(0, 0), (6, 0), (10, 8), (5, 16), (2.6, 22), (1.4, 22), (4, 15), (7.8, 8), (5.4, 1.5), (0, 1.5)]
    around, vertices, rings = 24, [], []
    for radius, height in profile:
        count = around if radius else 1
        rings.append([len(vertices) + k % count for k in range(around + 1)])
        angles = 2 * np.pi * np.arange(count) / count
        vertices += [(radius * np.cos(a), radius * np.sin(a), height) for a in angles]
    faces = [
        list(dict.fromkeys([low[k], low[k + 1], high[k + 1], high[k]]))
        for low, high in pairwise(rings)
        for k in range(around)
    ]
    return scale * np.array(vertices), faces


def write_vase(folder, scale: float = 1.0, faces: slice = slice(None)) -> list:
    """Write one vase as shared and split OBJ, binary and ASCII STL, PLY with normals, and OFF; return the paths."""
    vertices, squares = vase(scale)
    squares = squares[faces]
    lines = [f"v {x:.9g} {y:.9g} {z:.9g}" for x, y, z in vertices]
    shared = ["f " + " ".join(str(k + 1) for k in face) for face in squares]
    (folder / "shared.obj").write_text("\n".join([*lines, *shared]))
    split, count = ["vt 0 0"], 1
    for face in squares:
        split += [f"vt {k / 4} {count}" for k in range(len(face))]
        split.append("f " + " ".join(f"{k + 1}/{count + place + 1}" for place, k in enumerate(face)))
        count += len(face)
    (folder / "split.obj").write_text("\n".join([*lines, *split]))
    fans = [(face[0], face[k], face[k + 1]) for face in squares for k in range(1, len(face) - 1)]
    mesh = trimesh.Trimesh(vertices, fans, process=False)
    mesh.export(folder / "binary.stl")
    (folder / "ascii.stl").write_text(trimesh.exchange.stl.export_stl_ascii(mesh))
    other_diagonal = [(face[k], face[k + 1], face[-1]) for face in squares for k in range(len(face) - 2)]
    lines = [f"{x:.9g} {y:.9g} {z:.9g}" for x, y, z in vertices] + [f"3 {a} {b} {c}" for a, b, c in other_diagonal]
    (folder / "other.off").write_text("\n".join(["OFF", f"{len(vertices)} {len(other_diagonal)} 0", *lines]))
    flat = np.arange(3 * len(fans)).reshape(-1, 3)  # flat shading: each triangle has vertices and normals of its own
    trimesh.Trimesh(vertices[np.array(fans)].reshape(-1, 3), flat, process=False).export(
        folder / "flat.ply", vertex_normal=True
    )
    return sorted(folder.iterdir())


@pytest.mark.parametrize("scale", [1.0, 1e-4, 1e-12, 1e9])
def test_a_solid_has_the_same_voxels_in_every_format_and_size(tmp_path, scale):
    expected, closed = voxelize(write_vase(tmp_path)[-2], 32)
    assert closed and not expected[16, 16, 16]  # hollow
    (tmp_path / "scaled").mkdir()
    for path in write_vase(tmp_path / "scaled", scale):
        solid, closed = voxelize(path, 32)
        assert closed, path.name
        assert np.array_equal(solid, expected), path.name
    assert not read_meshes(tmp_path / "scaled", 16).notes


def test_an_open_solid_is_reported_in_every_format(tmp_path):
    paths = write_vase(tmp_path, faces=slice(3, None))
    assert [voxelize(path, 16)[1] for path in paths] == [False] * 6
    (note,) = read_meshes(tmp_path, 16).notes
    assert "6 meshes are not closed (ascii.stl, binary.stl, flat.ply, ...)" in note
