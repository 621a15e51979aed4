"""A small training with shards, in one process or in several; imported by the processes that tests start."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import distributed, nn

from axone.data.random import make_generator
from axone.data.stream import StatelessStream
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.group import ProcessGroup
from axone.engine.learner import Learner
from axone.engine.loop import fit
from axone.engine.optimization.optimizer import Optimizer
from axone.engine.recorder import MemoryRecorder
from axone.settings import resolve
from axone.systems import cnn


class Points(StatelessStream):
    """Batches of random points and the class of each."""

    samples = 40

    def __len__(self):
        return 5

    def batches(self, epoch, start=0):
        for number in range(start, 5):
            points = torch.randn(8, 3, generator=make_generator("points", epoch, number))
            yield points, (points.sum(1) > 0).long()

    def to(self, device):
        return self


class PointClassifier(Learner):
    """Cross-entropy on points."""

    def __init__(self, network, settings):
        self.network = network
        self.optimizer = Optimizer(network, settings)

    def train_step(self, batch):
        loss = nn.functional.cross_entropy(self.network(batch[0]), batch[1])
        self.optimizer.step(loss)
        return {"loss": loss.detach()}

    eval_step = train_step


def experiment(settings, norms):
    torch.manual_seed(settings.seed)
    middle = [nn.BatchNorm1d(4)] if norms else []
    network = nn.Sequential(nn.Linear(3, 4), *middle, nn.ReLU(), nn.Linear(4, 2))
    return Experiment(PointClassifier(network, settings), Points())


def train_in_group(rank, size=1, folder=""):
    """Train the course's CNN, with dropout and norms that see one shard alone, on two shards."""
    torch.set_num_threads(1)
    group = None
    if rank is not None:
        store = f"file://{Path(folder) / 'rendezvous'}"
        distributed.init_process_group("gloo", init_method=store, rank=rank, world_size=size)
        group = ProcessGroup(2)
    settings = resolve(
        cnn.Settings,
        {"limit": 200, "epochs": 2, "batch_size": 32, "network": "fast", "padding": "same",
         "channels": (4, 8), "dense": (16,), "dropout": 0.2, "shards": 2,
         "ema": 0.9, "device": "cpu", "precision": "float32"},
    )  # fmt: skip
    torch.manual_seed(settings.seed)
    recorder = MemoryRecorder()
    fit(cnn.build(settings, BuildContext()), settings, recorder, group=group)
    weights = recorder.checkpoints["last"][0]
    if rank is not None:
        torch.save(weights, Path(folder) / f"{rank}.pt")
        distributed.destroy_process_group()
    return weights
