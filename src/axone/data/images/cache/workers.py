"""Decode many images in parallel: in threads, or in processes where there are very many files.

Pillow decodes a large photograph without Python's lock, so threads are enough. For small images most of the time is
Python's, which only processes can divide. They are programs that read tasks and write results: unlike those of
`multiprocessing`, they never import the user's script again, which needs no guard.

An image on which a decoder crashes costs one process, and is found by halving its task.
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

from axone.cores import usable_cores
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

MANY = 4000  # files from which on processes are worth their start-up time
MAX_WORKERS = 16  # each may hold an image of 80 million pixels
TASK_FILES = 256
TASK_BYTES = 1 << 23  # of encoded images: tasks are short, so that progress is reported often

Results = Generator[tuple[DecodingTask, DecodingResult], None, None]


def make_tasks(rows: list[int], names: list[str], known: list[str | None], sizes: list[int]) -> list[DecodingTask]:
    """Divide a list of files, whose `sizes` are in bytes, into tasks."""
    tasks, begin, total = [], 0, 0
    for end, size in enumerate(sizes, 1):
        total += max(size, 0)
        if total >= TASK_BYTES or end - begin >= TASK_FILES or end == len(sizes):
            part = slice(begin, end)
            tasks.append(DecodingTask(rows[part], names[part], known[part]))
            begin, total = end, 0
    return tasks


def decode_all(job: DecodingJob, tasks: Sequence[DecodingTask], processes: bool | None = None) -> Results:
    """Decode all tasks, several at a time; yield the results in the order of the tasks.

    Args:
        job: What the tasks have in common.
        tasks: The tasks.
        processes: Whether to use processes. None: for many files.

    Raises:
        ResourceError, OSError: As `decode` does.
    """
    if processes is None:
        processes = sum(len(task.rows) for task in tasks) >= MANY and bool(sys.executable)
    crew = _Processes(job) if processes else None
    run = crew.run if crew else lambda task: decode(job, task)
    with ThreadPoolExecutor(min(usable_cores(), MAX_WORKERS)) as pool:
        try:
            yield from zip(tasks, pool.map(run, tasks), strict=True)
        except BaseException:  # Ctrl-C above all: the rest of the queue is not finished
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            if crew:
                crew.close()


class _Processes:
    """A process for each thread that runs tasks."""

    def __init__(self, job: DecodingJob) -> None:
        self.job = job
        self.own = threading.local()
        self.all: list[subprocess.Popen[bytes]] = []
        self.closed = False

    def run(self, task: DecodingTask) -> DecodingResult:
        """Return the result of a task. If the process dies, find the images that crash it."""
        line = self._exchange(task)
        if line:
            return parse_result(line, self.job.channels)
        if len(task.rows) == 1:
            reason = _("the decoder crashed on it")
            return DecodingResult(np.zeros(1, record_dtype(self.job.channels)), {task.rows[0]: reason}, [])
        middle = len(task.rows) // 2
        first, second = (
            self.run(DecodingTask(task.rows[half], task.names[half], task.known[half]))
            for half in (slice(middle), slice(middle, None))
        )
        records = np.concatenate([first.records, second.records])
        return DecodingResult(records, first.reasons | second.reasons, first.same + second.same)

    def _exchange(self, task: DecodingTask) -> bytes:
        """Send a task to the process of this thread; an empty line means that the process died."""
        process = getattr(self.own, "process", None)
        if process is None or process.poll() is not None:
            process = self.own.process = self._start()
        assert process.stdin and process.stdout
        try:
            process.stdin.write(encode_task(self.job, task, current_language()))
            process.stdin.flush()
            line = process.stdout.readline()
        except (BrokenPipeError, OSError, ValueError):  # ValueError: closed in the meantime
            line = b""
        if not line:
            process.kill()
            process.wait()
        return line if line.endswith(b"\n") else b""

    def _start(self) -> subprocess.Popen[bytes]:
        if self.closed:
            raise RuntimeError("closed")
        process = subprocess.Popen(
            # -P: modules of the current folder are not imported.
            [sys.executable, "-P", "-m", "axone.data.images.cache.decoding"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # decoders warn there about files that they read nevertheless
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self.all.append(process)
        return process

    def close(self) -> None:
        """End the processes, also in the middle of a task."""
        self.closed = True
        for process in self.all:
            process.kill()
        for process in self.all:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError, ValueError):
                    if pipe:
                        pipe.close()
