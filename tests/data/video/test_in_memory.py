import numpy as np
import pytest
import torch

from axone.data.video.in_memory import collect_videos, is_video, to_video
from axone.errors import DataError


def test_arrays_of_bytes_and_of_numbers_are_the_same_video():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 8, 8), np.uint8)
    bytes_, floats = to_video(pixels), to_video(torch.from_numpy(pixels / 255.0))
    assert bytes_.shape == (5, 8, 8, 3) and np.array_equal(bytes_, floats)
    assert np.array_equal(to_video(pixels[..., None].astype(np.int64)), bytes_)


def test_lists_and_arrays_of_videos():
    video = np.zeros((4, 8, 8, 3), np.uint8)
    assert list(collect_videos([video, video[:3]])) == ["0", "1"]
    assert [len(one) for one in collect_videos(np.stack([video, video]), every=2).values()] == [2, 2]
    assert is_video(video) and is_video([video]) and not is_video(np.zeros((4, 3))) and not is_video({"x": [1]})
    assert not is_video([{"x": 1}]) and not is_video("a.mp4") and not is_video([])


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (np.zeros((4, 8, 8, 7), np.uint8), "is not a video"),
        (np.zeros((8, 8), np.uint8), "is not a video"),
        (np.zeros((0, 8, 8), np.uint8), "is not a video"),
        (np.full((4, 8, 8), np.nan), "not all finite"),
        (np.full((4, 8, 8), 3.0), "from 3.0 to 3.0"),
        (np.full((4, 8, 8), 300), "from 300.0"),
    ],
)
def test_what_is_no_video_is_refused(source, problem):
    with pytest.raises(DataError, match=problem):
        to_video(source)
