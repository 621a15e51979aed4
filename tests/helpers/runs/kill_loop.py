"""Kill a writer of checkpoints many times and count the complete ones each time. Run by test_checkpoints.

One process imports torch once and forks each writer, so that two hundred kills take seconds. The writer stores the last
step for which `save` returned in shared memory; the checkpoint that is loaded after the kill must not be older.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import signal
import struct
import sys
import time
from pathlib import Path

import torch

from axone.errors import RunError
from axone.runs import checkpoints
from axone.runs.storage.checked_json import encode_checked


def save_in_place(folder, slot, *, weights, state, keep_previous=True):
    """The mutant: the same files, written in place. The harness must notice it."""
    import hashlib

    from axone.runs.storage.tensors import flatten_state, to_bytes

    place = Path(folder, "checkpoints", slot)
    place.mkdir(parents=True, exist_ok=True)
    tensors, skeleton = flatten_state(state)
    content = {
        checkpoints.WEIGHTS: to_bytes(weights),
        checkpoints.TENSORS: to_bytes(tensors),
        checkpoints.STATE: json.dumps({"version": 1, "state": skeleton}).encode(),
    }
    entries = {name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in content.items()}
    content["manifest.json"] = encode_checked({"version": 1, "files": entries})
    for name, data in content.items():
        with (place / name).open("wb", buffering=0) as file:
            for start in range(0, len(data), 4096):  # in parts, as torch.save does
                file.write(data[start : start + 4096])


def write(folder, save, step, shared):
    """Save without end: each value of a checkpoint is its step."""
    while True:
        step += 1
        weights = {"w": torch.full((150, 200), float(step))}
        save(folder, "last", weights=weights, state={"step": step, "moment": torch.full((150, 200), float(step))})
        shared[:8] = struct.pack("q", step)


def main(folder, trials, mutant):
    """Run the trials; print how many checkpoints were unloadable, older than reached, or mixed from two steps."""
    torch.set_num_threads(1)
    save = save_in_place if mutant else checkpoints.save
    shared = mmap.mmap(-1, 8)
    rng = random.Random(1)
    result = {"trials": trials, "unloadable": 0, "backwards": 0, "mixed": 0, "fell_back": 0, "steps": 0}
    step = 0
    for _trial in range(trials):
        shared[:8] = struct.pack("q", -1)
        writer = os.fork()
        if writer == 0:
            try:
                write(folder, save, step, shared)
            finally:
                os._exit(1)
        while struct.unpack("q", shared[:8])[0] < 0:
            time.sleep(0.0005)
        time.sleep(rng.random() * 0.02)
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        reached = struct.unpack("q", shared[:8])[0]
        try:
            checkpoint = checkpoints.load(folder, "last")
        except RunError:
            result["unloadable"] += 1
            step = reached
            continue
        step = checkpoint.state["step"]
        result["fell_back"] += checkpoint.path.name != "last"
        result["backwards"] += step < reached
        values = {step, *checkpoint.weights["w"].unique().tolist(), *checkpoint.state["moment"].unique().tolist()}
        result["mixed"] += len(values) > 1
    result["steps"] = step
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:] == ["mutant"])
