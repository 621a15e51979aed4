import pytest

from axone.data.video.find import find_videos, is_video_path
from axone.errors import DataError
from tests.helpers.data.videos import moving_square, write_frames, write_gif


def test_videos_and_folders_of_frames_are_found_at_any_depth(tmp_path):
    write_gif(tmp_path / "a.gif", moving_square(frames=2))
    (tmp_path / "deep").mkdir()
    write_gif(tmp_path / "deep" / "b.GIF", moving_square(frames=2))
    write_frames(tmp_path / "frames" / "one", moving_square(frames=2))
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "poster.png").write_bytes(b"x")
    (tmp_path / "deep" / "loop").symlink_to(tmp_path)
    content = find_videos(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in content.videos] == ["a.gif", "deep/b.GIF", "frames/one"]
    assert {path.name for path in content.others} == {"notes.txt", "poster.png"}


def test_a_file_is_taken_as_it_is_and_a_folder_of_frames_is_one_video(tmp_path):
    path = write_gif(tmp_path / "a.gif", moving_square(frames=2))
    folder = write_frames(tmp_path / "frames", moving_square(frames=2))
    assert find_videos(path).videos == [path] and find_videos(folder).videos == [folder]
    assert is_video_path(path) and is_video_path(folder) and not is_video_path(tmp_path / "a.csv")


def test_nothing_to_read_is_an_error_that_says_what_is_expected(tmp_path):
    (tmp_path / "one.png").write_bytes(b"x")
    with pytest.raises(DataError, match="no videos and no numbered frames") as refused:
        find_videos(tmp_path)
    assert "frame001.png" in refused.value.expected
    with pytest.raises(DataError, match="no file"):
        find_videos(tmp_path / "absent")
