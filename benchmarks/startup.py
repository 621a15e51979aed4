"""Start-up time of the command line for commands that compute nothing, and a check that none of them loads torch.

python benchmarks/startup.py
python benchmarks/startup.py --quick
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import tables

COMMANDS = (["--help"], ["list"], ["train", "cnn", "--help"])
GOAL_SECONDS = 0.4
GOAL_COMMANDS = ("--help", "list")  # there is no goal for the third command
HEAVY = ("torch", "numpy", "matplotlib", "PIL", "safetensors", "pydantic", "rich")

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
    loaded = {" ".join(["axone", *words]): find_heavy_packages(words) for words in COMMANDS}
    for name, times in seconds.items():
        tables.say(
            f"{name}: {tables.spread(times, 3)} s, loads {', '.join(loaded.get(name, [])) or 'no heavy package'}"
        )
    quick = [statistics.median(seconds["axone " + words]) for words in GOAL_COMMANDS]
    with_torch = [name for name, packages in loaded.items() if "torch" in packages]
    table = tables.Table(
        name="startup",
        title="Start-up time of the command line",
        question=f"Wall time of commands, {options.runs} runs each, in alternation; median (smallest to largest).",
        columns=["command", "seconds", "heavy packages loaded"],
        rows=[
            [f"`{name}`", tables.spread(times, 3), ", ".join(loaded.get(name, [])) or "none"]
            for name, times in seconds.items()
        ],
        raw={"seconds": seconds, "loaded": loaded},
        verdicts=[
            tables.verdict(
                f"`axone --help` and `axone list` take less than {GOAL_SECONDS} s",
                max(quick) < GOAL_SECONDS,
                f"the slower median is {max(quick):.3f} s",
            ),
            tables.verdict(
                "None of them imports torch", not with_torch, f"torch is imported by: {', '.join(with_torch) or 'none'}"
            ),
        ],
        notes=[
            f"Searched in `sys.modules` after each command: {', '.join(HEAVY)}. Files are in the cache of the disk."
        ],
    )
    tables.finish(table, machine, options)
    return 1 if with_torch else 0


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
