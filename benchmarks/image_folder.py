"""Time until the first batch of a folder of 60,000 small JPEGs, and the speed of its batches.

python benchmarks/image_folder.py
python benchmarks/image_folder.py --quick
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from PIL import Image

import tables
from axone.data.images.cache.decoding import DecodingJob
from axone.data.images.cache.workers import decode_all, make_tasks
from axone.data.images.folders.listing import list_folder
from axone.data.images.load import load_images
from axone.engine.context import BuildContext
from axone.engine.machine.device import use_threads
from axone.settings import resolve
from axone.systems import cnn
from contenders.common import BATCH
from data_path import make_step, per_batch

FIRST_SECONDS, SECOND_SECONDS, TIMES_FASTER = 30, 2, 5  # goals
STEPS = 60  # training steps in a round

# The work of `axone train cnn --data FOLDER` until its first batch, with the time at which each part was done.
START = """
import json, sys, time
from axone.engine.context import BuildContext
from axone.settings import resolve
from axone.systems import cnn
from axone.tasks.classification.data import read_data
from axone.train import train
times = {"imported": time.time()}
settings = resolve(cnn.Settings, {"data": sys.argv[1]})
data = read_data(settings, BuildContext())
times["before"] = time.time()
cnn.model(settings, data.facts)
times["after"] = time.time()
next(data.train.batches(1))
print(json.dumps({**times, "batch": time.time(), "samples": data.facts["samples"]}))
"""


def main() -> int:
    """Measure, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of a first and a second start (default: 5)")
    parser.add_argument("--batches", type=int, default=200, help="batches per round of the data path (default: 200)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.batches = 2, 5
    machine = tables.begin(options)
    use_threads(options.threads)
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "fashion"
        count, size = write_images(folder, 3000 if options.quick else 0)
        tables.say(f"{count:,} files, {size / 1e6:.1f} MB")
        starts = measure_starts(folder, Path(root), options)
        decoding = measure_decoding(folder, Path(root), options.rounds)
        os.environ["AXONE_CACHE"] = str(Path(root) / "cache")
        path = measure_path(folder, options)
    tables.finish(make_table(count, size, starts, decoding, path, options), machine, options)
    return 0


def write_images(folder: Path, limit: int) -> tuple[int, int]:
    """Write Fashion-MNIST's training images as JPEGs, folder/CLASS/NUMBER.jpg; return their number and bytes."""
    data = load_images("fashion-mnist")
    images = data.train
    written = 0
    for name in data.classes:
        (folder / name.replace("/", " or ")).mkdir(parents=True)
    count = limit or len(images)
    for number, (pixels, label) in enumerate(zip(images.pixels[:count], images.labels[:count].tolist(), strict=True)):
        path = folder / data.classes[label].replace("/", " or ") / f"{number:05d}.jpg"
        Image.fromarray(pixels[:, :, 0].numpy()).save(path, quality=90)
        written += path.stat().st_size
    return count, written


def measure_starts(folder: Path, root: Path, options: argparse.Namespace) -> dict[str, list[dict[str, float]]]:
    """Start new processes: in each round one without a cached pixel file, then one that uses it."""
    starts: dict[str, list[dict[str, float]]] = {"first": [], "second": []}
    for number in range(options.rounds):
        cache = {"AXONE_CACHE": str(root / f"cache-{number}"), "OMP_NUM_THREADS": str(options.threads)}
        for start in starts:
            began = time.time()
            process = subprocess.run(
                [sys.executable, "-c", START, str(folder)],
                env={**os.environ, **cache},
                capture_output=True,
                text=True,
            )
            if process.returncode:
                raise SystemExit(process.stderr)
            whole = time.time() - began
            moments = json.loads(process.stdout.strip().splitlines()[-1])
            network = moments["after"] - moments["before"]
            data = moments["batch"] - moments["imported"] - network
            imports = moments["imported"] - began
            starts[start].append({"data": data, "imports": imports, "network": network, "whole": whole})
            tables.say(f"{start} start: {data:.2f} s for the data, {whole:.2f} s in total")
    return starts


def measure_decoding(folder: Path, root: Path, rounds: int) -> dict[str, list[float]]:
    """Decode all images with processes and with threads, in alternation: seconds."""
    listing = list_folder(folder)
    names, sizes = [file.name for file in listing.files], [file.size for file in listing.files]
    tasks = make_tasks(list(range(len(names))), names, [None] * len(names), sizes)
    job = DecodingJob(str(folder), str(root / "pixels"), 28, 1)
    seconds: dict[str, list[float]] = {"processes": [], "threads": []}
    for _round in range(rounds):
        for way, times in seconds.items():
            with Path(job.pixels).open("wb") as file:
                file.truncate(len(names) * job.row_bytes)
            began = time.perf_counter()
            results = [result for _task, result in decode_all(job, tasks, way == "processes")]
            times.append(time.perf_counter() - began)
            assert sum(int(result.records["usable"].sum()) for result in results) == len(names)
            tables.say(f"decoding with {way}: {times[-1]:.2f} s")
    return seconds


def measure_path(folder: Path, options: argparse.Namespace) -> dict[str, list[float]]:
    """Time batches of the folder with the course's augmentation, and steps of the cnn, in alternation: seconds."""
    paths = {}
    for augment in ("none", "course"):
        settings = resolve(cnn.Settings, {"data": str(folder), "augment": augment, "batch_size": BATCH})
        paths[augment] = cnn.build(settings, BuildContext()).train
    step, _precision = make_step(paths["none"].batches, min(options.batches, STEPS))
    results: dict[str, list[float]] = {"none": [], "course": [], "step": []}
    for number in range(options.rounds + 1):
        measured = {name: per_batch(path.batches(number + 1), options.batches) for name, path in paths.items()}
        measured["step"] = step()
        if number:  # the first round warms up
            for name, seconds in measured.items():
                results[name].append(seconds)
    return results


def make_table(
    count: int,
    size: int,
    starts: dict[str, list[dict[str, float]]],
    decoding: dict[str, list[float]],
    path: dict[str, list[float]],
    options: argparse.Namespace,
) -> tables.Table:
    """Format the seconds as rows."""
    rows = []
    for start, title in (("first", "first start: decodes the images"), ("second", "second start: uses the cache")):
        parts = {part: [one[part] for one in starts[start]] for part in ("data", "imports", "network", "whole")}
        rows.append([title, *(tables.spread(seconds) for seconds in parts.values())])
    data = {start: statistics.median(one["data"] for one in each) for start, each in starts.items()}
    whole = {start: statistics.median(one["whole"] for one in each) for start, each in starts.items()}
    per = {name: statistics.median(times) for name, times in path.items()}
    times_faster = per["step"] / per["course"]
    milliseconds = {name: tables.spread([1e3 * one for one in times], 3) for name, times in path.items()}
    ways = ", ".join(f"{way} {tables.spread(times)} s" for way, times in decoding.items())
    return tables.Table(
        name="image_folder",
        title="A folder of images: time until the first batch",
        question=(
            f"{count:,} gray JPEGs of 28 x 28 pixels ({size / 1e6:.0f} MB) in class folders; new processes do the work "
            f"of `axone train cnn --data FOLDER` until the first batch. Seconds, median of {options.rounds} rounds "
            "(smallest to largest)."
        ),
        columns=["start", "data", "importing torch and Axone", "building the network", "whole process"],
        rows=rows,
        raw={"starts": starts, "decoding_seconds": decoding, "path_seconds_a_batch": path},
        verdicts=[
            tables.verdict(
                f"The first batch of a new folder is ready in less than {FIRST_SECONDS} s",
                data["first"] < FIRST_SECONDS if not options.quick else None,
                f"{data['first']:.2f} s; {whole['first']:.2f} s with the start of Python, torch and the network",
            ),
            tables.verdict(
                f"The second time it is ready in less than {SECOND_SECONDS} s",
                data["second"] < SECOND_SECONDS if not options.quick else None,
                f"{data['second']:.2f} s; {whole['second']:.2f} s with the start of Python, torch and the network",
            ),
            tables.verdict(
                f"The data path with the course's augmentation is at least {TIMES_FASTER} times as fast as a step",
                times_faster >= TIMES_FASTER,
                f"{times_faster:.1f} times: a batch of {BATCH} in {milliseconds['course']} ms, a training step of the "
                f"cnn on a batch in memory in {milliseconds['step']} ms",
            ),
        ],
        notes=[
            "Data: listing the folder, decoding it or verifying its cache, searching duplicates, splitting, "
            "statistics, fingerprint, the data report, and the first batch.",
            f"Without augmentation a batch of {BATCH} takes {milliseconds['none']} ms.",
            f"Decoding only: {ways}.",
            "The files were just written and are in the cache of the disk: reading from a disk takes additional time.",
        ],
    )


if __name__ == "__main__":
    torch.manual_seed(0)
    sys.exit(main())
