import numpy as np
import pytest
import torch

from axone.engine.context import BuildContext
from axone.errors import DataError, SettingsError
from axone.settings import resolve
from axone.tasks.motion.frame_data import read_frames
from axone.tasks.motion.settings import MotionSettings
from tests.helpers.data.videos import moving_square, write_gif

TINY = {"past": 3, "future": 2, "batch_size": 4, "image_size": 16, "limit": 12}


def read(context=None, **values):
    return read_frames(resolve(MotionSettings, {**TINY, **values}), context or BuildContext())


def test_scenes_have_other_sprites_in_validation_and_test():
    data = read()
    assert data.facts["input"] == [1, 16, 16] and data.facts["samples"] == {"train": 12, "validation": 12, "test": 12}
    assert len(data.train.sprites) > 1000 and not torch.equal(data.validation.sprites[:5], data.test.sprites[:5])
    batch = data.examples()
    assert batch.past.shape[1:] == (3, 1, 16, 16) and batch.straight.shape == batch.future.shape
    assert "never shows" in data.notes[0]


def test_videos_are_split_by_video(tmp_path):
    for number in range(6):
        write_gif(tmp_path / f"{number}.gif", moving_square(frames=9, start=number))
    data = read(data=str(tmp_path), limit=0, test=0.3, validation=0.2)
    assert data.facts["input"] == [1, 12, 16] and data.facts["samples"]["train"] == 15
    splits = {video["file"]: video["split"] for video in data.report["videos"]}
    assert sorted(splits.values()) == ["test", "test", "train", "train", "train", "validation"]
    assert "Parts never share a video." in data.notes
    assert data.train.batch_size == 4 and read(data=str(tmp_path), limit=2).train.batch_size == 2


def test_another_video_is_read_as_the_run_read_its_own(tmp_path):
    path = write_gif(tmp_path / "a.gif", moving_square(frames=20, color=True))
    facts = {"input": [1, 8, 16]}
    said = []
    context = BuildContext(facts=facts, whole=True, notify=said.append)
    data = read(context, data=str(path))
    assert data.facts["input"] == [1, 8, 16] and data.facts["samples"]["test"] == 8 and data.validation is None
    assert any("20 frames" in line for line in said)


def test_one_video_and_arrays_in_memory(tmp_path):
    frames = moving_square(frames=40)
    context = BuildContext(data=[frames[..., 0]])
    data = read(context, data="(from Python)", limit=0)
    assert data.facts["samples"] == {"train": 25, "validation": 1, "test": 1}
    assert any("fewer than three videos" in note for note in data.notes)
    video = data.train.frames
    assert np.array_equal(video.shape, (40, 12, 16, 1))


def test_sizes_and_splits_that_cannot_work_are_refused(tmp_path):
    with pytest.raises(SettingsError, match="image_size cannot be '18'"):
        read(image_size=18)
    for number in range(3):
        write_gif(tmp_path / f"{number}.gif", moving_square(frames=9))
    with pytest.raises(DataError, match="held out"):
        read(data=str(tmp_path), test=0.9, validation=0.0)
