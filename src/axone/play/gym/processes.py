"""Environments of Gymnasium in processes of their own (`gymnasium.vector.AsyncVectorEnv`): how they begin and end."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from typing import Any

import gymnasium
from gymnasium.vector import AsyncVectorEnv

PERIOD = 2.0  # seconds between two looks at whether the training is still there


def settle(environment: gymnasium.Env[Any, Any]) -> gymnasium.Wrapper[Any, Any, Any, Any]:
    """Prepare the process that an environment was created in, and return the environment in a wrapper without effect.

    The process inherited the training's handlers of signals: Ctrl-C is for the training, which ends its processes, and
    a request to end must end this one. It also ends by itself when the training was killed.
    """
    if multiprocessing.parent_process() is not None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        threading.Thread(target=_end_without_parent, args=(os.getppid(),), daemon=True).start()
    return gymnasium.Wrapper(environment)


def _end_without_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PERIOD)
    os._exit(0)


def end(environments: AsyncVectorEnv) -> None:
    """End all processes, whatever they are doing: `AsyncVectorEnv.close` waits for their answers."""
    for process in environments.processes:
        process.kill()
        process.join()
    for pipe in environments.parent_pipes:
        if pipe is not None:  # it is None after a process raised
            pipe.close()
    environments.closed = True
