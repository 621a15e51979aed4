"""The recurrent cells: float32 and bfloat16, sequences of different lengths, and Keras.

python benchmarks/recurrent.py
python benchmarks/recurrent.py --quick
python benchmarks/recurrent.py --only cells --only lengths
python benchmarks/recurrent.py --keras ~/keras/bin/python      an environment with keras, tensorflow and torch

Each part is stored when it is complete, so that a stopped run continues; the page has the parts that are measured.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tables

STORED = tables.RESULTS / "recurrent"  # the results of each part
PARTS = ("cells", "lengths", "keras")
SIZES = ((128, 100, 64), (512, 64, 64))  # hidden units (and features), steps, sequences in a batch
CELLS = ("lstm", "gru", "rnn")
SEQUENCES, SHORTEST, LONGEST = 1024, 20, 100  # of the part on lengths: mean 60
LENGTH_SIZE = 128
HALF, QUARTER = 0.5, 0.25

Times = dict[str, list[float]]  # contender -> milliseconds of each repetition


def main() -> int:
    """Measure the parts, write the table."""
    options = arguments()
    machine = tables.begin(options)
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    import torch

    torch.set_num_threads(options.threads)
    measured: dict[str, Any] = {} if options.quick else read_stored()
    for part in options.only or [name for name in PARTS if name != "keras" or options.keras]:
        tables.say(part)
        results = {"cells": measure_cells, "lengths": measure_lengths, "keras": measure_keras}[part](options)
        measured[part] = results
        if not (options.quick or options.no_write):
            STORED.mkdir(parents=True, exist_ok=True)
            (STORED / f"{part}.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    tables.finish(write_table(measured, options), machine, options)
    return 0


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part only; may be repeated")
    parser.add_argument("--repeats", type=int, default=7, help="repetitions of each pass (default: 7)")
    parser.add_argument("--threads", type=int, default=1, help="threads (default: 1)")
    parser.add_argument("--keras", help="the Python of an environment with keras, tensorflow and torch")
    parser.add_argument("--keras-pass", help=argparse.SUPPRESS)  # a part of this program in that environment
    options = parser.parse_args()
    if options.keras_pass:
        sys.exit(time_keras(json.loads(options.keras_pass)))
    if options.quick:
        options.repeats = 1
    return options


def read_stored() -> dict[str, Any]:
    """Return the results of the parts that were measured before."""
    return {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(STORED.glob("*.json"))}


def measure(passes: dict[str, Callable[[], None]], repeats: int) -> Times:
    """Return the milliseconds of each pass, one repetition of each in turn: of the processor, then of the clock.

    The processor's time does not count what other programs did meanwhile.
    """
    for run in passes.values():
        run()
    times: Times = {name: [] for name in passes}
    for _repeat in range(repeats):
        for name, run in passes.items():
            began = time.process_time()
            run()
            times[name].append(1000 * (time.process_time() - began))
    return times


def measure_cells(options: argparse.Namespace) -> dict[str, Any]:
    """Time the forward and backward pass of each cell in both precisions, and of Axone's layer in the chosen one."""
    import torch
    from torch import nn

    from axone.engine.machine.recurrent_precision import choose_recurrent_precision
    from axone.graph import GRU, LSTM, RNN, Input, Model
    from axone.settings import Settings

    modules = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
    layers = {"lstm": LSTM, "gru": GRU, "rnn": RNN}
    results: dict[str, Any] = {}
    for cell in CELLS:
        for hidden, steps, batch in ((16, 5, 4),) if options.quick else SIZES:
            plain = modules[cell](hidden, hidden, batch_first=True)
            inputs = torch.randn(batch, steps, hidden)
            chosen = choose_recurrent_precision(
                Settings(device="cpu"), None, cell=cell, features=hidden, hidden=hidden, steps=steps, batch=batch
            )
            node = Input(steps, hidden)
            own = Model(node, layers[cell](hidden, precision=chosen)(node)[0])

            def run_plain(module: nn.Module = plain, inputs: torch.Tensor = inputs) -> None:
                module(inputs)[0].sum().backward()

            def run_half(module: nn.Module = plain, inputs: torch.Tensor = inputs) -> None:
                with torch.autocast("cpu", torch.bfloat16):
                    output = module(inputs)[0]
                output.float().sum().backward()

            def run_own(module: nn.Module = own, inputs: torch.Tensor = inputs) -> None:
                module(inputs).sum().backward()

            times = measure({"float32": run_plain, "bfloat16": run_half, "axone": run_own}, options.repeats)
            key = f"{cell} {hidden} units, {steps} steps, batch {batch}"
            results[key] = {"chosen": chosen, "times": times}
            tables.say(f"{key}: " + ", ".join(f"{name} {min(values):.1f}" for name, values in times.items()))
    return results


def measure_lengths(options: argparse.Namespace) -> dict[str, Any]:
    """Time an epoch over sequences of different lengths: packed, padded, in batches of similar length."""
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    from axone.data.random import make_generator
    from axone.data.sequences.buckets import group_by_length
    from axone.graph import LSTM, Input, Model

    count, size, batch_size = (64, 16, 16) if options.quick else (SEQUENCES, LENGTH_SIZE, 64)
    lengths = torch.randint(SHORTEST, LONGEST + 1, (count,), generator=make_generator("lengths"))
    data = torch.randn(count, LONGEST, size)
    order = torch.randperm(count, generator=make_generator("order"))
    grouped = group_by_length(order, lengths, batch_size, make_generator("groups"))
    results: dict[str, Any] = {"mean length": float(lengths.float().mean()), "times": {}}
    for bidirectional in (False, True):
        plain = nn.LSTM(size, size, batch_first=True, bidirectional=bidirectional)

        def run_packed(module: nn.Module = plain) -> None:
            for index in order.split(batch_size):
                own = lengths[index]
                packed = pack_padded_sequence(data[index, : own.max()], own, batch_first=True, enforce_sorted=False)
                pad_packed_sequence(module(packed)[0], batch_first=True)[0].sum().backward()

        passes: dict[str, Callable[[], None]] = {"PackedSequence, float32": run_packed}
        for precision in ("float32", "bfloat16"):
            x, n = Input(LONGEST, size), Input(dtype="int64")
            layer = LSTM(size, bidirectional=bidirectional, precision=precision)
            model = Model((x, n), layer(x, lengths=n)[0])
            for name, samples in (("padded", order), ("similar lengths", grouped)):

                def run_own(model: Model = model, samples: torch.Tensor = samples) -> None:
                    for index in samples.split(batch_size):
                        own = lengths[index]
                        model(data[index, : own.max()], own).sum().backward()

                passes[f"{name}, {precision}"] = run_own
        key = "two directions" if bidirectional else "one direction"
        results["times"][key] = measure(passes, max(1, options.repeats // 2))
        tables.say(f"{key}: " + ", ".join(f"{n} {min(v):.0f}" for n, v in results["times"][key].items()))
    return results


def measure_keras(options: argparse.Namespace) -> dict[str, Any]:
    """Time keras.layers.LSTM and GRU on TensorFlow and on torch, each in a process of its own."""
    results: dict[str, Any] = {}
    for backend in ("tensorflow", "torch"):
        for cell in CELLS:
            for size in ((16, 5, 4),) if options.quick else SIZES:
                work = {"cell": cell, "size": size, "repeats": options.repeats, "threads": options.threads}
                command = [options.keras, str(Path(__file__).resolve()), "--keras-pass", json.dumps(work)]
                environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
                done = subprocess.run(command, capture_output=True, text=True, env=environment)
                if done.returncode:
                    tables.say(f"{backend} {cell} {size}: {done.stderr.strip().splitlines()[-1][:200]}")
                    continue
                key = f"{cell} {size[0]} units, {size[1]} steps, batch {size[2]}"
                answer = json.loads(done.stdout.strip().splitlines()[-1])
                results.setdefault(key, {})[backend] = answer["times"]
                results.setdefault("versions", {}).update(answer["versions"])
                tables.say(f"{backend}, {key}: {min(answer['times']):.1f}")
    return results


def time_keras(work: dict[str, Any]) -> int:
    """Print the milliseconds of the forward and backward pass of a Keras layer with the backend of this process."""
    hidden, steps, batch = work["size"]
    import numpy

    threads, backend = work["threads"], os.environ["KERAS_BACKEND"]
    data = numpy.random.default_rng(0).normal(size=(batch, steps, hidden)).astype("float32")
    if backend == "tensorflow":
        import tensorflow

        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
    import keras

    kinds = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU, "rnn": keras.layers.SimpleRNN}
    layer = kinds[work["cell"]](hidden, return_sequences=True)
    layer.build(data.shape)
    if backend == "tensorflow":
        inputs = tensorflow.constant(data)

        @tensorflow.function
        def compute() -> Any:
            with tensorflow.GradientTape() as tape:
                total = tensorflow.reduce_sum(layer(inputs))
            return tape.gradient(total, layer.trainable_variables)

        def run() -> None:
            compute()[0].numpy()
    else:
        import torch

        torch.set_num_threads(threads)
        tensor = torch.from_numpy(data)

        def run() -> None:
            layer(tensor).sum().backward()

    times = measure({"keras": run}, work["repeats"])["keras"]
    versions = {"keras": keras.__version__}
    if backend == "tensorflow":
        versions["tensorflow"] = tensorflow.__version__
    print(json.dumps({"times": times, "versions": versions}))
    return 0


def write_table(measured: dict[str, Any], options: argparse.Namespace) -> tables.Table:
    """Return the page of the parts that were measured."""
    cells, lengths, keras = (measured.get(part, {}) for part in PARTS)
    rows, verdicts = [], []
    for key, result in cells.items():
        times = {name: statistics.median(values) for name, values in result["times"].items()}
        peers = [keras.get(key, {}).get(backend) for backend in ("tensorflow", "torch")]
        rows.append(
            [
                key,
                *(tables.spread(result["times"][name], 1) for name in ("float32", "bfloat16")),
                f"{times['bfloat16'] / times['float32']:.2f}",
                f"{result['chosen']}: {tables.spread(result['times']['axone'], 1)}",
                *(tables.spread(peer, 1) if peer else "" for peer in peers),
            ]
        )
    for key, times in lengths.get("times", {}).items():
        slow = statistics.median(times["PackedSequence, float32"])
        for name, values in times.items():
            ratio = f"{statistics.median(values) / slow:.2f}"
            label = f"LSTM {LENGTH_SIZE}, {key}, lengths {SHORTEST} to {LONGEST}: {name}"
            is_half = name.endswith("bfloat16")
            cell = tables.spread(values, 0)
            rows.append([label, "" if is_half else cell, cell if is_half else "", f"{ratio} of packed", "", "", ""])
    for key, result in cells.items():
        times = {name: statistics.median(values) for name, values in result["times"].items()}
        if key.startswith("lstm"):
            ratio = times["bfloat16"] / times["float32"]
            claim = f"{key}: bfloat16 takes at most {HALF:g} of torch's float32"
            verdicts.append(tables.verdict(claim, ratio <= HALF, f"{ratio:.2f}"))
        ratio = times["axone"] / times["float32"]
        claim = f"{key}: what Axone chooses is not slower than float32"
        verdicts.append(tables.verdict(claim, ratio <= 1.05, f"{ratio:.2f}"))
    for key, times in lengths.get("times", {}).items():
        best = min((name for name in times if "similar" in name), key=lambda name: statistics.median(times[name]))
        ratio = statistics.median(times[best]) / statistics.median(times["PackedSequence, float32"])
        claim = f"LSTM in {key}: sequences of different lengths take at most {QUARTER:g} of PackedSequence"
        verdicts.append(tables.verdict(claim, ratio <= QUARTER, f"{best}: {ratio:.2f}"))
    versions = ", ".join(f"{name} {version}" for name, version in keras.get("versions", {}).items())
    return tables.Table(
        name="recurrent",
        title="Recurrent cells",
        question="How long a forward and backward pass of a recurrent layer takes in each precision, what Axone "
        "chooses, and what sequences of different lengths cost. Milliseconds of the processor: median (smallest to "
        "largest). "
        f"The rows with lengths are an epoch of {SEQUENCES:,} sequences in batches of 64.",
        columns=[
            "cell", "torch, float32", "torch, bfloat16", "ratio", "Axone chooses", "Keras, TensorFlow", "Keras, torch",
        ],
        rows=rows,
        raw=measured,
        verdicts=verdicts,
        notes=[
            f"{options.threads} thread(s). Features are as many as hidden units. The passes of a row take turns.",
            "The time is that of the processor, which other programs change less than the clock.",
            "Where the processor has no bfloat16, Axone does not measure and chooses float32.",
            f"Keras in an environment of its own: {versions}. TensorFlow compiles the pass as a graph, in float32."
            if versions
            else "Keras was not measured: no environment with it was named (`--keras`).",
        ],
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
