"""Stopped anywhere, in any way, a resumed run reaches exactly the weights of an uninterrupted one."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from axone.cli import main
from axone.engine.checkpointing import CheckpointSchedule
from axone.engine.interrupt import StopFlag
from axone.errors import DamagedError, DataError, DivergedError, ResourceError, RunError, SettingsError, Stopped
from axone.runs import checkpoints
from axone.runs.compatibility import require_same_data
from axone.runs.events import read_events
from axone.runs.recorder import Recorder
from axone.runs.status import read_run
from axone.runs.storage import files
from axone.runs.storage.lock import RunLock
from axone.runs.storage.tensors import weights_sha256
from axone.runs.storage.verification import verify
from axone.train import resume, train
from axone.use import load
from tests.helpers.runs.stop_at import StopAt
from tests.helpers.runs.trainings import QUICK, folder_of, quick, shapes

# With everything on that keeps a state of its own: averaged weights, schedule, dropout, accumulated gradients.
DEMANDING = {
    **{"epochs": 3, "ema": 0.9, "schedule": "one-cycle", "dropout": 0.3, "accumulate": 2, "gradient_clip": 1.0},
    **{"augment": "strong", "mixup": 0.2, "cutmix": 1.0},
}
LONG = {"epochs": 25}  # long enough for another process to be caught in the middle
STEPS = 5  # of an epoch


@pytest.fixture(autouse=True)
def _saved_after_each_epoch(monkeypatch):
    """The epochs of these tests are far shorter than the time between two checkpoints of a real training."""
    monkeypatch.setattr(CheckpointSchedule, "is_due", lambda self, within_epoch: not within_epoch)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return shapes(tmp_path_factory.mktemp("data") / "shapes")


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """The run that is never interrupted."""
    return quick(data, tmp_path_factory.mktemp("whole"), **DEMANDING)


@pytest.fixture(scope="module")
def long(data, tmp_path_factory):
    return quick(data, tmp_path_factory.mktemp("long"), **LONG)


@pytest.fixture
def copy(whole, tmp_path):
    """A copy of the undisturbed run, to damage."""
    return Path(shutil.copytree(whole.path, tmp_path / "copy"))


@pytest.fixture
def stopped(data, tmp_path):
    """A run stopped in its second epoch."""
    return stop_at(data, tmp_path, STEPS + 2)


def stop_at(data, place, step):
    """Train for a number of steps, then stop. Returns the run's folder."""

    class Steps(StopFlag):
        def __call__(self, event):
            if event["kind"] == "folder":
                self.path = Path(event["path"])

    flag = Steps()
    real = Recorder.save_checkpoint

    def save(self, slot, weights, state):
        real(self, slot, weights, state)
        if state.get("progress", {}).get("step") == step - 1:
            flag.request("test")

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Stopped):
        patch.setattr(Recorder, "save_checkpoint", save)
        quick(data, place, **DEMANDING, save_every=1, listener=flag, stop=flag)
    return flag.path


def last_weights(path):
    return weights_sha256(checkpoints.load(path, "last").weights)


def same_end(run, other):
    """Two runs ended alike: results, history, the weights of the best and of the last epoch."""
    clock = {"seconds", "finished", "manifest", "run"}
    for one, two in ((run.results, other.results), (other.results, run.results)):
        assert {k: v for k, v in one.items() if k not in clock} == {k: v for k, v in two.items() if k not in clock}
    assert last_weights(run.path) == last_weights(other.path)
    history = [
        [
            {k: v for k, v in event.items() if k not in ("time", "seconds")}
            for event in read_events(each.path / "events.jsonl").events
            if event["kind"] == "epoch"
        ]
        for each in (run, other)
    ]
    assert history[0] == history[1]


# An epoch reads the flag once a step and once a batch of the check, so six times. Stopped after the first step, in
# mid-epoch with gradients half accumulated, after the last step, in the check, in the second epoch, in the last
# check, and while the test set is read.
@pytest.mark.parametrize("readings", [0, 2, 4, 5, 6, 17, 18])
def test_stopped_and_resumed_ends_with_the_same_weights(whole, data, tmp_path, readings):
    received = []
    with pytest.raises(Stopped) as stopped:
        quick(data, tmp_path, **DEMANDING, stop=StopAt(readings), listener=received.append)
    path = folder_of(received)
    assert stopped.value.exit_code == 130 and f"axone resume {path}" in stopped.value.hint
    assert read_run(path).status == "stopped" and verify(path) == []
    finished = resume(path)
    same_end(finished, whole)
    assert finished.info.status == "finished" and verify(path) == []


def test_stopped_many_times_ends_the_same(whole, data, tmp_path):
    received, stops = [], 0
    with pytest.raises(Stopped):
        quick(data, tmp_path, **DEMANDING, stop=StopAt(2), listener=received.append)
    path = folder_of(received)
    for _attempt in range(20):
        try:
            finished = resume(path, stop=StopAt(3))
            break
        except Stopped:
            stops += 1
    assert stops >= 3
    same_end(finished, whole)


def test_stopped_while_the_test_set_is_read_the_last_weights_stay_the_last(whole, data, tmp_path):
    received = []
    with pytest.raises(Stopped):
        quick(data, tmp_path, **DEMANDING, stop=StopAt(18), listener=received.append)
    path = folder_of(received)
    assert last_weights(path) == last_weights(whole.path)
    assert last_weights(path) != whole.results["weights_sha256"]  # or this test would show nothing


def test_a_finished_run_is_not_changed(copy, capsys):
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    assert main(["resume", str(copy), "--json", "--language", "en"]) == 0
    message = capsys.readouterr()
    assert "already finished" in message.err and f"axone resume {copy} --epochs N" in message.err
    assert json.loads(message.out.splitlines()[-1])["epochs"] == 3
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_more_epochs_extend_a_finished_run(copy, whole):
    further = resume(copy, epochs=5)
    assert further.results["epochs"] == 5 and further.results["steps"] == 5 * STEPS
    assert further.settings.epochs == 5
    saved = [event for event in read_events(copy / "events.jsonl").events if event["kind"] == "epoch"]
    assert [event["epoch"] for event in saved] == [1, 2, 3, 4, 5]
    assert saved[2]["validation"] == whole_history(whole)[2]["validation"]
    assert verify(copy) == []


def whole_history(run):
    return [event for event in read_events(run.path / "events.jsonl").events if event["kind"] == "epoch"]


def test_extended_at_once_or_later_is_the_same(data, tmp_path):
    # Without a schedule that looks to the end, five epochs are five epochs.
    at_once = quick(data, tmp_path, epochs=4, schedule="constant")
    later = resume(quick(data, tmp_path, epochs=2, schedule="constant").path, epochs=4)
    same_end(later, at_once)


def test_changed_settings_are_refused(stopped):
    before = (stopped / "settings.toml").read_bytes()
    with pytest.raises(SettingsError) as refused:
        resume(stopped, learning_rate=0.5, batch_size=8)
    assert "learning_rate (0.01 -> 0.5)" in refused.value.what and "batch_size (16 -> 8)" in refused.value.what
    assert (stopped / "settings.toml").read_bytes() == before
    assert main(["resume", str(stopped), "--seed", "3"]) == 2


def test_changed_data_are_refused(tmp_path):
    place = shapes(tmp_path / "shapes")
    path = stop_at(place, tmp_path / "runs", 3)
    image = next((place / "bar").iterdir())
    image.write_bytes((place / "cross" / "00.png").read_bytes())
    with pytest.raises(RunError, match="not those that this run was trained on"):
        resume(path)
    assert main(["resume", str(path)]) == 4


def test_data_that_moved_are_found_by_their_content(tmp_path, monkeypatch, whole):
    monkeypatch.chdir(tmp_path)
    shapes(tmp_path / "shapes")
    path = stop_at("shapes", tmp_path / "runs", 3).absolute()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert load(path).settings.data == str(tmp_path / "shapes")  # relative when typed, found from any folder
    (tmp_path / "shapes").rename(tmp_path / "moved")
    with pytest.raises(DataError, match="not where they were") as missing:
        resume(path)
    assert "--data NEW" in missing.value.hint
    other = shapes(tmp_path / "other", seed=1)
    with pytest.raises(RunError, match="not those that this run was trained on"):
        resume(path, data=other)
    assert read_run(path).settings["data"] == "shapes"
    resumed = resume(path, data=tmp_path / "moved")
    assert resumed.results["weights_sha256"] == whole.results["weights_sha256"]
    assert read_run(path).settings["data"] == str(tmp_path / "moved")
    assert load(path).evaluate()["test"] == load(path).results["test"]


def test_moved_data_are_evaluated_as_the_runs_own(tmp_path):
    run = quick(shapes(tmp_path / "shapes"), tmp_path / "runs", epochs=1)
    (tmp_path / "shapes").rename(tmp_path / "moved")
    measured = load(run.path).evaluate(str(tmp_path / "moved"), verbose=False)
    assert measured["test"] == run.results["test"] and measured["validation"] == run.results["validation"]
    other = load(run.path).evaluate(str(shapes(tmp_path / "other", seed=1)), verbose=False)
    assert other["validation"] == {} and other["test"] != measured["test"]


def test_data_without_a_fingerprint_cannot_get_another_name():
    require_same_data({}, {})
    with pytest.raises(RunError):
        require_same_data({}, {}, is_renamed=True)


def test_a_second_process_is_refused_naming_the_first(stopped, capsys):
    with RunLock(stopped):
        assert main(["resume", str(stopped), "--language", "en"]) == 4
        assert f"process {os.getpid()} on" in capsys.readouterr().err
    assert main(["resume", str(stopped)]) == 0


def flip(path, place=None):
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if place is None else place] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("file", ["weights.safetensors", "state.safetensors", "state.json", "manifest.json"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(stopped, whole, file):
    damaged = stopped / "checkpoints" / "last" / file
    flip(damaged)
    received = []
    finished = resume(stopped, listener=received.append)
    warnings = [event["text"] for event in received if event["kind"] == "warning"]
    assert any(f"checkpoints/last/{file}" in text for text in warnings)
    assert finished.results["weights_sha256"] == whole.results["weights_sha256"]
    assert last_weights(stopped) == last_weights(whole.path)


def test_both_checkpoints_damaged_is_the_end(stopped):
    for slot in ("last", "last-previous"):
        flip(stopped / "checkpoints" / slot / "weights.safetensors")
    with pytest.raises(DamagedError) as refused:
        resume(stopped)
    assert "checkpoints/last/weights.safetensors" in refused.value.what


@pytest.mark.parametrize("file", ["settings.toml", "facts.json", "environment.json", "manifest.json"])
@pytest.mark.parametrize("harm", [flip, Path.unlink])
def test_damage_to_what_the_run_rests_on_is_refused_by_name(stopped, data, file, harm, capsys):
    harm(stopped / file)
    for words in (["resume", str(stopped)], ["predict", str(stopped), str(data / "bar" / "00.png")]):
        assert main([*words, "--language", "en"]) == 4
        assert file in capsys.readouterr().err


def test_a_deleted_checkpoint_is_missed_by_name(copy, capsys, data):
    for slot in ("best", "best-previous", "last", "last-previous"):
        shutil.rmtree(copy / "checkpoints" / slot, ignore_errors=True)
    assert main(["predict", str(copy), str(data / "bar" / "00.png"), "--language", "en"]) == 4
    assert "checkpoint 'best', 'last'" in capsys.readouterr().err
    assert main(["runs", "--runs-folder", str(copy.parent.parent), "--language", "en"]) == 0
    assert "checkpoints/best" in capsys.readouterr().out


def test_a_damaged_best_checkpoint_is_replaced_by_the_last_one_and_reported(data, tmp_path):
    path = quick(data, tmp_path, patience=1, epochs=30).path
    assert load(path).results["best_epoch"] < load(path).results["epochs"]  # the two are not the same file
    flip(path / "checkpoints" / "best" / "weights.safetensors")
    with pytest.warns(UserWarning, match=r"checkpoints/best/weights\.safetensors"):
        load(path).predict(data / "bar" / "00.png")


class FullDisk:
    """The module `os` of a disk that is full from a moment on."""

    def __init__(self):
        self.full = False

    def __getattr__(self, name):
        return getattr(os, name)

    def write(self, descriptor, content):
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(descriptor, content)


def test_a_full_disk_stops_with_5_and_keeps_the_last_checkpoint(data, whole, tmp_path, monkeypatch):
    disk = FullDisk()
    monkeypatch.setattr(files, "os", disk)
    received = []

    def listener(event):
        received.append(event)
        disk.full = disk.full or (event["kind"] == "epoch" and event["epoch"] == 2)

    with pytest.raises(ResourceError, match="disk full") as refused:
        quick(data, tmp_path, **DEMANDING, listener=listener)
    assert refused.value.exit_code == 5
    disk.full = False
    path = folder_of(received)
    checkpoint = checkpoints.load(path, "last")
    assert checkpoint.warnings == [] and checkpoint.state["training"]["progress"]["epoch"] == 2
    same_end(resume(path), whole)


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
from axone.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file sizes are limited by the POSIX call setrlimit")
def test_a_limit_on_file_sizes_is_reported_as_a_full_disk(data, tmp_path):
    words = words_of(data, tmp_path, epochs=2, dense=(64, 64))  # a checkpoint of more than 30 kB
    done = subprocess.run([sys.executable, "-c", LIMITED, *words], capture_output=True, text=True, env=environment())
    assert done.returncode == 5, done.stderr
    assert "disk full" in done.stderr and "Traceback" not in done.stderr


def words_of(data, place, **settings):
    """The same training as a command line."""
    options = {**QUICK, "data": data, **settings}
    listed = [f"{key}={','.join(map(str, v)) if isinstance(v, tuple) else v}" for key, v in options.items()]
    return ["train", "cnn", *listed, "--runs-folder", str(place), "--name", "run", "--language", "en"]


def environment():
    return {**os.environ, "PYTHONUNBUFFERED": "1"}


def start(data, place, **settings):
    """Train in a process of its own, and return it once its second epoch has begun."""
    words = words_of(data, place, **{**LONG, **settings})
    process = subprocess.Popen(
        [sys.executable, "-m", "axone", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(), cwd=place,
    )  # fmt: skip
    message = []
    for line in process.stderr:
        message.append(line)
        if line.startswith("epoch 1/"):
            return process
    pytest.fail("".join(message))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_saves_and_prints_how_to_resume(data, long, tmp_path, capsys):
    process = start(data, tmp_path)
    path = tmp_path / "cnn" / "run"
    process.send_signal(signal.SIGSTOP)  # asleep, or a slow machine lets it end while we look at it
    assert main(["resume", str(path), "--language", "en"]) == 4  # while it runs, no other process may
    assert f"process {process.pid} on" in capsys.readouterr().err
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGCONT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 130 and out == ""
    assert "everything is saved" in error and f"axone resume {path}" in error and "Traceback" not in error
    assert read_run(path).status == "stopped"
    assert main(["resume", str(path), "--json", "--language", "en"]) == 0
    results = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert results["weights_sha256"] == long.results["weights_sha256"]
    same_end(load(path), long)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM cannot be caught on Windows")
def test_termination_saves_too(data, tmp_path):
    process = start(data, tmp_path, epochs=2000)
    process.terminate()
    assert process.wait(60) == 143
    assert read_run(tmp_path / "cnn" / "run").status == "stopped"


def killed_and_resumed(data, long, place, rng):
    """Kill a training after a random number of epochs, where it may be saving. Returns whether it had not ended."""
    process = start(data, place)
    for _epoch in range(rng.randrange(12)):
        process.stderr.readline()
    process.kill()
    process.communicate()
    path = place / "cnn" / "run"
    assert checkpoints.load(path, "last").warnings == []
    caught = read_run(path).done is None
    same_end(resume(path), long)
    assert verify(path) == []
    return caught


def test_killed_at_random_moments(data, long, tmp_path):
    rng = random.Random(0)
    caught = 0
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        caught += killed_and_resumed(data, long, tmp_path / str(number), rng)
    assert caught  # a kill after the end would show nothing


@pytest.mark.long
def test_killed_at_many_random_moments(data, long, tmp_path):
    rng = random.Random(1)
    caught = 0
    for number in range(20):
        (tmp_path / str(number)).mkdir()
        caught += killed_and_resumed(data, long, tmp_path / str(number), rng)
    assert caught >= 10


POISONED = '''"""A line that is learned until the data turn bad."""

import torch
import axone.settings
from axone.engine.optimization.optimizer import Optimizer
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.settings import option


class Settings(axone.settings.Settings):
    first: int = option(0, "first bad step", ge=0)
    last: int = option(0, "last bad step", ge=0)


class Points:
    samples = 64

    def __len__(self):
        return 8

    def batches(self, epoch, start=0):
        x = torch.rand(64, 1, generator=torch.Generator().manual_seed(epoch))
        for number in range(start, 8):
            yield x[8 * number : 8 * number + 8], (epoch - 1) * 8 + number + 1

    def to(self, device):
        return self

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        pass


class Line(Learner):
    def __init__(self, network, settings):
        self.network, self.settings = network, settings
        self.optimizer = Optimizer(network, settings)

    def train_step(self, batch):
        x, number = batch
        loss = (self.network(x) - 3 * x).square().mean()
        if self.settings.first <= number <= self.settings.last:
            loss = loss * float("nan")
        self.optimizer.step(loss)
        return {"loss": loss.detach()}


def model(settings, facts):
    return torch.nn.Linear(1, 1)


def build(settings, context):
    torch.manual_seed(settings.seed)
    return Experiment(Line(model(settings, {}), settings), Points())
'''


@pytest.fixture
def poisoned(tmp_path):
    (tmp_path / "poisoned.py").write_text(POISONED)

    def run(**settings):
        received = []
        options = {"epochs": 5, "learning_rate": 0.2, "threads": 1, **settings}
        try:
            return train(tmp_path / "poisoned.py", runs_folder=tmp_path, listener=received.append, **options), received
        except DivergedError as error:
            return error, received

    return run


def test_one_bad_step_is_skipped_and_reported(poisoned):
    run, received = poisoned(first=11, last=11)
    warnings = [event for event in received if event["kind"] == "warning"]
    assert [(event["epoch"], event["batch"]) for event in warnings] == [(2, 3)]
    assert "not finite" in warnings[0]["text"]
    assert run.results["steps"] == 40
    assert all(torch.isfinite(value).all() for value in run.model.state_dict().values())
    assert abs(run.model.weight.item() - 3) < 0.5


def test_an_epoch_without_a_good_step_is_rolled_back_and_in_the_end_given_up(poisoned):
    run, received = poisoned(first=17, last=24)
    rollbacks = [event for event in received if event["kind"] == "rollback"]
    assert (rollbacks and rollbacks[0]["to_step"] == 24) or rollbacks[0]["to_step"] == 16
    assert not isinstance(run, DivergedError) or run.exit_code == 6


def test_bad_for_good_ends_with_6_and_a_sound_checkpoint(poisoned, tmp_path):
    error, received = poisoned(first=20, last=10_000)
    assert isinstance(error, DivergedError) and error.exit_code == 6
    assert "--learning-rate" in error.hint
    assert len([event for event in received if event["kind"] == "rollback"]) == 3
    checkpoint = checkpoints.load(folder_of(received), "last")
    assert checkpoint.warnings == [] and checkpoint.state["training"]["progress"]["step"] == 24
    assert all(torch.isfinite(value).all() for value in checkpoint.weights.values())
    assert read_run(folder_of(received)).status == "failed"
    words = ["train", str(tmp_path / "poisoned.py"), "--first", "1", "--last", "10000", "--runs-folder", str(tmp_path)]
    assert main([*words, "--threads", "1"]) == 6
