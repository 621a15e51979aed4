import os
import signal
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from axone.data.images.cache import workers as module
from axone.data.images.cache.decoding import DecodingJob
from axone.data.images.cache.workers import decode_all, make_tasks
from tests.helpers.data.images import folder


@pytest.fixture
def work(tmp_path):
    root = folder(tmp_path / "root", {"a": 23, "b": 0})
    (root / "a" / "bad.png").write_bytes(b"")
    with (tmp_path / "pixels").open("wb") as file:
        file.truncate(24 * 8 * 8 * 3)
    return DecodingJob(str(root), str(tmp_path / "pixels"), 8, 8, 3, "crop")


def todo(root, each=5):
    names = sorted(f"a/{path.name}" for path in Path(root, "a").iterdir())
    cut = make_tasks(list(range(len(names))), names, [None] * len(names), [1] * len(names))
    assert len(cut) == 1
    (task,) = cut
    return [type(task)(*(part[start : start + each] for part in task)) for start in range(0, len(names), each)]


def test_tasks_are_limited_in_number_and_size():
    names = [str(number) for number in range(600)]
    tasks = make_tasks(list(range(600)), names, [None] * 600, [10] * 600)
    assert [len(task.rows) for task in tasks] == [256, 256, 88]
    assert [name for task in tasks for name in task.names] == names and tasks[1].rows[0] == 256
    large = make_tasks([0, 1, 2], names[:3], [None] * 3, [1 << 22, 1 << 23, -1])
    assert [task.rows for task in large] == [[0, 1], [2]]
    assert make_tasks([], [], [], []) == []


def test_processes_and_threads_do_the_same(work):
    results = []
    for processes in (False, True):
        answers = list(decode_all(work, todo(work.root), processes))
        assert [task.rows[0] for task, _answer in answers] == [0, 5, 10, 15, 20]
        records = np.concatenate([answer.records for _task, answer in answers])
        reasons = {row: why for _task, answer in answers for row, why in answer.reasons.items()}
        with Path(work.pixels).open("r+b") as file:
            results.append((records.tobytes(), reasons, file.read()))
            file.seek(0)
            file.write(bytes(len(results[0][2])))
    assert results[0] == results[1] and list(results[0][1].values()) == ["the file is empty"]


def test_processes_are_for_many_files(work, monkeypatch):
    started = []
    monkeypatch.setattr(module.subprocess, "Popen", lambda *_, **__: started.append(1) or pytest.fail("enough"))
    list(decode_all(work, todo(work.root)))
    assert not started
    monkeypatch.setattr(module, "MANY", 24)
    with pytest.raises(BaseException, match="enough"):
        list(decode_all(work, todo(work.root)))


KILLER = """
import os, signal
from axone.data.images.cache import decoding
whole = decoding.decode_file
decoding.decode_file = lambda path, **how: os._exit(9) if path.endswith("7.png") else whole(path, **how)
decoding.main()
"""


def test_the_image_on_which_a_decoder_crashes_is_found(work, monkeypatch):
    start = module.subprocess.Popen

    def crashing(command, **how):
        return start([command[0], "-c", KILLER], **how)

    monkeypatch.setattr(module.subprocess, "Popen", crashing)
    answers = list(decode_all(work, todo(work.root, 24), True))
    reasons = {work_row: why for _task, answer in answers for work_row, why in answer.reasons.items()}
    names = todo(work.root, 24)[0].names
    crashed = [names[row] for row, why in reasons.items() if why == "the decoder crashed on it"]
    assert crashed == ["a/17.png", "a/7.png"] and len(reasons) == 3
    assert sum(answer.records["usable"].sum() for _task, answer in answers) == 24 - 3


def test_leaving_early_leaves_no_process(work, monkeypatch):
    started, start = [], module.subprocess.Popen

    def noted(*command, **how):
        started.append(start(*command, **how))
        return started[-1]

    monkeypatch.setattr(module.subprocess, "Popen", noted)
    with closing(decode_all(work, todo(work.root), True)) as answers:
        next(answers)
    assert started and all(process.poll() is not None for process in started)


@pytest.mark.skipif(os.name == "nt", reason="signals differ there")
def test_ctrl_c_stops_decoding(work, monkeypatch):
    monkeypatch.setattr(module, "decode", lambda work, task: signal.raise_signal(signal.SIGINT))
    # A process that was started in the background ignores Ctrl-C, and so would this test.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            for _answer in decode_all(work, todo(work.root, 1), False):
                pass
    finally:
        signal.signal(signal.SIGINT, before)
