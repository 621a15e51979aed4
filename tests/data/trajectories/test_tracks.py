import torch

from axone.data.trajectories.tracks import Track, Tracks


def test_the_fingerprint_depends_on_positions_names_and_step():
    def fingerprint(thing="a", step=1.0, last=1.0, start=0):
        positions = torch.tensor([[0.0, 0.0], [1.0, last]], dtype=torch.float64)
        return Tracks((Track(thing, "", start, positions),), step, "t", "t").fingerprint()

    assert fingerprint() == fingerprint()
    values = [fingerprint(), fingerprint("b"), fingerprint(step=2.0), fingerprint(last=2.0), fingerprint(start=1)]
    assert len(set(values)) == 5
