"""What the famous architectures reach on Fashion-MNIST at the sizes their defaults choose, and how fast they learn.

    python benchmarks/architectures.py                            each trained once, and its speed beside a plain loop
    python benchmarks/architectures.py --systems resnet,vgg --seed 1
    python benchmarks/architectures.py --rounds 0                 the trainings alone
    python benchmarks/architectures.py --no-training              the speeds alone
    python benchmarks/architectures.py --quick                    a smoke test, writes nothing

Each training is the command that a user types, in a process of its own. The speed is that of some tens of steps, in
turns with the same network in the loop of the tutorials. What is not measured again stays as it was in the table, with
its date: all of it takes more than an hour.
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
from accuracy_cnn import accuracy, sentence, speed, train

ASKED = {"vgg": 93.5, "inception": 93.5, "resnet": 94.5, "mobilenet": 93.5}  # test accuracy in percent
AIMS = {"vgg": (94.0, 20), "inception": (94.0, 25), "resnet": (94.5, 10), "mobilenet": (93.5, 2)}  # percent, minutes
RATIO = 0.6  # of the plain loop's time for an epoch


def main() -> int:
    """Train and measure, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--systems", default=",".join(ASKED), help="systems, with commas (default: all four)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the trainings (default: 0)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each loop (default: 5); 0: no speed")
    parser.add_argument("--steps", type=int, default=10, help="steps in a turn (default: 10)")
    parser.add_argument("--no-training", action="store_true", help="measure the speeds alone")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.steps = min(options.rounds, 2), 2
    machine = tables.begin(options)
    names = options.systems.split(",")
    found = {} if options.quick else before()
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    for name in names:
        each = found.setdefault(name, {"speed": None, "training": None})
        if options.rounds:
            each["speed"] = {"date": today, **compare(name, options)}
        if not options.no_training:
            each["training"] = one = {"date": today, **train("default", options.seed, options, name)}
            tables.say(f"{name}: " + (one.get("failed") or sentence(one)))
    tables.finish(table([name for name in ASKED if name in found], found, options), machine, options)
    return 1 if any("failed" in (each["training"] or {}) for each in found.values()) else 0


def before() -> dict[str, dict[str, Any]]:
    """Return what was measured before: system -> "speed" and "training", each with its date, or None."""
    kept = tables.RESULTS / "architectures.json"
    return json.loads(kept.read_text("utf-8"))["raw"] if kept.is_file() else {}


def compare(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Time steps of both loops in turns; return milliseconds of a step in each turn, and the shares."""
    import torch

    torch.set_num_threads(options.threads)
    loops = {"axone": axone_steps(name, options), "plain": plain_steps(name, options)}
    batches = {loop: next(steps) for loop, steps in loops.items()}
    milliseconds: dict[str, list[float]] = {loop: [] for loop in loops}
    for turn in range(options.rounds + 1):
        for loop, steps in loops.items():
            started = time.perf_counter()
            for _step in range(options.steps):
                next(steps)
            if turn > 0:  # in the first turn kernels are chosen and memory is found
                milliseconds[loop].append((time.perf_counter() - started) / options.steps * 1e3)
    shares = [mine / plain for mine, plain in zip(milliseconds["axone"], milliseconds["plain"])]
    tables.say(f"{name}: a step {tables.spread(milliseconds['axone'], 0)} ms, share {tables.spread(shares)}")
    return {"milliseconds": milliseconds, "batches": batches, "shares": shares}


def axone_steps(name: str, options: argparse.Namespace) -> Iterator[int]:
    """Yield the batches of an epoch, then train for ever with Axone's stream and learner, a step at each turn."""
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
    made = module.build(settings, BuildContext())
    learner, stream, device = made.learner, made.train, torch.device("cpu")
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
    """Yield the batches of an epoch, then train for ever as tutorials do: float32, DataLoader, Adam as it comes."""
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
    """Make the network that a standalone PyTorch file describes, as one would write it by hand."""
    names: dict[str, Any] = {}
    exec(compile(source, "network.py", "exec"), names)  # ours, written a moment ago
    return names["Network"]().train()


def table(names: list[str], found: dict[str, dict[str, Any]], options: argparse.Namespace) -> tables.Table:
    """Turn the measurements into rows, verdicts and notes."""
    from axone import catalogue

    columns = ["system", "parameters", "epochs", "test accuracy, %", "training, s", "whole command, minutes"]
    columns += ["images/s", "a step, ms", "the same, plain loop, ms", "time of an epoch / the plain loop's"]
    rows, verdicts, notes = [], [], []
    for name in names:
        each = found[name]
        one, fast = each["training"], each["speed"]
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
            tables.spread(fast["milliseconds"]["axone"], 0),
            tables.spread(fast["milliseconds"]["plain"], 0),
            tables.spread(fast["shares"]),
        ] if fast else [""] * 3  # fmt: skip
        rows.append(row)
        verdicts += judge(name, one, fast)
        preset = catalogue.read_settings_class(catalogue.find(name)).PRESETS["default"]
        notes.append(
            f"`{name}`: " + ", ".join(f"{key} = {value}" for key, value in preset.items()) + f"; {dates(each)}."
        )
    return tables.Table(
        name="architectures",
        title="The famous architectures on Fashion-MNIST",
        question=(
            "All 60,000 images, 28 x 28, at the sizes that the defaults choose on a processor: "
            f"`axone train SYSTEM --seed {options.seed} --threads {options.threads}`, one training each. Beside it, "
            "turns of some steps with the same network in a plain PyTorch loop."
        ),
        columns=columns,
        rows=rows,
        raw=found,
        verdicts=verdicts,
        headers={name: header(each) for name in names if accurate(each := found[name]) is not None},
        notes=[
            *notes,
            "The plain loop: the same network as the standalone PyTorch file that `Model.to_source` writes, float32, "
            "NCHW, a DataLoader over ready tensors, Adam as it comes, the loss read at each step. Axone's steps are "
            "those of its defaults: augmentation, its optimizer and its precision included.",
            "The test set is read once, after training, with the weights that did best on the validation share; both "
            "mirrored views of a picture are averaged.",
            "One training: differences below 0.3 points are noise. Steps: median of the turns (smallest to largest).",
        ],
    )


def accurate(each: dict[str, Any]) -> float | None:
    """Return the test accuracy of a system in percent; None where it was not trained."""
    one = each["training"]
    return None if one is None or "failed" in one else accuracy(one)


def header(each: dict[str, Any]) -> str:
    """Return the sentence for the system's own header."""
    machine, one = tables.describe_machine(), each["training"]
    share = f", {statistics.median(each['speed']['shares']):.2f} of a plain loop's step" if each["speed"] else ""
    return (
        f"test accuracy on Fashion-MNIST {accuracy(one):.2f} % (1 seed) in {one['whole_seconds'] / 60:.1f} "
        f"minutes{share}; {machine['processor']}, {machine['cores']} cores."
    )


def dates(each: dict[str, Any]) -> str:
    """Say when a system was trained, and when its steps were timed."""
    return ", ".join(f"{part} of {each[part]['date']}" for part in ("training", "speed") if each[part])


def judge(name: str, one: dict[str, Any] | None, fast: dict[str, Any] | None) -> list[str]:
    """Compare one system with what was asked, and with the aims."""
    reached = accurate({"training": one})
    shown = "no training" if reached is None else f"{reached:.2f} %"
    percent, minutes = AIMS[name]
    took = None if one is None or reached is None else one["whole_seconds"] / 60
    share = statistics.median(fast["shares"]) if fast else None
    return [
        tables.verdict(f"`{name}` reaches {ASKED[name]} %", None if reached is None else reached >= ASKED[name], shown),
        tables.verdict(
            f"`{name}` aims at {percent} % in {minutes} minutes",
            None if reached is None or took is None else reached >= percent and took <= minutes,
            shown if took is None else f"{shown} in {took:.1f} minutes",
        ),
        tables.verdict(
            f"`{name}` takes at most {RATIO} of the plain loop's time for an epoch",
            None if share is None else share <= RATIO,
            "no turns" if share is None else f"{share:.2f}",
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
