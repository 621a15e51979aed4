"""Accuracy and speed of vgg, inception, resnet and mobilenet on Fashion-MNIST with their default settings.

    python benchmarks/architectures.py                            one training each, and the time of steps
    python benchmarks/architectures.py --systems resnet,vgg --seed 1
    python benchmarks/architectures.py --rounds 0                 the trainings only
    python benchmarks/architectures.py --no-training              the speeds only
    python benchmarks/architectures.py --quick                    a smoke test, writes nothing

Each training is the command that a user types, in a process of its own. The speed is measured in some tens of steps, in
alternation with the same network in the loop of the tutorials. Results that are not measured again stay in the table
with their date, because all of it takes more than an hour.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import json
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

import tables
from accuracy_cnn import accuracy, speed, summarize, train

GOALS = {"vgg": 93.5, "inception": 93.5, "resnet": 94.5, "mobilenet": 93.5}  # test accuracy in percent
AMBITIONS = {
    "vgg": (94.0, 20),
    "inception": (94.0, 25),
    "resnet": (94.5, 10),
    "mobilenet": (93.5, 2),
}  # percent, minutes
RATIO = 0.6  # goal: time of an epoch relative to the plain loop


def main() -> int:
    """Train and measure, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--systems", default=",".join(GOALS), help="systems, with commas (default: all four)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the trainings (default: 0)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of the speed measurement (default: 5); 0: none")
    parser.add_argument("--steps", type=int, default=10, help="steps per round (default: 10)")
    parser.add_argument("--no-training", action="store_true", help="measure only the speeds")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.steps = min(options.rounds, 2), 2
    machine = tables.begin(options)
    names = options.systems.split(",")
    results = {} if options.quick else read_previous()
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    for name in names:
        each = results.setdefault(name, {"speed": None, "training": None})
        if options.rounds:
            each["speed"] = {"date": today, **compare(name, options)}
        if not options.no_training:
            each["training"] = one = {"date": today, **train("default", options.seed, options, name)}
            tables.say(f"{name}: " + (one.get("failed") or summarize(one)))
    tables.finish(table([name for name in GOALS if name in results], results, options), machine, options)
    return 1 if any("failed" in (each["training"] or {}) for each in results.values()) else 0


def read_previous() -> dict[str, dict[str, Any]]:
    """Return the previous results: system -> "speed" and "training", each with its date, or None."""
    file = tables.RESULTS / "architectures.json"
    return json.loads(file.read_text("utf-8"))["raw"] if file.is_file() else {}


def compare(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Time steps of both loops in alternation; return the milliseconds per step of each round, and the ratios."""
    import torch

    torch.set_num_threads(options.threads)
    loops = {"axone": axone_steps(name, options), "plain": plain_steps(name, options)}
    batches = {loop: next(steps) for loop, steps in loops.items()}
    milliseconds: dict[str, list[float]] = {loop: [] for loop in loops}
    for number in range(options.rounds + 1):
        for loop, steps in loops.items():
            started = time.perf_counter()
            for _step in range(options.steps):
                next(steps)
            if number > 0:  # in the first round kernels are chosen and memory is allocated
                milliseconds[loop].append((time.perf_counter() - started) / options.steps * 1e3)
    ratios = [axone / plain for axone, plain in zip(milliseconds["axone"], milliseconds["plain"])]
    tables.say(f"{name}: {tables.spread(milliseconds['axone'], 0)} ms per step, ratio {tables.spread(ratios)}")
    return {"milliseconds": milliseconds, "batches": batches, "ratios": ratios}


def axone_steps(name: str, options: argparse.Namespace) -> Iterator[int]:
    """Yield the number of batches per epoch; then train with Axone's stream and learner, one step per `next`."""
    import torch

    from axone import catalogue
    from axone.engine.context import BuildContext
    from axone.engine.learner import TrainingContext
    from axone.engine.machine.precision import choose_precision
    from axone.engine.metrics import Averages
    from axone.settings import resolve

    module = catalogue.load(catalogue.find(name))
    settings = resolve(module.Settings, {"seed": options.seed, "threads": options.threads, "validation": 0.0})
    torch.manual_seed(options.seed)
    experiment = module.build(settings, BuildContext())
    learner, stream, device = experiment.learner, experiment.train, torch.device("cpu")
    learner.prepare(TrainingContext(device, choose_precision("auto", device), settings.epochs * len(stream)))
    yield len(stream)
    averages = Averages()
    for epoch in itertools.count(1):
        learner.begin_epoch(epoch)
        with learner.training():
            for batch in stream.batches(epoch):
                averages.add(learner.train_step(batch), learner.size(batch))
                yield len(stream)


def plain_steps(name: str, options: argparse.Namespace) -> Iterator[int]:
    """Yield the number of batches per epoch; then train as tutorials do: float32, DataLoader, default Adam."""
    import torch
    from torch.utils.data import DataLoader

    import axone
    from axone import catalogue
    from axone.settings import resolve
    from contenders.common import Task
    from contenders.plain import tensors

    settings = resolve(catalogue.read_settings_class(catalogue.find(name)))
    torch.manual_seed(options.seed)
    loader = DataLoader(tensors(Task(options.seed, 1, options.threads)), batch_size=settings.batch_size, shuffle=True)
    network = axone.network(name, input=(1, 28, 28), classes=10)
    model = plain_module(network.to_source())
    model.load_state_dict(network.state_dict())
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    yield len(loader)
    while True:
        for inputs, labels in loader:
            optimizer.zero_grad()
            outputs = model(inputs)
            if isinstance(outputs, tuple):  # inception's auxiliary head
                loss = criterion(outputs[0], labels) + 0.4 * criterion(outputs[1], labels)
            else:
                loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            loss.item()
            yield len(loader)


def plain_module(source: str) -> Any:
    """Return the network of a standalone PyTorch file, as one would write it by hand."""
    names: dict[str, Any] = {}
    exec(compile(source, "network.py", "exec"), names)  # the source that `to_source` just returned
    return names["Network"]().train()


def table(names: list[str], results: dict[str, dict[str, Any]], options: argparse.Namespace) -> tables.Table:
    """Format the measurements as rows, verdicts and notes."""
    from axone import catalogue

    columns = ["system", "parameters", "epochs", "test accuracy, %", "training, s", "whole command, minutes"]
    columns += ["images/s", "ms per step", "ms per step, plain loop", "time relative to the plain loop"]
    rows, verdicts, notes = [], [], []
    for name in names:
        each = results[name]
        one, timing = each["training"], each["speed"]
        row = [name, *["" if one is None else "failed"] * 6]
        if one is None:
            pass
        elif "failed" in one:
            notes.append(f"**Failed:** {name}: {one['failed']}")
        else:
            row = [
                name,
                f"{one['parameters']:,}",
                str(one["epochs"]),
                f"{accuracy(one):.2f}",
                f"{one['seconds']:.0f}",
                f"{one['whole_seconds'] / 60:.1f}",
                f"{speed(one):,.0f}",
            ]
        row += [
            tables.spread(timing["milliseconds"]["axone"], 0),
            tables.spread(timing["milliseconds"]["plain"], 0),
            tables.spread(timing["ratios"]),
        ] if timing else [""] * 3  # fmt: skip
        rows.append(row)
        verdicts += compare_with_goals(name, one, timing)
        preset = catalogue.read_settings_class(catalogue.find(name)).PRESETS["default"]
        notes.append(
            f"`{name}`: " + ", ".join(f"{key} = {value}" for key, value in preset.items()) + f"; {dates(each)}."
        )
    return tables.Table(
        name="architectures",
        title="Published architectures on Fashion-MNIST",
        question=(
            "All 60,000 images, 28 x 28, with the default settings: "
            f"`axone train SYSTEM --seed {options.seed} --threads {options.threads}`, one training each. The speed "
            "is that of training steps, in alternation with the same network in a plain PyTorch loop."
        ),
        columns=columns,
        rows=rows,
        raw=results,
        verdicts=verdicts,
        headers={name: header(each) for name in names if accuracy_or_none(each := results[name]) is not None},
        notes=[
            *notes,
            "The plain loop: the same network as the standalone PyTorch file that `Model.to_source` writes, float32, "
            "NCHW, a DataLoader over tensors in memory, Adam with default settings, the loss read at each step. "
            "Axone's steps have its default settings, including augmentation, optimizer and precision.",
            "The test set is used once, after training, with the weights that were best on the validation set; the "
            "predictions for an image and its mirror image are averaged.",
            "One training: differences below 0.3 points are noise. Steps: median of the rounds (smallest to largest).",
        ],
    )


def accuracy_or_none(each: dict[str, Any]) -> float | None:
    """Return the test accuracy of a system in percent; None where it was not trained."""
    one = each["training"]
    return None if one is None or "failed" in one else accuracy(one)


def header(each: dict[str, Any]) -> str:
    """Return the sentence for the system's own header."""
    machine, one = tables.describe_machine(), each["training"]
    ratio = f", {statistics.median(each['speed']['ratios']):.2f} of a plain loop's step" if each["speed"] else ""
    return (
        f"test accuracy on Fashion-MNIST {accuracy(one):.2f} % (1 seed) in {one['whole_seconds'] / 60:.1f} "
        f"minutes{ratio}; {machine['processor']}, {machine['cores']} cores."
    )


def dates(each: dict[str, Any]) -> str:
    """Return the dates of a system's training and of its timing."""
    return ", ".join(f"{part} of {each[part]['date']}" for part in ("training", "speed") if each[part])


def compare_with_goals(name: str, one: dict[str, Any] | None, timing: dict[str, Any] | None) -> list[str]:
    """Compare one system with the goals and the ambitions."""
    reached = accuracy_or_none({"training": one})
    text = "no training" if reached is None else f"{reached:.2f} %"
    percent, minutes = AMBITIONS[name]
    took = None if one is None or reached is None else one["whole_seconds"] / 60
    ratio = statistics.median(timing["ratios"]) if timing else None
    return [
        tables.verdict(f"`{name}` reaches {GOALS[name]} %", None if reached is None else reached >= GOALS[name], text),
        tables.verdict(
            f"`{name}` aims at {percent} % in {minutes} minutes",
            None if reached is None or took is None else reached >= percent and took <= minutes,
            text if took is None else f"{text} in {took:.1f} minutes",
        ),
        tables.verdict(
            f"`{name}` takes at most {RATIO} of the plain loop's time for an epoch",
            None if ratio is None else ratio <= RATIO,
            "no timing" if ratio is None else f"{ratio:.2f}",
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
