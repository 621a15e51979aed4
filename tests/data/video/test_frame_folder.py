import numpy as np
import pytest

from axone.data.video.decode import FrameSize, VideoError
from axone.data.video.frame_folder import (
    find_missing_numbers,
    list_frames,
    read_frame_folder,
    read_frame_size,
    read_last_of_folder,
)
from tests.helpers.data.videos import moving_square, write_frames

SIZE = FrameSize(32, 48)


def test_frames_are_read_in_the_order_of_their_numbers(tmp_path):
    frames = moving_square(frames=12)
    folder = write_frames(tmp_path / "a", frames)  # frame2 before frame10
    assert [path.stem for path in list_frames(folder)] == [f"frame{number}" for number in range(1, 13)]
    assert read_frame_size(folder) == SIZE
    assert np.array_equal(read_frame_folder(folder, SIZE), frames)
    assert np.array_equal(read_frame_folder(folder, SIZE, every=5), frames[[0, 5, 10]])
    assert np.array_equal(read_last_of_folder(folder, SIZE, 2, every=3), frames[[8, 11]])


def test_frames_of_several_sizes_are_refused_by_name(tmp_path):
    folder = write_frames(tmp_path / "a", moving_square(frames=3))
    write_frames(folder, moving_square(frames=1, height=40), "frame9.png")
    for read in (read_frame_size, lambda folder: read_frame_folder(folder, SIZE)):
        with pytest.raises(VideoError, match="several sizes") as refused:
            read(folder)
        assert "frame1.png has 48 x 32" in refused.value.reason and "frame9.png has 48 x 40" in refused.value.reason


def test_a_frame_that_cannot_be_read_is_not_left_out(tmp_path):
    folder = write_frames(tmp_path / "a", moving_square(frames=3))
    (folder / "frame2.png").write_text("no image")
    with pytest.raises(VideoError, match=r"frame2\.png"):
        read_frame_folder(folder, SIZE)


def test_missing_numbers_are_found(tmp_path):
    folder = write_frames(tmp_path / "a", moving_square(frames=8))
    assert find_missing_numbers(folder) == []
    (folder / "frame4.png").unlink()
    (folder / "frame5.png").unlink()
    assert find_missing_numbers(folder) == [4, 5]
    fives = write_frames(tmp_path / "b", moving_square(frames=5), "{number}0.png")
    assert find_missing_numbers(fives) == []  # every tenth frame was saved


def test_a_folder_without_images_is_refused(tmp_path):
    with pytest.raises(VideoError, match="no images"):
        read_frame_size(tmp_path)
