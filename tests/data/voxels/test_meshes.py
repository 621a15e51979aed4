"""Meshes of the user's own: closed and open ones, damaged files, folders with classes and without."""

import numpy as np
import pytest
import trimesh

from axone.data.datasets.furniture import make_furniture
from axone.data.voxels.meshes import MeshError, rasterize, read_meshes, voxelize
from axone.data.voxels.voxels import fill_interior, to_obj, to_stl
from axone.errors import DataError


def test_a_ball_is_solid_and_as_large_as_a_ball(tmp_path):
    for suffix in ("obj", "stl", "ply", "off"):
        path = tmp_path / f"ball.{suffix}"
        trimesh.creation.icosphere(3, radius=17.0).export(path)
        solid, closed = voxelize(path, 24)
        assert closed and solid[12, 12, 12]
        # The voxels that the surface touches are all full, so it is half a voxel larger than 24 less 1 across.
        assert solid.sum() == pytest.approx(np.pi / 6 * 24**3, rel=0.05)
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


def test_no_path_leads_through_a_rasterized_surface():
    box = trimesh.creation.icosphere(1, radius=10.3)
    shell = rasterize(np.asarray(box.triangles) + 12, 25)
    assert not shell[12, 12, 12]
    assert fill_interior(shell)[12, 12, 12]
