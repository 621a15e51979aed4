"""Decode many pictures at once: in threads, or in processes of our own where there are very many files.

Pillow decodes a large photograph without Python's lock, so threads do; of a small one, Python's own part is the
larger, and only processes divide it. They are plain programs that read tasks and write answers: unlike those
of `multiprocessing`, they never import the user's script again, and need no guard in it.

A picture on which a decoder crashes costs one process, and is found by halving its task.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np

from axone.data.images.cache.decoding import (
    DecodingJob,
    DecodingResult,
    DecodingTask,
    decode,
    encode_task,
    parse_result,
    record_dtype,
)
from axone.messages import _, current_language

MANY = 4000  # files from which on processes are worth their start
MOST_WORKERS = 16  # each may hold a picture of 40 million pixels
TASK_FILES = 256
TASK_BYTES = 1 << 23  # of encoded pictures: a task should be short, for the progress to move

Answers = Generator[tuple[DecodingTask, DecodingResult], None, None]


def make_tasks(rows: list[int], names: list[str], known: list[str | None], sizes: list[int]) -> list[DecodingTask]:
    """Cut a list of files, whose `sizes` are in bytes, into tasks."""
    cut, begin, taken = [], 0, 0
    for place, size in enumerate(sizes):
        taken += max(size, 0)
        if taken >= TASK_BYTES or place + 1 - begin >= TASK_FILES or place + 1 == len(sizes):
            part = slice(begin, place + 1)
            cut.append(DecodingTask(rows[part], names[part], known[part]))
            begin, taken = place + 1, 0
    return cut


def decode_all(work: DecodingJob, todo: Sequence[DecodingTask], processes: bool | None = None) -> Answers:
    """Decode every task, several at a time; the answers come in the order of the tasks.

    `processes` None: where there are many files. Raises as `decode` does.
    """
    if processes is None:
        processes = sum(len(task.rows) for task in todo) >= MANY and bool(sys.executable)
    crew = _Processes(work) if processes else None
    ask = crew.ask if crew else lambda task: decode(work, task)
    with ThreadPoolExecutor(min(usable_cores(), MOST_WORKERS)) as pool:
        try:
            yield from zip(todo, pool.map(ask, todo), strict=True)
        except BaseException:  # Ctrl-C above all: do not finish the queue first
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            if crew:
                crew.close()


def usable_cores() -> int:
    """Count the cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Processes:
    """A process for each thread that asks."""

    def __init__(self, work: DecodingJob) -> None:
        self.work = work
        self.own = threading.local()
        self.all: list[subprocess.Popen[bytes]] = []
        self.closed = False

    def ask(self, task: DecodingTask) -> DecodingResult:
        """Have a task done. When the process dies over it, find the pictures that kill it."""
        line = self._exchange(task)
        if line:
            return parse_result(line, self.work.channels)
        if len(task.rows) == 1:
            reason = _("the decoder crashed on it")
            return DecodingResult(np.zeros(1, record_dtype(self.work.channels)), {task.rows[0]: reason}, [])
        middle = len(task.rows) // 2
        first, second = (
            self.ask(DecodingTask(task.rows[half], task.names[half], task.known[half]))
            for half in (slice(middle), slice(middle, None))
        )
        records = np.concatenate([first.records, second.records])
        return DecodingResult(records, first.reasons | second.reasons, first.same + second.same)

    def _exchange(self, task: DecodingTask) -> bytes:
        """Send a task to this thread's process; an empty answer means that it died."""
        process = getattr(self.own, "process", None)
        if process is None or process.poll() is not None:
            process = self.own.process = self._start()
        assert process.stdin and process.stdout
        try:
            process.stdin.write(encode_task(self.work, task, current_language()))
            process.stdin.flush()
            line = process.stdout.readline()
        except (BrokenPipeError, OSError, ValueError):  # ValueError: closed meanwhile
            line = b""
        if not line:
            process.kill()
            process.wait()
        return line if line.endswith(b"\n") else b""

    def _start(self) -> subprocess.Popen[bytes]:
        if self.closed:
            raise RuntimeError("closed")
        process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-m",
                "axone.data.images.cache.decoding",
            ],  # -P: no module of the folder one stands in
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # decoders complain there about files that they read all the same
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self.all.append(process)
        return process

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        self.closed = True
        for process in self.all:
            process.kill()
        for process in self.all:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError, ValueError):
                    if pipe:
                        pipe.close()
