"""Start-up time: of commands that compute nothing, none of which loads torch, and of the smallest training, by phase.

python benchmarks/startup.py
python benchmarks/startup.py --quick
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import tables

COMMANDS = (["--help"], ["list"], ["train", "cnn", "--help"])
GOAL_SECONDS = 0.4
GOAL_COMMANDS = ("--help", "list")  # there is no goal for the third command
HEAVY = ("torch", "numpy", "matplotlib", "PIL", "safetensors", "pydantic", "rich")

TRAINING = ["train", "cnn", "--limit", "300", "--epochs", "1"]
TRAINING_SECONDS = 5.0

# Trains as TRAINING does and prints the seconds of each phase. The time between two events of a run belongs to what the
# first one begins. The argument is the time at which the process was started.
PHASES = """
import json, sys, time
marks = [("the interpreter", float(sys.argv[1]))]
def mark(name):
    marks.append((name, time.time()))
mark("the import of PyTorch")
import torch
mark("the import of Axone")
import axone.train
import axone.systems.cnn
mark("settings, device, the run's folder")
BEGINS = {"data": "describing the network, the optimizer, training", "epoch": "keeping the best weights",
          "done": "results and the manifest"}
def listen(event):
    if event["kind"] == "progress":
        mark(event["text"])
    elif event["kind"] == "figure" and event.get("epoch") is not None:
        mark("checkpoints")
    elif event["kind"] in BEGINS:
        mark(BEGINS[event["kind"]])
axone.train("cnn", limit=300, epochs=1, listener=listen, verbose=False, runs_folder=sys.argv[2])
mark("the end")
seconds = {}
for (name, begin), (_name, end) in zip(marks, marks[1:]):
    seconds[name] = seconds.get(name, 0.0) + end - begin
print(json.dumps(seconds))
"""

# Runs a command as the console script does, then prints which heavy packages it imported.
PROBE = f"""
import contextlib, io, json, sys
from axone.cli import main
with contextlib.redirect_stdout(io.StringIO()):
    code = main(sys.argv[1:])
print(json.dumps({{"code": code, "loaded": [name for name in {HEAVY!r} if name in sys.modules]}}))
"""


def main() -> int:
    """Measure, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--runs", type=int, default=11, help="runs of each command (default: 11)")
    options = parser.parse_args()
    if options.quick:
        options.runs = 3
    machine = tables.begin(options)
    commands = {"python (nothing)": [sys.executable, "-c", "pass"]}
    commands |= {" ".join(["axone", *words]): [*axone(), *words] for words in COMMANDS}
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(options.runs + 1):
        for name, command in commands.items():
            started = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True)
            if number:  # the first round reads the files from disk and writes byte code
                seconds[name].append(time.perf_counter() - started)
    training, phases = measure_training(max(2, options.runs // 2))
    name_of_training = " ".join(["axone", *TRAINING])
    loaded = {" ".join(["axone", *words]): find_heavy_packages(words) for words in COMMANDS}
    for name, times in seconds.items():
        tables.say(
            f"{name}: {tables.spread(times, 3)} s, loads {', '.join(loaded.get(name, [])) or 'no heavy package'}"
        )
    tables.say(f"{name_of_training}: {tables.spread(training, 2)} s")
    for phase, times in phases.items():
        tables.say(f"    {phase}: {tables.spread(times, 3)} s")
    quick = [statistics.median(seconds["axone " + words]) for words in GOAL_COMMANDS]
    with_torch = [name for name, packages in loaded.items() if "torch" in packages]
    table = tables.Table(
        name="startup",
        title="Start-up time of the command line",
        question=(
            f"Wall time of commands, {options.runs} runs each, in alternation; median (smallest to largest). Then the "
            f"smallest training, {len(training)} runs, and where its time goes, by phase, in the order of its events."
        ),
        columns=["command or phase", "seconds", "heavy packages loaded"],
        rows=[
            [f"`{name}`", tables.spread(times, 3), ", ".join(loaded.get(name, [])) or "none"]
            for name, times in seconds.items()
        ]
        + [[f"`{name_of_training}`", tables.spread(training, 2), "torch, numpy, PIL"]]
        + [[f"of it: {phase}", tables.spread(times, 3), ""] for phase, times in phases.items()],
        raw={"seconds": seconds, "loaded": loaded, "training": training, "phases": phases},
        verdicts=[
            tables.verdict(
                f"`axone --help` and `axone list` take less than {GOAL_SECONDS} s",
                max(quick) < GOAL_SECONDS,
                f"the slower median is {max(quick):.3f} s",
            ),
            tables.verdict(
                "None of them imports torch", not with_torch, f"torch is imported by: {', '.join(with_torch) or 'none'}"
            ),
            tables.verdict(
                f"The smallest training takes at most {TRAINING_SECONDS:g} s on two cores",
                statistics.median(training) <= TRAINING_SECONDS,
                f"the median is {statistics.median(training):.2f} s, of which the import of PyTorch is "
                f"{statistics.median(phases['the import of PyTorch']):.2f} s",
            ),
        ],
        notes=[
            "The phases are measured in processes of their own: their sum is a little less than the command, which also"
            " reads its flags. The making of figures, which happens twice, has one row.",
            f"Searched in `sys.modules` after each command: {', '.join(HEAVY)}. Files are in the cache of the disk.",
        ],
    )
    tables.finish(table, machine, options)
    return 1 if with_torch else 0


def measure_training(runs: int) -> tuple[list[float], dict[str, list[float]]]:
    """Return the seconds of the smallest training as a command, and those of its phases by name, for each run."""
    training: list[float] = []
    phases: dict[str, list[float]] = {}
    environment = {**os.environ, "AXONE_OFFLINE": "1"}
    for number in range(runs + 1):
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            command = [*axone(), *TRAINING, "--runs-folder", folder]
            subprocess.run(command, capture_output=True, check=True, env=environment)
            elapsed = time.perf_counter() - started
            probe = [sys.executable, "-c", PHASES, str(time.time()), folder]
            output = subprocess.run(probe, capture_output=True, text=True, check=True, env=environment).stdout
        if number:  # as above
            training.append(elapsed)
            for phase, seconds in json.loads(output.strip().splitlines()[-1]).items():
                phases.setdefault(phase, []).append(seconds)
    return training, phases


def axone() -> list[str]:
    """Return the console script in the folder of this interpreter, or the module where there is none."""
    folder = Path(sysconfig.get_path("scripts"))
    script = next((folder / name for name in ("axone", "axone.exe") if (folder / name).is_file()), None)
    return [str(script)] if script else [sys.executable, "-m", "axone"]


def find_heavy_packages(words: list[str]) -> list[str]:
    """Return the heavy packages that a command imports."""
    process = subprocess.run([sys.executable, "-c", PROBE, *words], capture_output=True, text=True, check=True)
    report = json.loads(process.stdout.strip().splitlines()[-1])
    if report["code"] != 0:
        raise SystemExit(f"axone {' '.join(words)} ended with exit code {report['code']}")
    return report["loaded"]


if __name__ == "__main__":
    sys.exit(main())
