import numpy as np
import pytest

from axone.data.video.decode import FrameSize, VideoError
from axone.data.video.load import fit_side, load_videos, split_videos
from axone.errors import DataError
from tests.helpers.data.videos import moving_square, write_frames, write_gif, write_sound


def test_videos_are_joined_at_one_size_gray_where_they_are_gray(tmp_path):
    write_gif(tmp_path / "a.gif", moving_square(frames=9))
    write_frames(tmp_path / "b", moving_square(frames=7, height=64, width=64))
    videos = load_videos(str(tmp_path), side=24, clip=5)
    assert videos.frames.shape == (16, 16, 24, 1) and videos.lengths == (9, 7) and videos.names == ("a.gif", "b")
    color = load_videos(str(tmp_path), side=24, clip=5, channels=3)
    assert color.frames.shape == (16, 16, 24, 3) and color.fingerprint() != videos.fingerprint()
    write_gif(tmp_path / "c.gif", moving_square(frames=9, color=True))
    assert load_videos(str(tmp_path), side=24, clip=5).frames.shape[-1] == 3


def test_unreadable_and_short_videos_are_reported(tmp_path):
    for number in range(30):
        write_gif(tmp_path / f"{number}.gif", moving_square(frames=6, start=number))
    write_sound(tmp_path / "sound.mp4")
    write_gif(tmp_path / "short.gif", moving_square(frames=3))
    (tmp_path / "readme.txt").write_text("x")
    videos = load_videos(str(tmp_path), side=16, clip=5)
    reasons = {path.name: reason for path, reason in videos.skipped}
    assert "no video" in reasons["sound.mp4"] and "3 frames, a clip needs 5" in reasons["short.gif"]
    assert len(videos.names) == 30 and any("readme.txt" in note for note in videos.notes)


def test_too_many_unreadable_videos_are_an_error(tmp_path):
    write_gif(tmp_path / "a.gif", moving_square(frames=6))
    (tmp_path / "b.mp4").write_text("x")
    with pytest.raises(DataError, match=r"1 of the 2 files") as refused:
        load_videos(str(tmp_path), side=16, clip=5)
    assert "b.mp4" in str(refused.value)


def test_one_bad_video_and_only_short_ones_are_errors_with_the_numbers(tmp_path):
    with pytest.raises(VideoError, match="sound"):
        load_videos(str(write_sound(tmp_path / "a.mp4")), side=16, clip=5)
    path = write_gif(tmp_path / "a.gif", moving_square(frames=3))
    with pytest.raises(DataError, match="has 3 frames") as refused:
        load_videos(str(path), side=16, clip=5)
    assert "at least 5" in refused.value.expected


def test_missing_frames_are_said(tmp_path):
    folder = write_frames(tmp_path / "a", moving_square(frames=9))
    (folder / "frame5.png").unlink()
    assert any("(5)" in note for note in load_videos(str(folder), side=16, clip=5).notes)


def test_the_proportions_are_kept_in_multiples_of_four():
    assert fit_side(FrameSize(1080, 1920), 64) == (36, 64) and fit_side(FrameSize(10, 1000), 32) == (4, 32)


def test_parts_never_share_a_video():
    parts, by_video = split_videos([20] * 10, validation=0.1, test=0.2, clip=8, seed=0)
    assert by_video and [part.split for part in parts].count("test") == 2
    assert len({part.video for part in parts}) == 10 and sum(part.split == "validation" for part in parts) == 1
    again, _by_video = split_videos([20] * 10, validation=0.1, test=0.2, clip=8, seed=0)
    other, _by_video = split_videos([20] * 10, validation=0.1, test=0.2, clip=8, seed=1)
    assert parts == again and parts != other


def test_one_video_is_cut_in_time():
    parts, by_video = split_videos([100, 10], validation=0.1, test=0.2, clip=8, seed=0)
    assert not by_video
    assert [(part.video, part.start, part.stop, part.split) for part in parts] == [
        (0, 0, 72, "train"), (0, 72, 80, "validation"), (0, 80, 100, "test"), (1, 100, 110, "train"),
    ]  # fmt: skip
    whole, _by_video = split_videos([100, 10], validation=0.1, test=0.2, clip=8, seed=0, whole=True)
    assert [part.split for part in whole] == ["test", "test"]


def test_arrays_in_memory(tmp_path):
    videos = load_videos([moving_square(frames=9), moving_square(frames=9)[..., 0]], side=24, clip=5, every=1)
    assert videos.lengths == (9, 9) and videos.frames.shape == (18, 16, 24, 1)
    assert np.array_equal(videos.frames[:9], videos.frames[9:])
