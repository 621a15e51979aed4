"""How long listing many runs takes: the first time, when nothing changed, and when some runs did.

python benchmarks/list_runs.py
python benchmarks/list_runs.py --quick
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import tables

PROMISED_SECONDS = 1.0
CHANGED = 10  # runs that get another event between two listings


def main() -> int:
    """Write the runs, measure, write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--runs", type=int, default=500, help="runs that are listed (default: 500)")
    parser.add_argument("--figures", type=int, default=60, help="figures of each run (default: 60)")
    parser.add_argument("--repeats", type=int, default=7, help="listings of each kind (default: 7)")
    options = parser.parse_args()
    if options.quick:
        options.runs, options.repeats = 50, 3
    machine = tables.begin(options)
    root = Path(tempfile.mkdtemp(prefix="axone-list-runs-"))
    try:
        folders = [write_run(root / "cnn" / f"run-{number:04d}", options.figures) for number in range(options.runs)]
        seconds = measure(root, folders, options.repeats)
    finally:
        shutil.rmtree(root)
    slowest = max(statistics.median(times) for times in seconds.values())
    table = tables.Table(
        name="list_runs",
        title="How long listing many runs takes",
        question=f"`axone.runs.listing.list_runs` on {options.runs} finished runs of {options.figures} figures each, "
        f"in one process; {options.repeats} listings of each kind; median (smallest to largest).",
        columns=["listing", "seconds"],
        rows=[[name, tables.spread(times, 3)] for name, times in seconds.items()],
        raw={"seconds": seconds},
        verdicts=[
            tables.verdict(
                f"{options.runs} runs are listed in under {PROMISED_SECONDS:g} s",
                slowest < PROMISED_SECONDS,
                f"the slowest median is {slowest:.3f} s",
            )
        ],
        notes=["Files are in the system's cache. The first listing reads and verifies every run."],
    )
    tables.finish(table, machine, options)
    return 0 if slowest < PROMISED_SECONDS else 1


def measure(root: Path, folders: list[Path], repeats: int) -> dict[str, list[float]]:
    """Return the seconds of each listing, by kind."""
    from axone.runs import listing

    seconds: dict[str, list[float]] = {"first": [], "nothing changed": [], f"{CHANGED} runs changed": []}

    def record(kind: str) -> None:
        started = time.perf_counter()
        runs = listing.list_runs(root)
        seconds[kind].append(time.perf_counter() - started)
        assert len(runs) == len(folders)

    for _repeat in range(repeats):
        listing.forget_runs()
        record("first")
        record("nothing changed")
        for folder in folders[:CHANGED]:
            (folder / "note.txt").write_text(f"{time.time()}")
        record(f"{CHANGED} runs changed")
    return seconds


def write_run(folder: Path, figures: int) -> Path:
    """Write a finished run with two checkpoints and some figures; the files are small, their number is usual."""
    from axone.runs.events import EventLog
    from axone.runs.storage.checked_json import encode_checked
    from axone.runs.storage.manifest import write_manifest

    for name in ("figures", "checkpoints/last", "checkpoints/best"):
        (folder / name).mkdir(parents=True)
    (folder / "settings.toml").write_text('data = "fashion-mnist"\nepochs = 60\n')
    (folder / "facts.json").write_text('{"classes": ["coat", "bag"], "task": "image-classification"}')
    (folder / "environment.json").write_text('{"system": "cnn", "started": 1795430400.0}')
    log = EventLog(folder / "events.jsonl")
    log.append("start", system="cnn")
    for epoch in range(1, 61):
        log.append("epoch", epoch=epoch, step=100 * epoch, train={"loss": 1 / epoch}, validation={"accuracy": 0.9})
    log.append("done")
    log.close()
    for number in range(figures):
        (folder / "figures" / f"kernels-{number:04d}.png").write_bytes(bytes(2000))
    for slot in ("last", "best"):
        place = folder / "checkpoints" / slot
        for name in ("weights.safetensors", "state.safetensors", "state.json"):
            (place / name).write_bytes(bytes(100))
        (place / "manifest.json").write_bytes(encode_checked({"version": 1, "files": {}}))
    write_manifest(folder, finished=True)
    (folder / "done.json").write_bytes(encode_checked({"version": 1, "test": {"accuracy": 0.9}}))
    return folder


if __name__ == "__main__":
    sys.exit(main())
