"""List the files of the package that a command passes through, in the order in which it first enters them.

    python scripts/trace_files.py --checkout FOLDER --output FILE.md

Four flows are traced, each in a process of its own: `axone train cnn` and `axone train gan` up to the end of the first
training step, `axone predict RUN IMAGE` and `axone generate RUN`. A file counts once one of its functions is called;
code that an import executes does not. Files of `axone/graph` are counted together. For each file the table also has the
number of times the flow enters it from another file: calls within a file and returns to it do not count; each step of
a generator counts as a call.

The file runs with old and new code: the tuples below list the names that were or may be renamed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

# A training flow ends when one of these methods of a class with one of these learners as its base returns.
STEP_METHODS = ("train_step", "training_step", "step")
LEARNER_CLASSES = ("Learner",)
# Functions in which a system is built: steps of an evaluator that is trained there do not end the flow.
BUILD_FUNCTIONS = ("build", "build_experiment")
GROUPED = "graph/"  # files below this folder are counted together
IGNORED_FUNCTIONS = {"<module>", "<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>", "<lambda>"}

SMALL = ["--epochs", "1", "--limit", "300", "--threads", "1", "--device", "cpu"]
FLOWS = {
    "axone train cnn": ["train", "cnn", *SMALL],
    "axone train gan": ["train", "gan", *SMALL, "--width", "4"],
    "axone predict RUN x.png": ["predict", "RUN-cnn", "x.png"],
    "axone generate RUN": ["generate", "RUN-gan"],
}
HEADINGS = {
    "axone train cnn": "`axone train cnn`, to the end of the first training step",
    "axone train gan": "`axone train gan`, to the end of the first training step (the evaluator is in the cache)",
    "axone predict RUN x.png": "`axone predict RUN x.png`",
    "axone generate RUN": "`axone generate RUN`",
}


class _Finished(BaseException):
    """Ends a traced command at its end point."""


@dataclass
class Trace:
    """The files entered so far, in order, and how often each was entered from another file."""

    package: str
    stop_at_step: bool
    entries: dict[str, int] = field(default_factory=dict)
    depth_of_build: int = 0
    is_over: bool = False

    def start(self) -> None:
        """Begin to observe calls in the main thread."""
        sys.setprofile(self.observe)

    def observe(self, frame: FrameType, event: str, argument: Any) -> None:
        """Take note of a call or a return; the signature is that of `sys.setprofile`."""
        if self.is_over or event not in ("call", "return"):
            return
        code = frame.f_code
        if not code.co_filename.startswith(self.package):
            return
        is_build = code.co_name in BUILD_FUNCTIONS
        if event == "return":
            self.depth_of_build -= is_build
            if self.stop_at_step and not self.depth_of_build and is_step(frame):
                self.is_over = True
                sys.setprofile(None)
                raise _Finished
            return
        self.depth_of_build += is_build
        if code.co_name in IGNORED_FUNCTIONS or runs_at_import(frame):
            return
        name = code.co_filename.removeprefix(self.package)
        self.entries.setdefault(name, 0)
        if find_calling_file(frame, self.package) != name:
            self.entries[name] += 1


def find_calling_file(frame: FrameType, package: str) -> str:
    """Return the file of the nearest function of the package among the callers, relative to the package."""
    caller = frame.f_back
    while caller is not None and not caller.f_code.co_filename.startswith(package):
        caller = caller.f_back
    return caller.f_code.co_filename.removeprefix(package) if caller else ""


def runs_at_import(frame: FrameType) -> bool:
    """Return whether a call is made while the body of a module is executed, other than that of the main script."""
    caller = frame.f_back
    while caller is not None:
        if caller.f_code.co_name == "<module>" and caller.f_globals.get("__name__") != "__main__":
            return True
        caller = caller.f_back
    return False


def is_step(frame: FrameType) -> bool:
    """Return whether a frame is the outermost call of a learner's training step."""
    if frame.f_code.co_name not in STEP_METHODS:
        return False
    owner = frame.f_locals.get("self")
    bases = {base.__name__ for base in type(owner).__mro__}
    if not bases.intersection(LEARNER_CLASSES):
        return False
    caller = frame.f_back  # a step may call that of its base class
    return caller is None or not (caller.f_locals.get("self") is owner and caller.f_code.co_name in STEP_METHODS)


def trace_command(words: Sequence[str], stop_at_step: bool, output: Path) -> None:
    """Run one command of the package in this process and write the files that it enters."""
    import axone
    from axone.cli import main

    trace = Trace(str(Path(str(axone.__file__)).parent) + os.sep, stop_at_step)
    trace.start()
    code: Any = 0
    try:
        code = main(list(words))
    except _Finished:
        code = "step"
    finally:
        sys.setprofile(None)
    if code != ("step" if stop_at_step else 0):
        raise SystemExit(f"The flow did not reach its end point: {' '.join(words)} returned {code!r}.")
    output.write_text(json.dumps(trace.entries), "utf-8")


def trace_flows(checkout: Path, titles: Sequence[str] = tuple(FLOWS)) -> dict[str, dict[str, int]]:
    """Trace flows with the code of a checkout; return the files of each and how often they are entered."""
    source = checkout.absolute() / "src"
    with tempfile.TemporaryDirectory(prefix="axone-trace-") as text:
        folder = Path(text)
        environment = {
            **os.environ, "PYTHONPATH": str(source), "OMP_NUM_THREADS": "1", "AXONE_OFFLINE": "1",
            "AXONE_CACHE": str(folder / "cache"), "LANGUAGE": "en", "LC_ALL": "C.UTF-8",
        }  # fmt: skip

        def call(*words: str) -> None:
            done = subprocess.run([sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")

        imported = subprocess.run(
            [sys.executable, "-c", "import axone; print(axone.__file__)"],
            env=environment,
            capture_output=True,
            text=True,
        )
        if not Path(imported.stdout.strip()).is_relative_to(source):
            raise SystemExit(f"The code of {source} was asked for, but {imported.stdout.strip()} was loaded.")
        draw = (
            "import numpy, PIL.Image as i; i.fromarray(numpy.arange(784, dtype='uint8').reshape(28, 28)).save('x.png')"
        )
        call("-c", draw)
        # Finished runs to ask, which also leave the data and the evaluator in the cache.
        for system in ("cnn", "gan"):
            if not any(system in word for title in titles for word in FLOWS[title]):
                continue
            call("-m", "axone", *FLOWS[f"axone train {system}"], "--name", f"RUN-{system}")
        found_files: dict[str, dict[str, int]] = {}
        for number, title in enumerate(titles):
            words = FLOWS[title]
            run_words = [
                f"runs/{word.removeprefix('RUN-')}/{word}" if word.startswith("RUN-") else word for word in words
            ]
            run_words = [word if not word.startswith("runs/") else find_run(folder, word) for word in run_words]
            output = folder / f"{number}.json"
            stop = ["--stop-at-step"] if words[0] == "train" else []
            call(str(Path(__file__).absolute()), "--trace", str(output), *stop, "--", *run_words)
            found_files[title] = json.loads(output.read_text("utf-8"))
    return found_files


def find_run(folder: Path, place: str) -> str:
    """Return the path of a run by its name, wherever below `runs` the package puts it."""
    return next((str(path) for path in (folder / "runs").rglob(Path(place).name) if path.is_dir()), place)


def write_markdown(flows: dict[str, dict[str, int]]) -> str:
    """Return the flows as Markdown: a table for each."""
    lines = ["# Files that a command passes through", ""]
    lines += [
        "Written by `scripts/trace_files.py`. A file is listed once one of its functions is called, in the order of",
        "first use; what an import executes does not count. *Entered* is how many times the flow came into the file",
        "from another one.",
    ]
    for title, entries in flows.items():
        own = {name: count for name, count in entries.items() if not name.startswith(GROUPED)}
        grouped = {name: count for name, count in entries.items() if name.startswith(GROUPED)}
        total = f"{len(own)} files" + (f" and {len(grouped)} of {GROUPED.rstrip('/')}" if grouped else "")
        lines += ["", f"## {HEADINGS[title]}", "", f"{total}.", "", "| | file | entered |", "|---:|---|---:|"]
        number, is_group_listed = 0, False
        for name, count in entries.items():
            if name in own:
                number += 1
                lines.append(f"| {number} | `{name}` | {count} |")
            elif not is_group_listed:
                is_group_listed = True
                label = f"{GROUPED.rstrip('/')} ({len(grouped)} files)"
                lines.append(f"| | {label} | {sum(grouped.values())} |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--checkout", type=Path, default=Path(__file__).parent.parent, help="folder with src/axone")
    parser.add_argument("--output", type=Path, help="Markdown file to write (default: standard output)")
    parser.add_argument("--trace", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--stop-at-step", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.trace:
        trace_command(options.words, options.stop_at_step, options.trace)
        return 0
    text = write_markdown(trace_flows(options.checkout))
    if options.output:
        options.output.write_text(text, "utf-8")
    else:
        print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
