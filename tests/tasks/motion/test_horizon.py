import pytest
import torch
from torch import nn

from axone.data.video.streams import SceneStream
from axone.tasks.motion.horizon import measure_frames


class Last(nn.Module):
    """Repeats the last frame."""

    def forward(self, frames):
        return frames[:, -1:].expand(-1, 4, -1, -1, -1)


def test_errors_are_means_over_all_clips_by_step():
    sprites = torch.rand(5, 6, 6, generator=torch.Generator().manual_seed(0))
    stream = SceneStream(sprites, scenes=10, batch_size=4, past=3, future=4, side=16, count=1, fixed="test")
    measured = measure_frames(Last(), stream)
    network, still, straight = measured.errors.values()
    assert torch.allclose(network, still) and len(network) == 4
    batches = list(stream.batches(1))
    future, last = (torch.cat(parts) for parts in ([b.future for b in batches], [b.past[:, -1:] for b in batches]))
    assert float(still[2]) == pytest.approx(float((future - last)[:, 2].square().mean()), rel=1e-5)
    assert float(straight[0]) < float(still[0])
