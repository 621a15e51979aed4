import builtins

import numpy as np
import pytest

from axone.data.video import decode
from axone.data.video.decode import FrameSize, VideoError, read_last_frames, read_size, read_video
from axone.errors import ResourceError
from tests.helpers.data.videos import moving_square, write_gif, write_sound, write_video

SIZE = FrameSize(32, 48)


@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.mov", "a.mkv"])
def test_a_video_is_read_as_it_was_written(tmp_path, name):
    frames = moving_square(color=True)
    path = write_video(tmp_path / name, frames)
    assert read_size(path) == SIZE
    pixels = read_video(path, SIZE)
    assert pixels.shape == frames.shape and np.abs(pixels.astype(int) - frames).mean() < 6
    # The square is where it was in each frame, so that no frame is missing or doubled.
    centers = [[(row[16, :, 0] > 130).nonzero()[0].mean() for row in one] for one in (pixels, frames)]
    assert np.abs(np.subtract(*centers)).max() < 0.6


def test_an_animation_needs_no_further_library(tmp_path, monkeypatch):
    monkeypatch.setattr(decode, "import_av", None)
    frames = moving_square()
    pixels = read_video(write_gif(tmp_path / "a.gif", frames), SIZE)
    assert np.array_equal(pixels, frames)


def test_every_nth_frame_and_a_smaller_size(tmp_path):
    path = write_gif(tmp_path / "a.gif", moving_square(frames=11))
    assert len(read_video(path, SIZE, every=3)) == 4 and len(read_video(path, SIZE, most=5)) == 5
    assert read_video(path, FrameSize(16, 16)).shape == (11, 16, 16, 3)


def test_large_frames_are_reduced_before_they_are_converted(tmp_path):
    frames = np.repeat(np.repeat(moving_square(color=True), 4, 1), 4, 2)  # 192 x 128 pixels
    path = write_video(tmp_path / "a.mp4", frames)
    small = read_video(path, FrameSize(16, 24), every=2)
    assert (
        small.shape == (12, 16, 24, 3)
        and np.abs(small.astype(int) - moving_square(color=True)[::2, ::2, ::2]).mean() < 8
    )
    assert np.array_equal(read_last_frames(path, FrameSize(16, 24), 3), read_video(path, FrameSize(16, 24))[-3:])


def test_the_last_frames_end_with_the_last_one(tmp_path):
    frames = moving_square(frames=11)
    path = write_gif(tmp_path / "a.gif", frames)
    assert np.array_equal(read_last_frames(path, SIZE, 3), frames[-3:])
    assert np.array_equal(read_last_frames(path, SIZE, 3, every=2), frames[[6, 8, 10]])
    assert np.array_equal(read_last_frames(path, SIZE, 50), frames)


def test_a_video_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(decode, "MAX_SCANNED", 10)
    with pytest.raises(VideoError, match="more than 10 frames"):
        read_last_frames(write_gif(tmp_path / "a.gif", moving_square(frames=12)), SIZE, 2)


def test_bad_files_are_refused_with_the_reason(tmp_path):
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("time,x,y\n" * 200)
    (tmp_path / "text.avi").write_text("<html>" * 200)
    (tmp_path / "list.mp4").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n")
    (tmp_path / "concat.mp4").write_text("ffconcat version 1.0\nfile /etc/passwd\n")
    write_sound(tmp_path / "sound.mp4")
    whole = write_video(tmp_path / "whole.mp4", moving_square()).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    gif = write_gif(tmp_path / "whole.gif", moving_square()).read_bytes()
    (tmp_path / "cut.gif").write_bytes(gif[: len(gif) // 2])
    reasons = {
        "empty.mp4": "the file is empty",
        "text.mp4": "not a video",
        "text.avi": "not a video",
        "list.mp4": "not a video",
        "concat.mp4": "not a video",
        "sound.mp4": "sound, but no video",
        "cut.mp4": "not a video",
        "cut.gif": "damaged",
        "missing.mp4": "no such file",
    }
    for name, reason in reasons.items():
        with pytest.raises(VideoError) as refused:
            read_video(tmp_path / name, SIZE)
        assert reason in refused.value.reason and name in str(refused.value), name


def test_a_video_that_breaks_off_is_not_used_in_part(tmp_path):
    frames = np.random.default_rng(0).integers(0, 255, (40, 64, 64, 3), np.uint8)
    whole = write_video(tmp_path / "a.avi", frames).read_bytes()
    (tmp_path / "b.avi").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(VideoError, match="breaks off after"):
        read_video(tmp_path / "b.avi", FrameSize(64, 64))


def test_frames_with_too_many_pixels_are_not_decoded(tmp_path, monkeypatch):
    for path in (write_gif(tmp_path / "a.gif", moving_square()), write_video(tmp_path / "a.mp4", moving_square())):
        with monkeypatch.context() as patch:
            patch.setattr(decode, "MAX_PIXELS", 1000)
            with pytest.raises(VideoError, match="million pixels"):
                read_video(path, SIZE)


def test_without_the_library_the_error_names_the_extra(tmp_path, monkeypatch):
    path = write_video(tmp_path / "a.mp4", moving_square())
    real = builtins.__import__

    def refuse(name, *arguments, **options):
        if name == "av":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ResourceError, match="PyAV") as refused:
        read_video(path, SIZE)
    assert "axone[video]" in refused.value.hint


def test_too_little_memory_is_found_before_it_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr("axone.data.memory.free_memory", lambda: 1000)
    with pytest.raises(ResourceError, match="does not fit into memory"):
        read_video(write_gif(tmp_path / "a.gif", moving_square()), SIZE)
