"""Prediction of motion, compared with what is predicted without learning: everything stays, or goes straight on.

    python benchmarks/motion.py                      all parts, three seeds
    python benchmarks/motion.py --only driving       one part; the others keep their stored results
    python benchmarks/motion.py --quick              a smoke test, writes nothing

The result of each training is stored when it is complete, so that a stopped run continues; `--again` measures anew.
Times are processor seconds of the training process, so that other programs count little; elapsed times are stored too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import stored_parts
import tables

# Part -> the flags of `axone train motion`.
PARTS: dict[str, dict[str, Any]] = {
    "sprites": {},
    "sprites convlstm": {"preset": "convlstm"},
    "two sprites": {"sprites": 2},
    "trajectories": {"preset": "trajectories"},
    "trajectories gru": {"preset": "trajectories", "cell": "gru"},
    "trajectories rnn": {"preset": "trajectories", "cell": "rnn"},
    "driving": {"preset": "driving"},
    "driving alone": {"preset": "driving", "neighbors": 0},
}
SHOWN = (1, 3, 5, 8, 10)  # steps ahead
SPRITES_GOAL, MINUTES, BALLS_GOAL = 0.5, 5, 0.5  # shares of the error of the straight line, and the time allowed
TOLERANCE = 1e-3  # by which a step may be worse, because shares are chosen on the validation set
FILM = "motion.gif"


def main() -> int:
    """Train what is not stored yet, and write the table of all that is."""
    parser = tables.parser(__doc__ or "")
    stored_parts.add_flags(parser, PARTS)
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each part (default: 3)")
    parser.add_argument("--threads", type=int, default=1, help="processor threads (default: 1)")
    options = parser.parse_args()
    options.seeds = 1 if options.quick else options.seeds
    machine = tables.begin(options)
    results: dict[str, list[dict[str, Any]]] = {}
    for part in PARTS:
        for seed in range(options.seeds):
            file, is_asked = f"motion/{part.replace(' ', '-')}-{seed}", options.only in (None, part)
            result = stored_parts.measure_or_read(file, is_asked, options, partial(measure, part, seed, options))
            if result is not None:
                results.setdefault(part, []).append(result)
    if results:
        tables.finish(make_table(results, options), machine, options)
    return 0


def measure(part: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Train once; return the errors of the test set by steps ahead, and the time."""
    import axone
    from axone.engine.context import BuildContext
    from axone.tasks.motion.frame_data import read_frames
    from axone.tasks.motion.horizon import measure_frames, measure_tracks
    from axone.tasks.motion.track_data import join_windows, read_windows
    from axone.tasks.motion.track_network import TrackAnswering

    flags = {**PARTS[part], "seed": seed, "threads": options.threads, "device": "cpu"}
    if options.quick:
        flags |= {"limit": 64, "epochs": 1}
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        run = axone.train("motion", runs_folder=folder, verbose=False, **flags)
        cpu_seconds = time.process_time() - began
        settings: Any = run.settings
        context = BuildContext(facts=run.facts)
        if run.facts["task"] == "frames":
            frames = read_frames(settings, context)
            measured = measure_frames(run.model, frames.test or frames.train)
            film = Path(run.path, "figures", "film-2-final.gif")
            if (part, seed) == ("sprites", 0) and film.is_file():
                tables.save_figure(FILM, film.read_bytes(), options)
        else:
            tracks = read_windows(settings, context)
            answering = TrackAnswering(run.model, run.facts)
            measured = measure_tracks(answering, join_windows(tracks.test or tracks.train))
        elapsed_seconds = run.results["seconds"]
    errors = {name: values.tolist() for name, values in measured.errors.items()}
    network, _still, straight, *_others = errors.values()
    return {
        "part": part,
        "seed": seed,
        "unit": measured.unit,
        "errors": errors,
        "ratio": network[-1] / straight[-1],
        "mean_ratio": sum(network) / sum(straight),
        "never_worse": all(one <= other * (1 + TOLERANCE) for one, other in zip(network, straight)),
        "cpu_seconds": cpu_seconds,
        "elapsed_seconds": elapsed_seconds,
        "parameters": run.results["parameters"],
    }


def make_table(results: dict[str, list[dict[str, Any]]], options: argparse.Namespace) -> tables.Table:
    """Turn the trainings into rows: for each part, the network and the baselines."""
    rows = []
    for part, trainings in results.items():
        for name in trainings[0]["errors"]:
            means = [sum(one["errors"][name][step - 1] for one in trainings) / len(trainings) for step in SHOWN]
            is_network = name == next(iter(trainings[0]["errors"]))
            cells = [f"{value:.4f}" if value < 1 else f"{value:.2f}" for value in means]
            last = [
                tables.mean_of([one["ratio"] for one in trainings], 3),
                tables.mean_of([one["cpu_seconds"] for one in trainings], 0),
            ]
            rows.append([part if is_network else "", name, *cells, *(last if is_network else ["", ""])])
    verdicts = []
    if "sprites" in results:
        one = results["sprites"]
        worst, slowest = max(r["ratio"] for r in one), max(r["cpu_seconds"] for r in one)
        verdicts.append(
            tables.verdict(
                f"bouncing sprites: at most {SPRITES_GOAL} of the error of the straight line, ten steps ahead, after "
                f"{MINUTES} minutes",
                worst <= SPRITES_GOAL and slowest <= 60 * MINUTES, f"{worst:.3f} after {slowest:.0f} s",
            )
        )  # fmt: skip
    if "trajectories" in results:
        one = results["trajectories"]
        worst = max(r["mean_ratio"] for r in one)
        verdicts.append(
            tables.verdict(
                f"balls: at most {BALLS_GOAL} of the error of the straight line, mean of all steps",
                worst <= BALLS_GOAL, f"{worst:.3f}",
            )
        )  # fmt: skip
    tracks = [r for part, one in results.items() if part.startswith(("trajectories", "driving")) for r in one]
    if tracks:
        worse = sum(not r["never_worse"] for r in tracks)
        verdicts.append(
            tables.verdict(
                "tracks: at no step worse than the straight line on the test set", worse == 0,
                f"{worse} of {len(tracks)} trainings have such a step",
            )
        )  # fmt: skip
    headers = {}
    if {"sprites", "trajectories", "driving"} <= results.keys():
        ratios = {part: sum(r["ratio"] for r in one) / len(one) for part, one in results.items()}
        seconds = {part: sum(r["cpu_seconds"] for r in one) / len(one) for part, one in results.items()}
        headers["motion"] = (
            f"errors ten steps ahead as shares of that of the straight line (mean of {len(results['sprites'])} seeds): "
            + ", ".join(f"{part} {ratios[part]:.2f} after {seconds[part]:.0f} s" for part in results)
            + "."
        )
    return tables.Table(
        name="motion",
        title="Prediction of motion",
        question=(
            "`axone train motion`: scenes of 32 x 32 pixels with bouncing sprites (mean squared error of the pixels), "
            "bouncing balls and cars in traffic (mean distance in meters). The error of the test set by steps ahead."
        ),
        columns=["data", "prediction", *(f"+{step}" for step in SHOWN), "share of straight, +10", "CPU seconds"],
        rows=rows,
        raw=results,
        verdicts=verdicts,
        notes=[
            f"Threads: {options.threads}. CPU seconds: of the whole process from reading the data to the report.",
            "Sprites go straight on as the generator knows them, and leave the scene: that line is exact "
            "until the first reflection.",
            "Tracks go straight on with the mean velocity of as many last steps as suit the training data best.",
            "`driving alone` does not see the other cars.",
        ],
        headers=headers,
        figures={FILM: "Left the true frames, in the middle the predicted ones, right their difference."}
        if "sprites" in results
        else {},
    )


if __name__ == "__main__":
    sys.exit(main())
