"""Run one contender of peers_cnn.py in this process; print its measurements as JSON on the last line.

    python benchmarks/contend.py plain-tensors --seed 0 --epochs 1 --limit 1280

Each contender has its own process, because the thread pools of two libraries in one process compete for the cores.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys

from contenders.catalogue import CONTENDERS


def main() -> int:
    """Run the contender named on the command line."""
    parser = argparse.ArgumentParser(description="Run one contender of peers_cnn.py.")
    parser.add_argument("name", choices=CONTENDERS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, default=0, help="number of training images; 0: all")
    parser.add_argument("--steps", type=int, default=150, help="steps of the lower bound")
    options = parser.parse_args()
    module, function = CONTENDERS[options.name].function.split(":")

    import torch

    torch.set_num_threads(options.threads)
    from contenders.common import Task

    task = Task(options.seed, options.epochs, options.threads, options.limit, options.steps)
    measured = getattr(importlib.import_module(f"contenders.{module}"), function)(task)
    print(json.dumps(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
