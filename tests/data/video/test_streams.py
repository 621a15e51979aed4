import pytest
import torch

from axone.data.video.streams import ClipStream, SceneStream, list_clips


def test_clips_do_not_cross_the_parts():
    assert list_clips([(0, 6), (6, 8), (10, 15)], 4).tolist() == [0, 1, 2, 10, 11]
    assert list_clips([(0, 20)], 4, stride=8).tolist() == [0, 8, 16]
    assert list_clips([(0, 100)], 4, most=3).tolist() == [0, 48, 96] and len(list_clips([], 4)) == 0


def test_a_clip_holds_the_frames_that_follow_each_other():
    frames = torch.arange(20, dtype=torch.uint8)[:, None, None, None].expand(20, 4, 4, 1)
    stream = ClipStream(frames, list_clips([(0, 20)], 5), past=3, future=2, batch_size=4, seed=1)
    assert stream.samples == 16 and len(stream) == 4
    batches = list(stream.batches(1))
    for batch in batches:
        values = torch.cat([batch.past, batch.future], 1)[:, :, 0, 0, 0] * 255
        assert torch.allclose(values.diff(dim=1), torch.tensor(1.0), atol=1e-4) and batch.straight.shape[1] == 0
    again = list(stream.batches(1, start=2))
    assert torch.equal(again[0].past, batches[2].past)
    assert not torch.equal(next(stream.batches(2)).past, batches[0].past)


@pytest.fixture
def sprites():
    return torch.rand(7, 6, 6, generator=torch.Generator().manual_seed(0))


def scenes(sprites, **options):
    values = {"scenes": 20, "batch_size": 8, "past": 3, "future": 2, "side": 16, "count": 2, "seed": 5, **options}
    return SceneStream(sprites, **values)


def test_a_batch_of_scenes_is_a_pure_function_of_epoch_and_number(sprites):
    stream = scenes(sprites)
    assert len(stream) == 2 and stream.samples == 16
    first, second = stream.batches(3)
    assert torch.equal(next(scenes(sprites).batches(3, start=1)).past, second.past)
    assert not torch.equal(first.past, second.past)
    assert not torch.equal(next(stream.batches(4)).past, first.past)
    assert not torch.equal(next(scenes(sprites, seed=6).batches(3)).past, first.past)


def test_held_out_scenes_are_the_same_in_every_epoch_and_differ_by_purpose(sprites):
    stream = scenes(sprites, fixed="validation")
    assert torch.equal(next(stream.batches(1)).past, next(stream.batches(9)).past)
    assert not torch.equal(next(scenes(sprites, fixed="test").batches(1)).past, next(stream.batches(1)).past)
    moved = stream.to("cpu")
    assert torch.equal(next(moved.batches(1)).straight, next(stream.batches(1)).straight)
